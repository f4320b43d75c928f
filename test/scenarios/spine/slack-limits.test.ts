import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UiMessage } from '../../../src/workspace/protocol.ts';
import { deny, said, untilRow } from '../../support/ask.ts';
import { holdSite } from '../../support/hold.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const ENDED = ['succeeded', 'failed', 'lost'];

describe('with the limits of Slack itself', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ rateLimits: true });
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  /** All cards of an operation that anybody can see, tombstones left out. */
  const cards = (id: string) =>
    lab.operator.sees().filter((one) => !one.ephemeral && one.text.includes(`Operation ${id}`));
  const stored = async (id: string): Promise<string> => {
    const chunks = await lab.rows<{ bytes: Buffer }>(
      `select c.bytes from twokey.chunk c join twokey.job j on j.jid = c.jid where j.operation = $1 order by j.n, c.start`,
      [id],
    );
    return Buffer.concat(chunks.map((chunk) => chunk.bytes)).toString('utf8');
  };
  const withFile = (card: UiMessage): Promise<UiMessage[]> =>
    until(
      'the log file is in the thread',
      () => {
        const thread = lab.operator.thread(card.channel, card.ts);
        return thread.some((reply) => reply.files.length > 0) ? thread : null;
      },
      40_000,
    );
  /** The output as the messages of a thread show it, headings left out. */
  const printed = (replies: readonly UiMessage[]): string =>
    replies
      .filter((reply) => reply.files.length === 0)
      .map((reply) => shown({ ...reply, blocks: reply.blocks.filter((block) => block.type === 'rich_text') }))
      .join('\n');

  it('P4 the story completes; the thread holds every byte once and in order, the file comes last', async () => {
    const id = await lab.request('/ops backup acme');
    await lab.approve(id);
    const done = await lab.untilState(id, ENDED, 60_000);
    expect(done.text).toContain(': succeeded.');
    const [card, ...replies] = await withFile(done);
    expect(card?.ts).toBe(done.ts);
    expect(replies.at(-1)?.files).toHaveLength(1);
    expect(`${printed(replies)}\n`).toBe(await stored(id));
    expect(cards(id)).toHaveLength(1);
  });

  it('P3 a card that somebody deletes while it runs is posted again, once, and the thread goes on under it', async () => {
    const held = await holdSite(lab);
    const first = await lab.untilState(held.operation, 'running');
    const thread = () => lab.operator.thread(first.channel, first.ts);
    await until('the thread has begun', () => thread().length > 1, 20_000);
    const before = thread().slice(1);
    lab.workspace.deleteMessage(first.channel, first.ts);
    const again = await until('the card is posted again', () => cards(held.operation)[0], 30_000);
    expect(again.ts).not.toBe(first.ts);
    await held.release();
    const done = await lab.untilState(held.operation, ENDED, 60_000);
    expect([done.ts, done.text.includes(': succeeded.')]).toEqual([again.ts, true]);
    const after = (await withFile(done)).slice(1);
    const old = thread().slice(1);
    expect(old.slice(0, before.length).map((one) => one.ts)).toEqual(before.map((one) => one.ts));
    expect(`${printed([...old, ...after])}\n`).toBe(await stored(held.operation));
    expect(cards(held.operation)).toHaveLength(1);
    expect(await lab.rows(`select 1 from twokey.post where state = 'failed'`)).toEqual([]);
  });

  it('a card that is deleted while people still have to decide comes back, and can be voted on', async () => {
    const id = await lab.request('/ops backup acme');
    const first = await lab.untilState(id, 'awaiting approval');
    // It can be seen a moment before the bot has noted when it was shown.
    const noted = 'select from twokey.card where operation = $1 and shown_at is not null and not behind';
    await until('that it is shown is noted', async () => (await lab.rows(noted, [id])).length === 1);
    lab.workspace.deleteMessage(first.channel, first.ts);
    // Two minutes go by without anything happening to it.
    await lab.rows(`update twokey.card set shown_at = shown_at - interval '3 minutes' where operation = $1`, [id]);
    const again = await until('the card is posted again', () => cards(id)[0], 20_000);
    expect(said(await deny(lab.approverA, again, 'Not now'))).toContain('You denied it.');
    expect(await untilRow(lab, id, 'denied')).toBe('denied');
  });

  it('every payload was acknowledged in time, and Slack has nothing to complain about', () => {
    const waits = lab.workspace.journal.acks.map((ack) => ack.ms ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
    expect(waits.length).toBeGreaterThan(5);
    expect(waits[Math.ceil(waits.length * 0.99) - 1]).toBeLessThan(3_000);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
