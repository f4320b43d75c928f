import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { voteOnStanding } from '../../../approvals/standing.ts';
import { loadEstate } from '../../../src/adapters/postgres/estate-store.ts';
import { PostgresStandingStore } from '../../../src/adapters/postgres/standing-store.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { type Refusal, refusal } from '../../../src/kernel/errors.ts';
import { type StandingContext, startByStanding } from '../../../src/operations/standing.ts';
import type { Human } from '../../../src/workspace/human.ts';
import type { UiMessage } from '../../../src/workspace/protocol.ts';
import { answersTo, ask, confirmTyped, press, said, untilRow } from '../../support/ask.ts';
import { type Bot, startBot } from '../../support/bot.ts';
import { voter } from '../../support/builders.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const MAIN = fileURLToPath(new URL('../../support/disruptive-bot.ts', import.meta.url));
const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost'];
const NIGHTLY = '/ops standing request "30 2 * * *" backup acme';

describe('P1 what did not wait is reviewed by somebody else, what runs at night is approved once', () => {
  let lab: Lab;
  let bots: Bot[] = [];
  const start = async (replicas: number) => {
    bots = await Promise.all(Array.from({ length: replicas }, () => startBot(lab.env, ['start'], MAIN)));
  };
  beforeAll(async () => {
    lab = await startLab();
    // Two replicas: requests, votes and sweeps meet in the rows alone.
    await start(2);
  });
  afterAll(async () => {
    await Promise.all(bots.map((bot) => bot.kill()));
    await lab[Symbol.asyncDispose]();
  });

  const audited = async (id: string) =>
    (await lab.rows<{ action: string }>('select action from twokey.audit where subject = $1 order by seq', [id])).map(
      (one) => one.action,
    );
  const messages = (channel: string, id: string) =>
    lab.admin.sees(channel).filter((one) => !one.ephemeral && said(one).includes(id));
  const message = (channel: string, id: string, what: RegExp): Promise<UiMessage> =>
    until(
      `#${channel} says ${what} of ${id}`,
      () => messages(channel, id).find((one) => what.test(shown(one))),
      10_000,
    );
  /** Presses a button behind which a form asks for words, gives them, and waits for the answer. */
  const write = async (who: Human, label: string, place: UiMessage, field: string, words: string) => {
    const seen = new Set(answersTo(who, place.channel === 'C0AUDIT' ? 'audit' : 'operations').map((one) => one.ts));
    const clicked = await who.click(label, { in: place });
    if (!clicked.ok) throw new Error(`Slack said: ${clicked.error}`);
    const form = await who.waitFor((person) => person.view(), { what: 'the form' });
    expect((await who.submit(form, { [field]: words })).ok).toBe(true);
    return said(
      await until('an answer to the form', () =>
        answersTo(who, place.channel === 'C0AUDIT' ? 'audit' : 'operations').find((one) => !seen.has(one.ts)),
      ),
    );
  };
  const recorded = (answer: string) => /Operation ([0-9a-z]{8}) is recorded/.exec(answer)?.[1] ?? '';
  const standingId = (answer: string) => /Standing approval ([0-9a-z]{8}) is asked for/.exec(answer)?.[1] ?? answer;

  it('an emergency opens a review and bars break-glass; one that never ran closes itself', async () => {
    await ask(lab.admin, '/ops freeze all --until 23:59 --reason quiet');
    const id = await lab.request('/ops rehearse acme --now "the disk dies"');
    const post = await message('audit', id, /Emergency on production/);
    expect(shown(post)).toMatch(/<@U0REQ> asked for.*the disk dies.*Somebody else than <@U0REQ> has to close this/s);
    expect(await write(lab.approverA, 'Close', post, 'What you saw', 'looks fine')).toContain('has not ended');
    expect(said(await ask(lab.viewer, '/ops reviews'))).toMatch(new RegExp(`emergency.*${id}.*awaiting approval`, 's'));
    expect(said(await ask(lab.operator, '/ops demolish acme'))).toContain(`${id} (emergency, not ended yet)`);
    // Somebody deletes the message: the closing is said with a new one.
    lab.workspace.deleteMessage(post.channel, post.ts);
    await press(lab.operator, 'Cancel', await lab.card(id));
    expect(shown(await message('audit', id, /Closed/))).toMatch(/Closed\* by itself.*It never ran: cancelled/s);
    expect(messages('audit', id)).toHaveLength(1);
    expect(await audited(id)).toEqual(expect.arrayContaining(['review.opened', 'review.refused', 'review.closed']));
    await ask(lab.admin, '/ops unfreeze all');
  });

  it('break-glass sent twice at once leaves one, whose review bars the next until somebody else closes it', async () => {
    const before = new Set(answersTo(lab.admin).map((one) => one.ts));
    await Promise.all([1, 2].map(() => lab.admin.slash('/ops demolish acme')));
    const answers = await until('two answers', () => {
      const fresh = answersTo(lab.admin).filter((one) => !before.has(one.ts));
      return fresh.length === 2 ? fresh.map(said) : null;
    });
    // The later one took the place of the earlier one, with whose end its review closed itself.
    const both = await lab.rows<{ id: string; state: string; reason: string | null }>(
      `select id, state, reason from twokey.operation where command = 'demolish' order by state`,
    );
    const id = both[0]?.id ?? '';
    const over = both[1]?.id ?? '';
    expect(both).toEqual([
      { id, state: 'awaiting', reason: null },
      { id: over, state: 'cancelled', reason: `Superseded by operation ${id}.` },
    ]);
    expect(answers.map(recorded).sort()).toEqual([id, over].sort());
    expect(await audited(over)).toEqual(expect.arrayContaining(['review.opened', 'review.closed']));
    await lab.approve(id);
    await confirmTyped(lab.admin, await lab.card(id), { 'Name of the site': 'acme' });
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    const post = await message('audit', id, /Break-glass on production/);

    // Open for two days: said again, once for the day that it is now.
    await lab.rows(`update twokey.review set opened_at = opened_at - interval '49 hours' where operation = $1`, [id]);
    await message('audit', id, /Break-glass not reviewed yet/);

    expect(said(await ask(lab.admin, `/ops review close ${id} all is well`))).toContain('you cannot close its review');
    const refused = said(await ask(lab.admin, '/ops demolish acme'));
    expect(refused).toContain(`barred for you while a review of yours is open: ${id} (break-glass).`);
    expect(refused).toContain('<@U0APA> or <@U0APB> can close it');
    expect(said(await ask(lab.operator, `/ops review close ${id} all is well`))).toContain('is for approver, admin');
    expect(await write(lab.approverA, 'Close', post, 'What you saw', 'compared <both> hosts & logs')).toContain(
      'You closed the review',
    );
    const closed = shown(await message('audit', id, /Closed\* by <@U0APA>/));
    expect(closed).toContain('compared <both> hosts & logs');
    expect(said(await ask(lab.approverB, `/ops review close ${id} "me too"`))).toContain('has been closed already');
    expect(said(await ask(lab.viewer, '/ops reviews --all'))).toContain('Closed last');
    const next = recorded(said(await ask(lab.admin, '/ops demolish acme')));
    await press(lab.admin, 'Cancel', await lab.card(next));
    await message('audit', next, /Closed\* by itself/);
    // The opening, and one reminder for the second day.
    expect(messages('audit', id)).toHaveLength(2);
    const actions = await audited(id);
    expect(actions.filter((one) => one.startsWith('review.'))).toEqual([
      'review.opened',
      'review.refused',
      'review.barred',
      'review.closed',
      'review.refused',
    ]);
  });

  it('a standing approval is asked for, approved on the wire, told to expire, replaced, and expires, each once', async () => {
    expect(said(await ask(lab.operator, '/ops standing request "61 2 * * *" backup acme'))).toContain('minute: 61');
    expect(said(await ask(lab.operator, '/ops standing request "0 2 * * *" demolish acme'))).toContain(
      'never scheduled',
    );
    const id = standingId(said(await ask(lab.operator, NIGHTLY)));
    expect(said(await ask(lab.operator, NIGHTLY))).toContain(`for exactly this already: ${id}`);
    const post = await message('operations', id, /awaiting approval/);
    expect(shown(post)).toMatch(
      /backup acme.*At 02:30, every day.*Europe\/Berlin.*Next runs\*.*02:30 · .*02:30 · .*02:30/s,
    );
    expect(said(await press(lab.viewer, 'Approve', post))).toContain('You are not an approver');
    await press(lab.approverA, 'Approve', post);
    expect(said(await press(lab.approverA, 'Approve', post))).toContain('Your vote counts already');
    expect(said(await press(lab.approverB, 'Approve', post))).toContain('It is active now');
    await message('operations', id, /\*active\* until/);
    expect(said(await ask(lab.viewer, '/ops standing'))).toMatch(new RegExp(`${id}.*active.*backup acme`, 's'));
    expect(said(await ask(lab.viewer, `/ops standing show ${id}`))).toMatch(/<@U0APA>.*approved.*<@U0APB>.*approved/s);

    await press(lab.approverB, 'Withdraw', await message('operations', id, /\*active\*/));
    const suspended = await message('operations', id, /\*suspended\*: 1 of 2/);
    await press(lab.approverB, 'Approve', suspended);
    await message('operations', id, /\*active\* until/);

    await lab.rows(
      `update twokey.standing_approval set expires_at = clock_timestamp() + interval '6 days' where id = $1`,
      [id],
    );
    await message('operations', id, /expires within a week/);
    const heir = standingId(said(await ask(lab.operator, NIGHTLY)));
    const offer = await message('operations', heir, /awaiting approval/);
    for (const approver of [lab.approverA, lab.approverB]) await press(approver, 'Approve', offer);
    await message('operations', id, new RegExp(`\\*void\\*.*${heir} took its place`, 's'));
    await lab.rows(
      `update twokey.standing_approval set announced_at = expires_at, expires_at = clock_timestamp() where id = $1`,
      [heir],
    );
    await message('operations', heir, /is expired\. Its time is over/);
    await message('operations', heir, /\*expired\*/);
    expect(messages('operations', id).filter((one) => /expires within a week/.test(shown(one)))).toHaveLength(1);
    expect((await audited(id)).filter((one) => one.startsWith('standing.'))).toEqual([
      'standing.asked',
      'standing.refused',
      'standing.approve',
      'standing.refused',
      'standing.approve',
      'standing.withdrawn',
      'standing.approve',
      'standing.announced',
      'standing.void',
    ]);
  });

  it('eight connections that vote at once activate it once', async () => {
    const id = standingId(said(await ask(lab.operator, NIGHTLY)));
    // Deleted by somebody, it comes back when there is something new to show.
    const first = await message('operations', id, /awaiting approval/);
    lab.workspace.deleteMessage(first.channel, first.ts);
    const pool = new pg.Pool({ connectionString: lab.postgres.url('twokey'), max: 8 });
    try {
      const store = new PostgresStandingStore(pool);
      const people = Array.from({ length: 8 }, (_, n) => `U0V${n}`);
      const done = await Promise.all(
        people.map((person) =>
          store.change(id, { person, account: person, reason: null }, (standing, now) =>
            voteOnStanding(standing, voter(person), 'approve', standing, now),
          ),
        ),
      );
      const became = done.map((one) => (one.ok ? one.value.becomes : one.error.code)).sort();
      expect(became).toEqual(['active', 'open', ...Array(6).fill('request_closed')]);
      expect(await store.find(id)).toMatchObject({ state: 'active', votes: { length: 2 } });

      // At each use everybody who voted is asked about again.
      const definition = (await store.find(id))?.definition;
      if (!definition) throw new Error('it is gone');
      const context = (stillApprove: number, requester: Refusal | null = null): StandingContext => ({
        store,
        config: loadConfig(join(lab.home, 'twokey.yml')),
        estate: () => loadEstate(pool),
        now: () => Promise.resolve(new Date()),
        commandOf: (name) => ({ name, risk: 'routine' }),
        approvers: () => Promise.resolve(people),
        resolvePeople: (_standing, asked) =>
          Promise.resolve({ eligible: new Map(asked.map((one, n) => [one, n < stillApprove])), requester }),
      });
      const left = refusal('not_allowed', 'The person who asked for it may not run `backup` there any more.');
      expect(await startByStanding(context(2, left), id, definition)).toMatchObject({ error: { code: 'not_allowed' } });
      expect(await startByStanding(context(2), id, definition)).toMatchObject({
        ok: true,
        value: { counted: { length: 2 } },
      });
      expect(await store.activeFor(definition)).toMatchObject({ id });
      expect(await startByStanding(context(1), id, definition)).toMatchObject({ ok: false, error: { code: 'drift' } });
      expect(await startByStanding(context(2), id, definition)).toMatchObject({ error: { code: 'request_closed' } });
      expect(await store.activeFor(definition)).toBeNull();
      const revoke = await message('operations', id, /\*suspended\*: 1 of 2.*may not approve any more, so 1 more/s);
      expect(await write(lab.admin, 'Revoke', revoke, 'Reason', 'nobody knows these people')).toContain('revoked it');
      await message('operations', id, /\*revoked\*.*nobody knows these people/s);
    } finally {
      await pool.end();
    }
  });

  it('P2 another policy voids it, and its message names what changed', async () => {
    const id = standingId(said(await ask(lab.operator, NIGHTLY)));
    const post = await message('operations', id, /awaiting approval/);
    for (const approver of [lab.approverA, lab.approverB]) await press(approver, 'Approve', post);
    for (const code of await Promise.all(bots.map((bot) => bot.stop()))) expect(code).toBe(0);
    await writeFile(join(lab.home, 'twokey.yml'), stringify(labConfiguration({ policy: { quorum: 1 } })));
    await start(1);
    const voided = await message('operations', id, /\*void\*/);
    expect(shown(voided)).toContain('quorum: 2 → 1');
    expect(messages('operations', id).filter((one) => /is void\./.test(shown(one)))).toHaveLength(1);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
