import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import type { UiEvent } from '../../../src/workspace/protocol.ts';
import { startWorkspace, type Workspace } from '../../../src/workspace/server.ts';
import { MANIFEST, startPair } from './boltApp.ts';

const field = (blockId: string) => ({
  type: 'input' as const,
  block_id: blockId,
  label: { type: 'plain_text' as const, text: blockId },
  element: { type: 'plain_text_input' as const, action_id: 'text' },
});
const modal = (title: string) => ({
  type: 'modal' as const,
  callback_id: 'form',
  title: { type: 'plain_text' as const, text: title },
  submit: { type: 'plain_text' as const, text: 'Next' },
  blocks: [field('name')],
});

function register(app: App): void {
  app.command('/ops', async ({ ack, command, client, respond }) => {
    await ack();
    if (command.text === 'form') await client.views.open({ trigger_id: command.trigger_id, view: modal('1') });
    else
      await respond({
        text: 'choose',
        blocks: [
          {
            type: 'actions',
            block_id: 'b',
            elements: [{ type: 'button', action_id: 'gone', text: { type: 'plain_text', text: 'Dismiss' } }],
          },
        ],
      });
  });
  app.action('gone', async ({ ack, respond, body }) => {
    await ack();
    await respond({ delete_original: true });
    if (body.type === 'block_actions' && body.message !== undefined)
      throw new Error('an ephemeral message was repeated');
  });
  app.view('form', async ({ ack, view }) => {
    await ack({ response_action: 'push', view: modal(`${view.title.text}+`) });
  });
}

async function as(slack: Workspace, person: string, path: string, body?: object): Promise<unknown> {
  const answer = await fetch(slack.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'x-person': person },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return await answer.json();
}

