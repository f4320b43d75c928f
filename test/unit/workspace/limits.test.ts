import { WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NO_RATE_LIMITS, type WorkspaceLimits } from '../../../src/workspace/limits.ts';
import { startWorkspace } from '../../../src/workspace/server.ts';
import { MANIFEST } from './boltApp.ts';

async function client(limits: WorkspaceLimits = {}) {
  const slack = await startWorkspace({ manifestFile: MANIFEST, limits });
  const web = new WebClient(slack.env.SLACK_BOT_TOKEN ?? '', {
    slackApiUrl: slack.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  });
  return { slack, web, [Symbol.asyncDispose]: () => slack.close() };
}

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
const buttons = (count: number) => ({
  type: 'actions',
  elements: Array.from({ length: count }, (_, index) => ({
    type: 'button',
    action_id: `a${index}`,
    text: { type: 'plain_text', text: 'x' },
  })),
});
const long = (length: number): string => 'x'.repeat(length);

describe('the limits of a message', () => {
  const refused: [string, object[], string][] = [
    ['an unknown block', [{ type: 'marquee' }], '/blocks/0/type'],
    ['a video', [{ type: 'video' }], '/blocks/0/type'],
    ['51 blocks', Array.from({ length: 51 }, () => ({ type: 'divider' })), '/blocks]'],
    [
      'a section of 3001',
      [section(long(3001))],
      'must be less than 3001 characters [json-pointer:/blocks/0/text/text]',
    ],
    ['an empty section', [section('')], 'must be more than 0 characters'],
    ['a section without text', [{ type: 'section' }], 'missing required field: text'],
    [
      '11 fields',
      [{ type: 'section', fields: Array.from({ length: 11 }, () => ({ type: 'mrkdwn', text: 'x' })) }],
      '/fields',
    ],
    ['a field of 2001', [{ type: 'section', fields: [{ type: 'mrkdwn', text: long(2001) }] }], '/fields/0/text'],
    ['a header of 151', [{ type: 'header', text: { type: 'plain_text', text: long(151) } }], 'less than 151'],
    ['a header in mrkdwn', [{ type: 'header', text: { type: 'mrkdwn', text: 'x' } }], '/blocks/0/text/type'],
    [
      '11 context elements',
      [{ type: 'context', elements: Array.from({ length: 11 }, () => ({ type: 'mrkdwn', text: 'x' })) }],
      '/elements',
    ],
    ['26 buttons', [buttons(26)], 'no more than 25 items'],
    [
      'a button of 76',
      [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: long(76) } }] }],
      '/elements/0/text/text',
    ],
    [
      'a value of 2001',
      [{ type: 'actions', elements: [{ type: 'button', text: { type: 'plain_text', text: 'x' }, value: long(2001) }] }],
      '/value',
    ],
    [
      'an action_id of 256',
      [
        {
          type: 'actions',
          elements: [{ type: 'button', text: { type: 'plain_text', text: 'x' }, action_id: long(256) }],
        },
      ],
      '/action_id',
    ],
    [
      'the same action_id twice',
      [{ type: 'actions', elements: [...buttons(1).elements, ...buttons(1).elements] }],
      'unique',
    ],
    [
      'the same block_id twice',
      [
        { type: 'divider', block_id: 'b' },
        { type: 'divider', block_id: 'b' },
      ],
      'block_id already exists',
    ],
    ['a foreign property', [{ type: 'divider', colour: 'red' }], 'invalid additional property: colour'],
    ['an image of no address', [{ type: 'image', alt_text: 'x' }], 'exactly one'],
    ['an image of an unknown file', [{ type: 'image', alt_text: 'x', slack_file: { id: 'F0' } }], 'invalid slack file'],
    ['markdown of 12001', [{ type: 'markdown', text: long(12_001) }], 'less than 12001'],
    [
      '101 rows',
      [{ type: 'table', rows: Array.from({ length: 101 }, () => [{ type: 'raw_text', text: 'x' }]) }],
      '/rows',
    ],
    [
      '21 cells',
      [{ type: 'table', rows: [Array.from({ length: 21 }, () => ({ type: 'raw_text', text: 'x' }))] }],
      '/rows/0',
    ],
    ['a bad status of a task', [{ type: 'task_card', task_id: 't', title: 'x', status: 'done' }], '/status'],
    [
      '101 options',
      [
        {
          type: 'actions',
          elements: [
            {
              type: 'static_select',
              options: Array.from({ length: 101 }, (_, n) => ({
                text: { type: 'plain_text', text: 'x' },
                value: `${n}`,
              })),
            },
          ],
        },
      ],
      '/options',
    ],
    [
      '6 overflow options',
      [
        {
          type: 'section',
          text: { type: 'mrkdwn', text: 'x' },
          accessory: {
            type: 'overflow',
            options: Array.from({ length: 6 }, (_, n) => ({ text: { type: 'plain_text', text: 'x' }, value: `${n}` })),
          },
        },
      ],
      '/accessory/options',
    ],
    [
      'an initial option not offered',
      [
        {
          type: 'actions',
          elements: [
            {
              type: 'static_select',
              options: [{ text: { type: 'plain_text', text: 'a' }, value: 'a' }],
              initial_option: { text: { type: 'plain_text', text: 'b' }, value: 'b' },
            },
          ],
        },
      ],
      'initial option',
    ],
  ];

  it('refuses what Slack refuses and says where', async () => {
    await using pair = await client(NO_RATE_LIMITS);
    for (const [name, blocks, where] of refused) {
      const answer = await call(pair.slack.apiUrl, 'chat.postMessage', { channel: 'C0OPS', text: 't', blocks });
      expect(answer, name).toMatchObject({ ok: false, error: 'invalid_blocks' });
      expect(answer.response_metadata?.messages?.join('\n'), name).toContain(where);
    }
    expect(pair.slack.human('operator').sees()).toEqual([]);
  });

  it('takes what is just within', async () => {
    await using pair = await client(NO_RATE_LIMITS);
    const accepted: object[][] = [
      Array.from({ length: 50 }, () => ({ type: 'divider' })),
      [section(long(3000)), buttons(25), { type: 'header', text: { type: 'plain_text', text: long(150) } }],
      [{ type: 'markdown', text: long(12_000) }],
      [
        {
          type: 'table',
          rows: Array.from({ length: 100 }, () => Array.from({ length: 20 }, () => ({ type: 'raw_text', text: 'x' }))),
        },
      ],
      [
        {
          type: 'plan',
          title: 'Upgrade',
          tasks: [
            {
              type: 'task_card',
              task_id: '1',
              title: 'Dump',
              status: 'in_progress',
              output: {
                type: 'rich_text',
                elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'pg_dump ...' }] }],
              },
            },
          ],
        },
      ],
    ];
    for (const blocks of accepted) {
      expect(await call(pair.slack.apiUrl, 'chat.postMessage', { channel: 'C0OPS', text: 't', blocks })).toMatchObject({
        ok: true,
      });
    }
  });

  it('refuses a message whose blocks are too long as a whole', async () => {
    await using pair = await client();
    const blocks = Array.from({ length: 5 }, () => section(long(2900)));
    const answer = await call(pair.slack.apiUrl, 'chat.postMessage', { channel: 'C0OPS', text: 't', blocks });
    expect(answer).toMatchObject({ ok: false, error: 'msg_blocks_too_long' });
  });

  it('cuts a long post, refuses a long update, and an update with a text alone takes the blocks away', async () => {
    await using pair = await client(NO_RATE_LIMITS);
    const posted = await pair.web.chat.postMessage({
      channel: 'C0OPS',
      text: long(40_001),
      blocks: [{ type: 'divider' }],
    });
    const ts = String(posted.ts);
    expect(posted.message?.text).toHaveLength(40_000);
    await expect(pair.web.chat.update({ channel: 'C0OPS', ts, text: long(4001) })).rejects.toThrow('msg_too_long');
    await pair.web.chat.update({ channel: 'C0OPS', ts, text: 'short' });
    expect(pair.slack.human('viewer').sees()).toMatchObject([{ text: 'short', blocks: [], edited: true }]);
    pair.slack.human('viewer').say('mine');
    const theirs = pair.slack.human('viewer').sees().at(-1);
    await expect(pair.web.chat.update({ channel: 'C0OPS', ts: theirs?.ts ?? '', text: 'x' })).rejects.toThrow(
      'cant_update_message',
    );
  });
});

