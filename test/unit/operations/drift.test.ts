import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../approvals/policy.ts';
import { refusal } from '../../../src/kernel/errors.ts';
import { judgeReplan } from '../../../src/operations/drift.ts';
import { hashPlan } from '../../../src/operations/plan.ts';
import type { OperationRecord } from '../../../src/operations/records.ts';
import { OPERATION_STATES } from '../../../src/operations/state.ts';
import { later, operation, plan, policyFacts, T0 } from '../../support/builders.ts';

const RULES = { risk: 'routine', quorum: '2' };
const VOTES: Verdict = { kind: 'votes', quorum: 2, typedName: false, why: 'This is outside working hours.' };
const HOLD: Verdict = { kind: 'hold', quorum: 2, until: later(60), why: 'Disruptive work waits.' };
const INPUTS = policyFacts();
const fresh = plan({ environment: 'staging' });

function replan(its: Partial<OperationRecord>, now: Verdict, to = fresh, rules = RULES) {
  const asked: Date[] = [];
  const judged = judgeReplan(
    { operation: operation({ rules: RULES, ...its }), votes: [], freezes: [], now: T0 },
    to,
    (facts) => {
      asked.push(facts.now);
      return { verdict: now, inputs: INPUTS, rules, requesterCounts: false };
    },
  );
  return { judged, asked };
}

describe('a plan that is built again while it waits', () => {
  it('is the same: nothing changes', () => {
    expect(replan({}, VOTES, plan()).judged).toEqual({ ok: true, value: null });
    expect(replan({ state: 'held', verdict: HOLD }, HOLD, plan()).judged).toEqual({ ok: true, value: null });
  });

  it('is another one: a new generation under the policy of now, held as long as that says', () => {
    expect(replan({}, VOTES).judged).toMatchObject({
      ok: true,
      value: {
        planHash: hashPlan(fresh),
        changes: ['environment: production → staging'],
        policy: VOTES,
        opensAt: null,
      },
    });
    expect(replan({}, HOLD).judged).toMatchObject({ value: { policy: HOLD, opensAt: later(60) } });
  });

  it('is the same under another policy: votes are void all the same', () => {
    expect(replan({}, VOTES, plan(), { ...RULES, quorum: '3' }).judged).toMatchObject({
      value: { planHash: hashPlan(plan()), changes: ['quorum: 2 → 3'] },
    });
  });

  it('keeps the time that somebody named, and is judged for it', () => {
    const its = { state: 'held', notBefore: later(30), opensAt: later(30) } as const;
    const { judged, asked } = replan(its, { kind: 'run', why: 'x' });
    expect(judged).toMatchObject({ value: { opensAt: later(30), policy: { kind: 'run' } } });
    expect(asked).toEqual([later(30)]);
    expect(replan({ ...its, notBefore: later(-30) }, VOTES).asked).toEqual([T0]);
  });

  it('never frees from votes what waits for them', () => {
    expect(replan({ verdict: VOTES }, { kind: 'run', why: 'x' }).judged).toMatchObject({ value: { policy: VOTES } });
  });

  it('is refused by what the policy refuses, and once it does not wait any more', () => {
    const no = refusal('not_allowed', 'No.');
    expect(replan({}, { kind: 'refuse', refusal: no }).judged).toEqual({ ok: false, error: no });
    for (const state of OPERATION_STATES)
      expect(replan({ state }, VOTES).judged.ok, state).toBe(state === 'awaiting' || state === 'held');
  });
});
