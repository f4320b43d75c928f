import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { NO_RATE_LIMITS } from '../../../src/workspace/limits.ts';
import { startWorkspace } from '../../../src/workspace/server.ts';
import { MANIFEST, type Mode, socketApp, startPair, stopped } from './boltApp.ts';

const quiet = (app: App): void => {
  app.command('/ops', async ({ ack }) => ack());
};

describe.each<Mode>(['socket', 'http'])('acknowledgements over %s', (mode) => {
  it('records a late one, and the person reads that it timed out', async () => {
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await using pair = await startPair(
      mode,
      (app) => {
        app.command('/ops', async ({ ack }) => {
          await held;
          await ack();
        });
      },
      { limits: { ackMs: 100 } },
    );
    const done = await pair.slack.human('operator').slash('/ops slow');
    expect(done).toEqual({ ok: false, error: expect.stringContaining('timed out') });
    expect(pair.slack.journal.violations).toMatchObject([
      { what: 'late_ack', detail: expect.stringContaining('/ops') },
    ]);
    release();
    const ack = await pair.slack.human('operator').waitFor(() => pair.slack.journal.acks[0]);
    expect(ack.outcome).toBe('late');
    expect(ack.ms).toBeGreaterThan(100);
  });

  it('delivers a payload twice when told to', async () => {
    let heard = 0;
    await using pair = await startPair(mode, (app) => {
      app.command('/ops', async ({ ack }) => {
        heard += 1;
        await ack();
      });
    });
    pair.slack.faults.duplicateEnvelopes(1);
    await pair.slack.human('operator').slash('/ops a');
    await pair.slack.human('operator').waitFor(() => heard === 2);
    await pair.slack.human('operator').slash('/ops b');
    expect(heard).toBe(3);
    expect(new Set(pair.slack.journal.envelopes.map((envelope) => envelope.id)).size).toBe(2);
  });

  it('sends no command that the manifest does not declare, and none in a thread', async () => {
    await using pair = await startPair(mode, quiet);
    const operator = pair.slack.human('operator');
    expect(await operator.slash('/other')).toMatchObject({
      ok: false,
      error: expect.stringContaining('not a valid command'),
    });
    expect(await operator.slash('/ops x', 'operations', { thread: '1.0' })).toMatchObject({
      ok: false,
      error: '/ops is not supported in threads. Sorry!',
    });
    expect(pair.slack.journal.envelopes).toEqual([]);
  });
});

describe('Socket Mode connections', () => {
  it('tells a person when there is none', async () => {
    await using slack = await startWorkspace({ manifestFile: MANIFEST });
    expect(await slack.human('operator').slash('/ops x')).toEqual({
      ok: false,
      error: '/ops failed because the app did not respond',
    });
  });

  it('gives each payload to exactly one of two, and both get some', async () => {
    const heard: string[] = [];
    const listen = (name: string) => (app: App) => {
      app.command('/ops', async ({ ack, command }) => {
        heard.push(`${name} ${command.text}`);
        await ack();
      });
    };
    await using pair = await startPair('socket', listen('one'));
    const second = socketApp(pair.slack);
    listen('two')(second);
    await second.init();
    await second.start();
    expect(pair.slack.connections).toBe(2);
    for (let n = 0; n < 40; n += 1) await pair.slack.human('operator').slash(`/ops ${n}`);
    await stopped(second, pair.slack);
    expect(heard.map((line) => line.split(' ')[1])).toEqual(Array.from({ length: 40 }, (_, n) => String(n)));
    expect(new Set(heard.map((line) => line.split(' ')[0]))).toEqual(new Set(['one', 'two']));
  });

  it.each(['warning', 'refresh_requested'] as const)('are renewed after a disconnect with %s', async (reason) => {
    await using pair = await startPair('socket', quiet);
    pair.slack.disconnectAll(reason);
    expect(pair.slack.connections).toBe(0);
    await pair.slack.human('operator').waitFor(() => pair.slack.connections === 1);
    expect(await pair.slack.human('operator').slash('/ops x')).toEqual({ ok: true });
  });

  it('are cut when Slack is down and come back after', async () => {
    await using pair = await startPair('socket', quiet);
    const { slack, app } = pair;
    slack.faults.down();
    await expect(app.client.auth.test()).rejects.toThrow();
    expect(await slack.human('operator').slash('/ops x')).toMatchObject({ ok: false });
    slack.faults.up();
    await slack.human('operator').waitFor(() => slack.connections === 1);
    expect(await slack.human('operator').slash('/ops x')).toEqual({ ok: true });
    expect(slack.journal.violations).toEqual([]);
  });

  it('get an event again when it was not acknowledged, with the number of the attempt', async () => {
    await using slack = await startWorkspace({
      manifestFile: MANIFEST,
      limits: { ackMs: 60, eventRetryMs: [0, 10, 10] },
    });
    // Bolt acknowledges events by itself, so the app is a bare socket here.
    const opened = await new WebClient(undefined, { slackApiUrl: slack.apiUrl }).apps.connections.open({
      token: slack.env.SLACK_APP_TOKEN ?? '',
    });
    const socket = new WebSocket(String(opened.url));
    const heard: { envelope_id?: string; type: string; retry_attempt?: number; payload?: { event_id: string } }[] = [];
    socket.addEventListener('message', ({ data }) => {
      const envelope = JSON.parse(String(data));
      heard.push(envelope);
      if (envelope.retry_attempt === 2) socket.send(JSON.stringify({ envelope_id: envelope.envelope_id }));
    });
    const admin = slack.human('admin');
    await admin.waitFor(() => heard[0]?.type === 'hello');
    slack.updateUser('viewer', { deactivated: true });
    await admin.waitFor(() => slack.journal.acks.some((ack) => ack.outcome === 'ok'));
    const events = heard.filter((envelope) => envelope.type === 'events_api');
    expect(events.map((envelope) => envelope.retry_attempt)).toEqual([0, 1, 2]);
    expect(new Set(events.map((envelope) => envelope.payload?.event_id)).size).toBe(1);
    expect(slack.journal.violations).toMatchObject([{ what: 'late_ack' }, { what: 'late_ack' }]);
    socket.close();
  });
});

