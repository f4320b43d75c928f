import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from '@slack/bolt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startWorkspace, type Workspace } from '../../../src/workspace/server.ts';
import { MANIFEST, startPair } from './boltApp.ts';

const files = (element: object = {}) => ({
  type: 'input' as const,
  block_id: 'file',
  label: { type: 'plain_text' as const, text: 'File' },
  element: { type: 'file_input' as const, action_id: 'value', max_files: 1, ...element },
});
const modal = (element: object = {}) => ({
  type: 'modal' as const,
  callback_id: 'form',
  title: { type: 'plain_text' as const, text: 'Upload' },
  submit: { type: 'plain_text' as const, text: 'Send' },
  blocks: [files(element)],
});

const submissions: unknown[] = [];
function register(app: App): void {
  app.command('/ops', async ({ ack, command, client }) => {
    await ack();
    const element = command.text === 'typed' ? { filetypes: ['tar'] } : {};
    await client.views.open({ trigger_id: command.trigger_id, view: modal(element) });
  });
  app.view('form', async ({ ack, view }) => {
    submissions.push(view.state.values);
    await ack();
  });
}

const answered = z.looseObject({ ok: z.boolean(), file: z.record(z.string(), z.unknown()).optional() });

const call = async (slack: Workspace, method: string, body: object) => {
  const answer = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return answered.parse(await answer.json());
};

describe('a file in a form, as Slack takes it', () => {
  let pair: Awaited<ReturnType<typeof startPair>>;
  beforeAll(async () => {
    pair = await startPair('socket', register);
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it('is uploaded by a person, told to the app as a file object, and fetched with the token alone', async () => {
    const { slack } = pair;
    const operator = slack.human('operator');
    await operator.slash('/ops');
    const view = await operator.waitFor((person) => person.view());
    expect(await operator.submit(view)).toMatchObject({ errors: { file: expect.stringContaining('required') } });
    const id = await operator.upload('app-8.2.0.tar.gz', Buffer.from('some bytes'));
    await expect(
      operator.submit(view, { File: await slack.human('admin').upload('a.tar', Buffer.from('x')) }),
    ).rejects.toThrow();
    const both = [id, await operator.upload('b.tar', Buffer.from('x'))];
    expect(await operator.submit(view, { File: both })).toMatchObject({ errors: { file: 'At most 1 file, please.' } });
    expect(await operator.submit(view, { File: id })).toEqual({ ok: true });
    expect(submissions).toMatchObject([{ file: { value: { type: 'file_input', files: [{ id, user: 'U0REQ' }] } } }]);
    const info = await call(slack, 'files.info', { file: id });
    const url = String(info.file?.url_private_download);
    const get = (headers: Record<string, string> = {}) => fetch(url, { headers, redirect: 'manual' });
    expect(await (await get({ authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}` })).text()).toBe('some bytes');
    expect((await get()).status).toBe(302);
    expect((await get({ authorization: 'Bearer xoxb-somebody-else' })).status).toBe(302);
    slack.faults.add({ method: 'files.download', times: 1, dropConnection: true });
    await expect(
      get({ authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}` }).then((answer) => answer.text()),
    ).rejects.toThrow();
    slack.deleteFile(id);
    expect((await get({ authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}` })).status).toBe(404);
  });

  it('is refused when it is too large or of another type', async () => {
    const operator = pair.slack.human('operator');
    await operator.slash('/ops typed');
    const view = await operator.waitFor((person) => person.view());
    const gz = await operator.upload('app.tar.gz', Buffer.from('x'));
    expect(await operator.submit(view, { File: gz })).toMatchObject({
      errors: { file: expect.stringContaining('not supported') },
    });
    const large = await operator.upload('app.tar', Buffer.alloc(10_000_001));
    expect(await operator.submit(view, { File: large })).toMatchObject({
      errors: { file: expect.stringContaining('smaller than 10 MB') },
    });
  });

  it('is asked for in modals only', async () => {
    const { slack } = pair;
    const posted = await call(slack, 'chat.postMessage', { channel: 'C0OPS', text: 'x', blocks: [files()] });
    expect(posted).toMatchObject({ ok: false, error: 'invalid_blocks' });
    const home = { type: 'home', blocks: [files()] };
    expect(await call(slack, 'views.publish', { user_id: 'U0REQ', view: home })).toMatchObject({ ok: false });
  });
});

it('without the scope files:read there is no such form, no word of a file, and a page instead of its bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'twokey-manifest-'));
  try {
    const manifestFile = join(folder, 'manifest.yml');
    await writeFile(manifestFile, readFileSync(MANIFEST, 'utf8').replace(/^.*files:read.*\n/m, ''));
    await using slack = await startWorkspace({ manifestFile });
    const id = await slack.human('operator').upload('a.tar', Buffer.from('x'));
    expect(await call(slack, 'files.info', { file: id })).toMatchObject({ error: 'missing_scope' });
    const opened = await call(slack, 'views.open', { trigger_id: 'none', view: modal() });
    expect(JSON.stringify(opened)).toMatch(/invalid_arguments.*files:read/);
    const got = await fetch(`${slack.url}/files-pri/T0LOCAL-${id}/download/a.tar`, {
      headers: { authorization: `Bearer ${slack.env.SLACK_BOT_TOKEN}` },
    });
    expect([got.status, got.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
