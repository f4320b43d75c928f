import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Voter } from '../../../approvals/request.ts';
import { vote, withdraw } from '../../../approvals/service.ts';
import { approval, DENIAL, voter } from '../../support/builders.ts';
import { ASKED, type Contender, Contenders } from '../../support/contenders.ts';

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

  it('none of all this was a deadlock that went well at the second try', async () => {
    await contenders.close();
    expect(await contenders.deadlocks()).toBe(0);
  });
});
