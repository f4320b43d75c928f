import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../approvals/policy.ts';
import { type Refusal, refusal } from '../../../src/kernel/errors.ts';
import { judgeClaim } from '../../../src/operations/gate.ts';
import { hashPlan } from '../../../src/operations/plan.ts';
import type { AskPolicy } from '../../../src/operations/ports.ts';
import type { OperationRecord, VoteRecord } from '../../../src/operations/records.ts';
import { OPERATION_STATES } from '../../../src/operations/state.ts';
import { later, operation, plan, plannedStep, policyFacts, T0, voteRecord } from '../../support/builders.ts';

const VOTES: Verdict = { kind: 'votes', quorum: 2, typedName: false, why: 'This is outside working hours.' };
const HOLD: Verdict = { kind: 'hold', quorum: 2, until: later(60), why: 'Disruptive work waits.' };
const CONFIRM: Verdict = { kind: 'confirm', why: 'One confirmation.' };
const CLICKED = { at: T0, typed: false, reason: null };
const TYPED = { at: T0, typed: true, reason: null };
const both = [voteRecord('U0APA'), voteRecord('U0APB')];

interface Case {
  readonly operation?: Partial<OperationRecord>;
  readonly votes?: readonly VoteRecord[];
  readonly eligible?: readonly string[];
  readonly policy?: Verdict;
  readonly now?: Date;
  readonly fresh?: ReturnType<typeof plan>;
  readonly run?: number;
  readonly requester?: Refusal;
  readonly rules?: Record<string, string>;
}

const INPUTS = policyFacts();
const RULES = { risk: 'routine', quorum: '2', 'working hours': 'Mon 09:00-18:00' };

function judge(its: Case) {
  return judgeClaim(
    {
      operation: operation({ state: 'queued', ...its.operation }),
      votes: its.votes ?? both,
      freezes: [],
      now: its.now ?? T0,
    },
    {
      plan: its.fresh ?? plan(),
      eligible: new Map((its.eligible ?? ['U0APA', 'U0APB']).map((one) => [one, true])),
      requester: its.requester ?? null,
    },
    () => ({ verdict: its.policy ?? VOTES, inputs: INPUTS, rules: its.rules ?? RULES, requesterCounts: false }),
    its.run ?? 1,
  );
}

