import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Voter } from '../../../approvals/request.ts';
import { vote, withdraw } from '../../../approvals/service.ts';
import { approval, DENIAL, voter } from '../../support/builders.ts';
import { ASKED, type Contender, Contenders } from '../../support/contenders.ts';
import { claimed, FREE, hostsThatAllow, queuedOn, ran } from '../../support/room.ts';
import { until } from '../../support/until.ts';

const ROUNDS = 80;
const APPROVERS = ['U0APA', 'U0APB', 'U0APC'] as const;

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

describe('P1 P3 eight connections at once', () => {
  let contenders: Contenders;
  beforeAll(async () => {
    contenders = await Contenders.start();
  });
  afterAll(() => contenders[Symbol.asyncDispose]());

  it(`never start twice, below the quorum, or after a denial, in ${ROUNDS} races`, { timeout: 120_000 }, async () => {
    const dice = numbers(7);
    const roll = (limit: number) => dice.next().value % limit;
    const outcomes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await contenders.opened();
      const lost = new Set(roll(4) === 0 ? ['U0APC'] : []);
      const who = (): Voter => voter(APPROVERS[roll(APPROVERS.length)] ?? 'U0APA');
      const act = async (its: Contender): Promise<unknown> => {
        // What ends it is rare, or hardly a race would come to its start.
        const face = roll(40);
        if (face === 0) return its.book.cancel(id, 'U0REQ', () => null);
        if (face === 1) return vote(its.votes, id, who(), DENIAL, 'no');
        if (face < 5) return withdraw(its.votes, id, who());
        if (face < 7) return vote(its.votes, id, voter('U0REQ'), approval(), null);
        if (face < 9) return its.sweep.round();
        if (face < 20) return its.claim(id, lost);
        return vote(its.votes, id, who(), approval(), null);
      };
      for (let wave = 0; wave < 3; wave += 1) await contenders.all(act);
      const rows = await contenders.postgres.query<{ actor: string; action: string; data: { voided?: string[] } }>(
        'twokey',
        'select actor, action, data from twokey.audit where subject = $1 order by seq',
        [id],
      );
      const behind = new Set<string>();
      let starts = 0;
      let over = false;
      for (const { actor, action, data } of rows) {
        if (action === 'vote.approve') behind.add(actor);
        if (action === 'vote.withdrawn') behind.delete(actor);
        for (const person of data.voided ?? []) behind.delete(person);
        if (action === 'operation.started') {
          starts += 1;
          expect(over).toBe(false);
          expect([...behind].filter((person) => person !== 'U0REQ' && !lost.has(person)).length).toBeGreaterThanOrEqual(
            2,
          );
        }
        over ||= action === 'vote.deny' || action === 'operation.cancelled';
      }
      expect(starts).toBeLessThanOrEqual(1);
      expect(behind.has('U0REQ')).toBe(false);
      const [row] = await contenders.postgres.query<{ state: string }>(
        'twokey',
        'select state from twokey.operation where id = $1',
        [id],
      );
      outcomes.set(row?.state ?? '', (outcomes.get(row?.state ?? '') ?? 0) + 1);
    }
    // Each way in which a race can end was seen.
    for (const state of ['running', 'denied', 'cancelled']) expect(outcomes.get(state) ?? 0, state).toBeGreaterThan(3);
  });

  it('the same request delivered to all of them at once is one operation', async () => {
    const ids = new Set<string>();
    await contenders.all(async ({ book }) => {
      const asked = await book.open({ ...ASKED, requestKey: 'one-click' });
      ids.add(asked.ok ? asked.value.id : asked.error.code);
    });
    expect(ids.size).toBe(1);
  });

  it.each([
    [1, 'alone', '10.0.0.1'],
    [3, 'three', '10.0.0.2'],
  ])(
    'never start more than %i on one machine, under whichever name and of whichever site',
    async (atOnce, site, at) => {
      const [first, second] = [`${site}-app`, `${site}-web`];
      await hostsThatAllow(contenders, {
        [first]: { atOnce, address: at },
        [second]: { atOnce: atOnce + 1, address: at },
      });
      for (let round = 0; round < 5; round += 1) {
        let waiting = await contenders.all(async (its, n) => ({
          its,
          id: await queuedOn(its, `${site}-${n}`, n % 2 === 0 ? first : second),
        }));
        while (waiting.length > 0) {
          const tried = await Promise.all(
            waiting.map(async (one) => ({ ...one, starts: await claimed(one.its, one.id) })),
          );
          const started = tried.filter((one) => one.starts);
          expect(started).toHaveLength(Math.min(atOnce, tried.length));
          waiting = tried.filter((one) => !one.starts);
          const end = { state: 'succeeded', reason: '', next: '' } as const;
          await Promise.all(started.map(({ its, id }) => its.runs.finish(id, end)));
        }
      }
    },
  );

  it('what waits for room says for whom, starts when that one ends, and is held when its window closes meanwhile', async () => {
    await hostsThatAllow(contenders, { busy: { atOnce: 1, address: '10.0.0.3' } });
    // As an earlier version wrote it: one at a time is what holds where nothing is said.
    const older = `update twokey.host set document = document - 'disruptive_at_once' where name = 'busy' returning name`;
    expect(await contenders.postgres.query('twokey', older)).toHaveLength(1);
    const [here, there] = [contenders.one(0), contenders.one(1)];
    const first = await queuedOn(here, 'busy-1', 'busy');
    expect(await claimed(here, first)).toBe(true);
    const second = await queuedOn(here, 'busy-2', 'busy');
    const third = await queuedOn(here, 'busy-3', 'busy');
    const ended = ran(there, second);
    const words = `It waits for room on the host busy, where one disruptive operation may run at a time. Now: operation ${first} (upgrade busy-1).`;
    await until('it says what it waits for', async () => (await here.runs.load(second)).reason === words);
    // A freeze, at whichever look it is seen: it does not wait for room any more.
    const hold = { kind: 'hold', until: null, quorum: 0, typedName: false, why: 'A freeze.' } as const;
    expect(await ran(contenders.one(2), third, () => ({ ...FREE, verdict: hold }))).toBe('reopen');
    expect(await here.runs.load(third)).toMatchObject({ state: 'held' });
    // Another process takes up a run that has its room already: it does not wait for that.
    expect(await ran(contenders.one(3), first)).toBe('succeeded');
    expect(await ended).toBe('succeeded');
    const [one, two] = await Promise.all([here.runs.load(first), here.runs.load(second)]);
    expect(two.startedAt?.getTime()).toBeGreaterThanOrEqual(one.endedAt?.getTime() ?? Number.POSITIVE_INFINITY);
    expect(two.startedAt?.getTime()).toBeLessThan((one.endedAt?.getTime() ?? 0) + 10_000);
  });

  it('one that is unreachable keeps its room, one that is lost does not, and what is cancelled stops waiting', async () => {
    await hostsThatAllow(contenders, { far: { atOnce: 1, address: '10.0.0.4' } });
    const its = contenders.one(0);
    const first = await queuedOn(its, 'far-1', 'far');
    expect(await claimed(its, first)).toBe(true);
    await its.runs.setState(first, 'unreachable', 'far does not answer');
    const second = await queuedOn(its, 'far-2', 'far');
    const waits = ran(contenders.one(1), second);
    await until('it waits', async () => (await its.runs.load(second)).reason?.includes(first) === true);
    // Its site is free again when it is cancelled, and not when the other one ends.
    await its.book.cancel(second, 'U0REQ', () => null);
    expect(await waits).toBe('ignored');
    // What disturbs nobody needs no room, and takes none.
    const routine = await queuedOn(its, 'far-3', 'far', 'routine');
    expect(await claimed(its, routine)).toBe(true);
    await its.runs.finish(first, { state: 'lost', reason: 'Nobody knows.', next: '' });
    expect(await claimed(its, await queuedOn(its, 'far-4', 'far'))).toBe(true);
  });

  it('none of all this was a deadlock that went well at the second try', async () => {
    await contenders.close();
    expect(await contenders.deadlocks()).toBe(0);
  });
});