describe('the routes of the page', () => {
  it('show a person their workspace, and let them command, press and dismiss', async () => {
    await using pair = await startPair('socket', register);
    const { slack } = pair;
    expect(await as(slack, 'U0REQ', '/ui/state')).toMatchObject({
      me: 'U0REQ',
      appConnected: true,
      commands: [{ command: '/ops' }],
      channels: [{ name: 'operations', direct: false }, { name: 'alerts' }, { name: 'reports' }, { name: 'audit' }],
    });
    const events: UiEvent[] = [];
    const page = new WebSocket(`${slack.url.replace('http', 'ws')}/ui/socket?person=U0REQ`);
    page.addEventListener('message', ({ data }) => events.push(JSON.parse(String(data))));
    await once(page, 'open');
    expect(await as(slack, 'U0REQ', '/ui/slash', { channel: 'C0OPS', text: '/ops choose' })).toEqual({ ok: true });
    const operator = slack.human('operator');
    const shown = await operator.waitFor(() => events.find((event) => event.type === 'message'));
    expect(shown.message).toMatchObject({ text: 'choose', ephemeral: true });
    const press = { channel: 'C0OPS', ts: shown.message.ts, action_id: 'gone', block_id: 'b' };
    expect(await as(slack, 'U0VIEW', '/ui/click', press)).toMatchObject({ ok: false });
    expect(await as(slack, 'U0REQ', '/ui/click', { ...press, action_id: 'forged' })).toMatchObject({ ok: false });
    expect(await as(slack, 'U0REQ', '/ui/click', press)).toEqual({ ok: true });
    await operator.waitFor(() => events.some((event) => event.type === 'deleted' && event.ts === shown.message.ts));
    expect(await as(slack, 'U0REQ', '/ui/channel/C0OPS')).toEqual({ messages: [] });
    page.close();
  });

  it('push what is said into other pages, threads included', async () => {
    await using slack = await startWorkspace({ manifestFile: MANIFEST });
    const events: UiEvent[] = [];
    const page = new WebSocket(`${slack.url.replace('http', 'ws')}/ui/socket?person=U0APA`);
    page.addEventListener('message', ({ data }) => events.push(JSON.parse(String(data))));
    await once(page, 'open');
    await as(slack, 'U0REQ', '/ui/say', { channel: 'C0OPS', text: 'hello' });
    const parent = slack.human('operator').sees()[0];
    await as(slack, 'U0REQ', '/ui/say', { channel: 'C0OPS', text: 'a reply', thread_ts: parent?.ts });
    await slack.human('operator').waitFor(() => events.length === 3);
    expect(events).toMatchObject([
      { type: 'message', message: { text: 'hello', user: 'U0REQ', reply_count: 0 } },
      { type: 'message', message: { text: 'a reply', thread_ts: parent?.ts } },
      { type: 'changed', message: { text: 'hello', reply_count: 1 } },
    ]);
    slack.deleteMessage('operations', parent?.ts ?? '');
    expect(slack.human('operator').thread('operations', parent?.ts ?? '')).toMatchObject([
      { text: 'This message was deleted.' },
      { text: 'a reply' },
    ]);
    page.close();
  });

  it('stack at most three modals', async () => {
    await using pair = await startPair('socket', register);
    const operator = pair.slack.human('operator');
    await operator.slash('/ops form');
    const first = await operator.waitFor(() => operator.view());
    const submit = (viewId: string) =>
      as(pair.slack, 'U0REQ', '/ui/view/submit', {
        view_id: viewId,
        values: { name: { text: { type: 'plain_text_input', value: 'x' } } },
      });
    expect(await submit(first.id)).toEqual({ ok: true });
    expect(operator.view()?.title).toBe('1+');
    await submit(operator.view()?.id ?? '');
    expect(operator.view()?.title).toBe('1++');
    expect(await submit(operator.view()?.id ?? '')).toMatchObject({ ok: false });
    expect(pair.slack.journal.violations).toMatchObject([
      { what: 'bad_ack', detail: expect.stringContaining('push_limit') },
    ]);
    const third = operator.view();
    if (third !== null) await operator.close(third);
    expect(operator.view()?.title).toBe('1+');
  });

  it('answer no other site in the same browser', async () => {
    await using slack = await startWorkspace({ manifestFile: MANIFEST });
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${slack.url}/ui/state`, { headers })).status;
    expect(await status({ 'x-person': 'U0REQ', origin: 'http://evil.example' })).toBe(403);
    expect(await status({ 'x-person': 'U0REQ', origin: slack.url })).toBe(200);
    expect(await status({})).toBe(401);
  });

  it('serve the built page and nothing outside its folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'page-'));
    try {
      await mkdir(join(folder, 'dist'));
      await writeFile(join(folder, 'dist', 'index.html'), '<h1>page</h1>');
      await writeFile(join(folder, 'secret'), 'no');
      await using slack = await startWorkspace({ manifestFile: MANIFEST, pageDir: join(folder, 'dist') });
      expect(await (await fetch(slack.url)).text()).toBe('<h1>page</h1>');
      expect((await fetch(`${slack.url}/..%2fsecret`)).status).toBe(404);
      expect(await (await fetch(`${slack.url}/healthz`)).json()).toEqual({ ok: true });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the command line', () => {
  it('prints the URL once it answers, ends within a second of SIGTERM and keeps what was said', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'workspace-'));
    const main = new URL('../../../src/workspace/main.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [main, '--data', dataDir, '--manifest', MANIFEST], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [url] = await once(createInterface(child.stdout), 'line');
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      await fetch(`${url}/ui/say`, {
        method: 'POST',
        headers: { 'x-person': 'U0REQ' },
        body: JSON.stringify({ channel: 'C0OPS', text: 'kept' }),
      });
      const asked = performance.now();
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      expect(code).toBe(0);
      expect(performance.now() - asked).toBeLessThan(1000);
      expect(await readFile(join(dataDir, 'workspace.json'), 'utf8')).toContain('"kept"');
    } finally {
      child.kill('SIGKILL');
      await rm(dataDir, { recursive: true });
    }
  });
});