describe('the last look before the start', () => {
  const table: [string, Case, object][] = [
    ['starts with the quorum', {}, { kind: 'start' }],
    ['starts what needs no votes', { votes: [], policy: { kind: 'run', why: '' } }, { kind: 'start' }],
    [
      'starts what was confirmed',
      { votes: [], policy: CONFIRM, operation: { quorum: 0, confirmed: CLICKED } },
      { kind: 'start' },
    ],
    [
      'does not start what was not confirmed, though it needs no votes',
      { votes: [], policy: CONFIRM, operation: { quorum: 0 } },
      {
        kind: 'reopen',
        missing: 0,
        reason: expect.stringContaining('not confirmed'),
        next: 'Confirm it, or cancel it.',
      },
    ],
    [
      'does not start what was not confirmed, though it has its votes',
      { policy: { ...VOTES, typedName: true } },
      { kind: 'reopen', voided: [], missing: 0, reason: expect.stringContaining('not confirmed') },
    ],
    [
      'takes no click for a name that is asked for now',
      { policy: { ...VOTES, typedName: true }, operation: { confirmed: CLICKED } },
      { kind: 'reopen' },
    ],
    [
      'starts with votes and name',
      { policy: { ...VOTES, typedName: true }, operation: { confirmed: TYPED } },
      { kind: 'start' },
    ],
    [
      'wants the reason that working hours ask for',
      { policy: { ...VOTES, typedName: true, withReason: true }, operation: { confirmed: TYPED } },
      { kind: 'reopen', missing: 0 },
    ],
    [
      'starts with votes, name and reason',
      {
        policy: { ...VOTES, typedName: true, withReason: true },
        operation: { confirmed: { ...TYPED, reason: 'the disk dies' } },
      },
      { kind: 'start' },
    ],
    [
      'says both when votes and the confirmation are missing',
      { policy: { ...VOTES, typedName: true }, votes: [voteRecord('U0APA')] },
      { kind: 'reopen', missing: 1, reason: expect.stringMatching(/1 more to approve\. It is not confirmed\.$/) },
    ],
    ['leaves a later run alone', { run: 2 }, { kind: 'ignore' }],
    ['is in time until the last moment', { now: new Date(later(240).getTime() - 1) }, { kind: 'start' }],
    ['ends what is too late', { now: later(240) }, { kind: 'end', state: 'expired' }],
    ['never ends what has no deadline', { operation: { startBy: null }, now: later(9_999) }, { kind: 'start' }],
    [
      'ends what the policy refuses now',
      { policy: { kind: 'refuse', refusal: refusal('not_allowed', 'No.') } },
      { kind: 'end', state: 'failed', reason: 'No.' },
    ],
    [
      'ends what the one who asked may not run any more, whatever the votes',
      { requester: refusal('not_allowed', 'They hold nothing.', 'Ask anew.') },
      { kind: 'end', state: 'failed', reason: 'It was not started. They hold nothing.', next: 'Ask anew.' },
    ],
    [
      'asks again when votes are needed now',
      { votes: [], operation: { quorum: 0 } },
      { kind: 'reopen', voided: [], reason: expect.stringContaining('2 more to approve') },
    ],
    [
      'asks again when more votes are needed now',
      { policy: { ...VOTES, quorum: 3 } },
      { kind: 'reopen', reason: expect.stringContaining('1 more to approve') },
    ],
    [
      'waits again when the window is over',
      { policy: HOLD },
      { kind: 'reopen', reason: expect.stringContaining('waits for the window') },
    ],
    [
      'voids a vote of somebody who lost the role',
      { eligible: ['U0APA'] },
      { kind: 'reopen', voided: ['U0APB'], reason: expect.stringContaining('no longer counts') },
    ],
    ['does not need a third voter who lost the role', { votes: [...both, voteRecord('U0APC')] }, { kind: 'start' }],
    ['ignores votes for an older plan', { operation: { generation: 2 } }, { kind: 'reopen', voided: [] }],
    [
      'ignores a withdrawn vote',
      { votes: [voteRecord('U0APA'), voteRecord('U0APB', { withdrawnAt: T0 })] },
      { kind: 'reopen', voided: [] },
    ],
    [
      'ignores a voided vote',
      { votes: [voteRecord('U0APA'), voteRecord('U0APB', { voidReason: 'left' })] },
      { kind: 'reopen' },
    ],
    [
      'ignores the requester’s own vote',
      { votes: [voteRecord('U0APA'), voteRecord('U0REQ')], eligible: ['U0APA', 'U0REQ'] },
      { kind: 'reopen' },
    ],
    [
      'counts it where that is configured',
      {
        operation: { requesterCounts: true },
        votes: [voteRecord('U0APA'), voteRecord('U0REQ')],
        eligible: ['U0APA', 'U0REQ'],
      },
      { kind: 'start' },
    ],
  ]; // prettier-ignore

  it.each(table)('%s', (_name, its, expected) => {
    expect(judge(its)).toMatchObject(expected);
  });

  it('starts only what is queued', () => {
    for (const state of OPERATION_STATES) {
      expect(judge({ operation: { state } }).kind, state).toBe(state === 'queued' ? 'start' : 'ignore');
    }
  });

  it('voids the approval of a plan that has changed', () => {
    const fresh = plan({ environment: 'staging' });
    const changes = ['environment: production → staging'];
    const reason = `What would run is no longer what was approved: ${changes[0]}`;
    const drift = { plan: fresh, planHash: hashPlan(fresh), changes, reason };
    for (const policy of [VOTES, HOLD] as const) {
      expect(judge({ fresh, policy })).toEqual({
        kind: 'drift',
        policy,
        ...drift,
        rules: RULES,
        requesterCounts: false,
        opensAt: policy.kind === 'hold' ? later(60) : null,
      });
    }
  });

  it('voids the approval that was given without the code that the policy asks for', () => {
    const rules = { ...RULES, 'codes with approvals': 'required' };
    const votes = [voteRecord('U0APA', { steppedUp: true }), voteRecord('U0APB')];
    // Also for an operation that is older than bound rules.
    for (const bound of [rules, null])
      expect(judge({ operation: { rules: bound }, rules, votes })).toMatchObject({
        kind: 'reopen',
        voided: [],
        unproved: ['U0APB'],
        reason: expect.stringContaining('given without a code'),
      });
    const proved = votes.map((one) => ({ ...one, steppedUp: true }));
    expect(judge({ operation: { rules }, rules, votes: proved })).toEqual({ kind: 'start' });
    expect(judge({ operation: { rules: RULES }, rules, votes: proved })).toMatchObject({
      kind: 'drift',
      changes: ['codes with approvals: (none) → required'],
    });
  });

  it('voids the approval that was given under other rules, and names them', () => {
    const under = (rules: Record<string, string> | null) => ({ operation: { rules }, rules: RULES });
    expect(judge(under(RULES))).toEqual({ kind: 'start' });
    expect(judge(under(null))).toEqual({ kind: 'start' });
    const cases: [Record<string, string>, string][] = [
      [{ ...RULES, quorum: '1' }, 'quorum: 1 → 2'],
      [{ ...RULES, risk: 'disruptive' }, 'risk: disruptive → routine'],
      [{ ...RULES, holidays: 'DE' }, 'holidays: DE → (none)'],
      [{ ...RULES, 'working hours': 'never' }, 'working hours: never → Mon 09:00-18:00'],
    ];
    for (const [rules, change] of cases) {
      expect(judge(under(rules))).toMatchObject({
        kind: 'drift',
        changes: [change],
        planHash: hashPlan(plan()),
        reason: expect.stringMatching(/^The policy is no longer/),
      });
    }
  });

  it('asks no second time when the new rules need no votes', () => {
    const its = { operation: { rules: { ...RULES, quorum: '1' } }, rules: RULES };
    expect(judge({ ...its, policy: { kind: 'run', why: '' } })).toEqual({ kind: 'start' });
  });

  it('does not start a changed plan that nobody had to approve either', () => {
    const fresh = plan({ environment: 'staging' });
    expect(judge({ fresh, policy: { kind: 'run', why: '' }, votes: [] })).toMatchObject({
      kind: 'end',
      state: 'failed',
      reason: 'What would run is no longer what was asked for: environment: production → staging',
    });
  });

  it('has a changed plan confirmed anew, where a confirmation is all it needs', () => {
    const fresh = plan({ environment: 'staging' });
    const operation = { quorum: 0, confirmed: CLICKED };
    expect(judge({ fresh, policy: CONFIRM, votes: [], operation })).toMatchObject({
      kind: 'drift',
      policy: CONFIRM,
      reason: expect.stringContaining('no longer what was asked for'),
    });
  });

  it('asks the policy about the plan as it is now', () => {
    const fresh = plan({ steps: [plannedStep({ destroys: 'the database acme' })] });
    const plans: unknown[] = [];
    const ask: AskPolicy = (_facts, its) => {
      plans.push(its);
      return { verdict: VOTES, inputs: INPUTS, rules: RULES, requesterCounts: false };
    };
    const facts = { operation: operation({ state: 'queued' }), votes: both, freezes: [], now: T0 };
    expect(judgeClaim(facts, { plan: fresh, eligible: new Map(), requester: null }, ask, 1)).toMatchObject({
      kind: 'drift',
    });
    expect(plans).toEqual([fresh]);
  });

  it('decides by the time it is given, not by the clock of the process', () => {
    const asked: Date[] = [];
    const facts = { operation: operation({ state: 'queued' }), votes: both, freezes: [], now: later(7) };
    const policy = ({ now }: { readonly now: Date }) => {
      asked.push(now);
      return { verdict: VOTES, inputs: INPUTS, rules: RULES, requesterCounts: false };
    };
    judgeClaim(facts, { plan: plan(), eligible: new Map(), requester: null }, policy, 1);
    expect(asked).toEqual([later(7)]);
  });
});