describe('faults', () => {
  it('break the answer before the work, or after it', async () => {
    await using pair = await startPair('socket', quiet, { limits: NO_RATE_LIMITS });
    const post = (text: string) => pair.app.client.chat.postMessage({ channel: 'C0OPS', text });
    pair.slack.faults.add({ method: 'chat.postMessage', error: 'internal_error', times: 1 });
    await expect(post('1')).rejects.toThrow('internal_error');
    pair.slack.faults.add({ method: 'chat.postMessage', httpStatus: 503, times: 1 });
    await expect(post('2')).rejects.toThrow('503');
    pair.slack.faults.add({ method: '*', dropConnection: true, times: 1 });
    await expect(post('3')).rejects.toThrow();
    expect(pair.slack.human('viewer').sees()).toEqual([]);
    pair.slack.faults.add({ method: 'chat.postMessage', dropConnection: true, afterEffect: true, times: 1 });
    await expect(post('4')).rejects.toThrow();
    await post('5');
    expect(
      pair.slack
        .human('viewer')
        .sees()
        .map((message) => message.text),
    ).toEqual(['4', '5']);
    expect(pair.slack.journal.calls('chat.postMessage').map((one) => [one.ok, one.fault, one.status])).toEqual([
      [false, true, 200],
      [false, true, 503],
      [false, true, 0],
      [false, true, 0],
      [true, false, 200],
    ]);
  });
});

describe('the data directory', () => {
  it('keeps messages, threads, metadata, people and files over a restart', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'workspace-'));
    try {
      let parent = '';
      {
        await using pair = await startPair('socket', quiet, { dataDir });
        const posted = await pair.app.client.chat.postMessage({
          channel: 'C0OPS',
          text: 'card',
          metadata: { event_type: 'operation', event_payload: { id: 'op-1' } },
        });
        parent = String(posted.ts);
        await pair.app.client.filesUploadV2({
          channel_id: 'C0OPS',
          thread_ts: parent,
          filename: 'a.log',
          content: 'log',
        });
        pair.slack.updateUser('viewer', { guest: true });
      }
      await using pair = await startPair('socket', quiet, { dataDir });
      const thread = pair.slack.human('viewer').thread('operations', parent);
      expect(thread).toMatchObject([{ text: 'card', reply_count: 1 }, { files: [{ name: 'a.log' }] }]);
      const file = await fetch(`${pair.slack.url}/ui/file/${thread[1]?.files[0]?.id}`);
      expect(await file.text()).toBe('log');
      const history = await pair.app.client.conversations.history({ channel: 'C0OPS', include_all_metadata: true });
      expect(history.messages?.[0]?.metadata?.event_payload).toEqual({ id: 'op-1' });
      expect((await pair.app.client.users.info({ user: 'U0VIEW' })).user?.is_restricted).toBe(true);
      const next = await pair.app.client.chat.postMessage({ channel: 'C0OPS', text: 'later' });
      expect(Number(next.ts)).toBeGreaterThan(Number(parent));
    } finally {
      await rm(dataDir, { recursive: true });
    }
  });
});