describe('rate limits', () => {
  it('lets a burst into a channel, then answers 429 with Retry-After; other channels go on', async () => {
    await using pair = await client();
    for (let n = 0; n < 3; n += 1) await pair.web.chat.postMessage({ channel: 'C0OPS', text: String(n) });
    await expect(pair.web.chat.postMessage({ channel: 'C0OPS', text: '3' })).rejects.toMatchObject({ retryAfter: 1 });
    await pair.web.chat.postMessage({ channel: 'C0ALERT', text: 'elsewhere' });
    expect(pair.slack.journal.limited).toMatchObject([
      { method: 'chat.postMessage', key: 'chat.postMessage C0OPS', retryAfterSec: 1 },
    ]);
    expect(pair.slack.human('viewer').sees()).toHaveLength(3);
  });

  it('limits chat.update over all channels together', async () => {
    await using pair = await client({ tier3PerMinute: 4 });
    const { ts } = await pair.web.chat.postMessage({ channel: 'C0OPS', text: 'card' });
    const update = () => pair.web.chat.update({ channel: 'C0OPS', ts: String(ts), text: 'x' });
    await update();
    await update();
    await expect(update()).rejects.toMatchObject({ retryAfter: 15 });
  });
});

describe('tokens, scopes and methods', () => {
  it('answers bad tokens, missing scopes and unknown methods as Slack does', async () => {
    await using pair = await client();
    const bad = (token?: string) =>
      new WebClient(token, { slackApiUrl: pair.slack.apiUrl, retryConfig: { retries: 0 } });
    await expect(bad('xoxb-wrong').auth.test()).rejects.toThrow('invalid_auth');
    await expect(bad().auth.test()).rejects.toThrow('not_authed');
    await expect(bad(pair.slack.env.SLACK_APP_TOKEN).auth.test()).rejects.toThrow('not_allowed_token_type');
    await expect(pair.web.users.lookupByEmail({ email: 'admin@example.com' })).rejects.toThrow('missing_scope');
    const me = await pair.web.auth.test();
    expect(me).toMatchObject({ user_id: 'U0BOT', bot_id: 'B0BOT', team_id: 'T0LOCAL' });
    expect(me.response_metadata?.scopes).toContain('chat:write');
    expect(pair.slack.journal.violations).toEqual([]);
    await expect(pair.web.apiCall('chat.startStream')).rejects.toThrow('unknown_method');
    expect(pair.slack.journal.violations).toMatchObject([{ what: 'unknown_method', detail: 'chat.startStream' }]);
    expect(JSON.stringify(pair.slack.journal.calls())).not.toContain('xoxb-');
  });
});

const apiAnswer = z.looseObject({
  ok: z.boolean(),
  error: z.string().optional(),
  response_metadata: z.looseObject({ messages: z.array(z.string()).optional() }).optional(),
});

/** A call past the types of WebClient, to send what it would not let through. */
async function call(apiUrl: string, method: string, args: object): Promise<z.infer<typeof apiAnswer>> {
  const answer = await fetch(apiUrl + method, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer xoxb-local-bot' },
    body: JSON.stringify(args),
  });
  return apiAnswer.parse(await answer.json());
}
