import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, said } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

describe('Slack over signed HTTP requests', () => {
  let lab: Lab;
  let bot: Bot;
  beforeAll(async () => {
    lab = await startLab({ mode: 'http' });
    bot = await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const post = (body: string, signature: string, timestamp: number) =>
    fetch(`${bot.health}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-slack-request-timestamp': String(timestamp),
        'x-slack-signature': signature,
      },
    });
  const sign = (body: string, timestamp: number) =>
    `v0=${createHmac('sha256', lab.env.SLACK_SIGNING_SECRET ?? '')
      .update(`v0:${timestamp}:${body}`)
      .digest('hex')}`;

  it('P1 the whole story: request, a form, two votes, the backup, its thread and its file', async () => {
    expect(lab.env).not.toHaveProperty('SLACK_APP_TOKEN');
    expect(await lab.operator.slash('/ops backup')).toEqual({ ok: true });
    const form = await lab.operator.waitFor((person) => person.view());
    expect(await lab.operator.submit(form, { Site: 'acme' })).toEqual({ ok: true });
    const told = await lab.told(lab.operator, /Operation [0-9a-z]{8} is recorded/);
    const id = /Operation ([0-9a-z]{8})/.exec(told.text)?.[1] ?? '';
    await lab.untilState(id, 'awaiting approval');
    await lab.approve(id);
    const done = await lab.untilState(id, ['succeeded', 'failed', 'lost']);
    expect(shown(done)).toMatch(/sha256.*[0-9a-f]{64}/);
    const thread = await until('the log file', () => {
      const replies = lab.operator.thread(done.channel, done.ts);
      return replies.some((reply) => reply.files.length > 0) ? replies : null;
    });
    expect(thread.map(shown).join('\n')).toContain('saving database definition');
    expect(said(await ask(lab.operator, '/ops history acme'))).toContain(id);
  });

  it('health, readiness and metrics are served beside it on the same port', async () => {
    expect(bot.health).toBe(`http://127.0.0.1:${lab.env.HTTP_PORT}`);
    expect(await (await fetch(`${bot.health}/healthz`)).text()).toBe('ok\n');
    const ready = await fetch(`${bot.health}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { database: true, slack: true, engine: true }]);
    expect(await (await fetch(`${bot.health}/metrics`)).text()).toContain('twokey_ack_seconds_bucket');
    expect((await fetch(`${bot.health}/elsewhere`)).status).toBe(404);
  });

  it('P10 a port that is taken ends the start with words, instead of being taken for an absent Slack', async () => {
    await expect(lab.bot()).rejects.toThrow(/cannot be listened for: .*EADDRINUSE[\s\S]*Next: .*HTTP_PORT/);
  });

  it('P8 a request that is not signed by Slack, or signed long ago, is refused with 401 and does nothing', async () => {
    const body = new URLSearchParams({ command: '/ops', text: 'backup acme', user_id: 'U0REQ' }).toString();
    const at = Math.floor(Date.now() / 1000);
    const before = await lab.rows('select count(*) as n from twokey.audit');
    expect((await post(body, `v0=${'0'.repeat(64)}`, at)).status).toBe(401);
    expect((await post(`${body}&x=1`, sign(body, at), at)).status).toBe(401);
    expect((await post(body, sign(body, at - 600), at - 600)).status).toBe(401);
    expect(await lab.rows('select count(*) as n from twokey.audit')).toEqual(before);
  });

  it('P10 somebody who was deactivated while the command was on its way is refused', async () => {
    const answers: string[] = [];
    const server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => answers.push(text));
      request.on('end', () => response.end('ok'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    lab.workspace.addUser('U0GONE', 'gone', { deactivated: true });
    const body = new URLSearchParams({
      command: '/ops',
      text: 'backup acme',
      user_id: 'U0GONE',
      team_id: 'T0LOCAL',
      channel_id: 'C0OPS',
      trigger_id: '1.2',
      response_url: `http://127.0.0.1:${port}/`,
    }).toString();
    const at = Math.floor(Date.now() / 1000);
    expect((await post(body, sign(body, at), at)).status).toBe(200);
    await until('the answer', () => answers.join('').includes('deactivated people'));
    server.close();
    const rows = await lab.rows(`select data->>'code' as code from twokey.audit where actor = 'U0GONE'`);
    expect(rows).toEqual([{ code: 'foreign_user' }]);
  });

  it('every request was acknowledged in time, and the process leaves in order', async () => {
    expect(lab.workspace.journal.acks.length).toBeGreaterThan(4);
    expect(lab.workspace.journal.acks.every((ack) => ack.outcome === 'ok')).toBe(true);
    expect(lab.workspace.journal.violations).toEqual([]);
    expect(await bot.stop()).toBe(0);
  });
});
