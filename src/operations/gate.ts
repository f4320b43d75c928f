import { type Confirmation, confirmationOf, stillAsked } from '../../approvals/confirmation.ts';
import { countedApprovers, quorumAtStart } from '../../approvals/machine.ts';
import type { Request, RequestState } from '../../approvals/request.ts';
import { codesRequired } from '../../approvals/step-up.ts';
import { readKey } from '../estate/thing.ts';
import type { ErrorCode, Refusal } from '../kernel/errors.ts';
import { quorumOf } from './assess.ts';
import { planDrift, rulesDrift } from './drift.ts';
import type { Plan } from './plan.ts';
import type { AskPolicy, ClaimFacts, ClaimVerdict, PeopleNow, WaitingVerdict } from './ports.ts';
import type { OperationRecord, VoteRecord } from './records.ts';
import type { BoundRules } from './site-policy.ts';
import type { OperationState } from './state.ts';

/** What the requester still has to confirm; null when nothing is left. */
export function unconfirmedOf(operation: Pick<OperationRecord, 'verdict' | 'confirmed'>): Confirmation | null {
  return stillAsked(confirmationOf(operation.verdict), operation.confirmed);
}

/**
 * The operation as approvals see it. What is held and has its votes and its confirmation is as good as approved: only
 * time is missing.
 */
export function toRequest(operation: OperationRecord, votes: readonly VoteRecord[]): Request {
  const request = asRequest(operation, votes);
  const complete = request.unconfirmed === null && countedApprovers(request).length >= request.quorum;
  return operation.state === 'held' && complete ? { ...request, state: 'approved' } : request;
}

/** Once it runs, and whatever becomes of it then, it is beyond votes. */
const REQUEST_STATES: Readonly<Record<OperationState, RequestState>> = {
  awaiting: 'open',
  held: 'open',
  queued: 'approved',
  running: 'started',
  unreachable: 'started',
  succeeded: 'started',
  failed: 'started',
  cancelled: 'cancelled',
  denied: 'denied',
  expired: 'expired',
  lost: 'started',
};

function asRequest(operation: OperationRecord, votes: readonly VoteRecord[]): Request {
  const asks = unconfirmedOf(operation);
  const { kind, name } = readKey(operation.site);
  return {
    operation: operation.id,
    generation: operation.generation,
    planHash: operation.planHash,
    requester: operation.requester,
    state: REQUEST_STATES[operation.state],
    quorum: operation.quorum,
    requesterCounts: operation.requesterCounts,
    stepUpRequired: codesRequired(operation.rules),
    decideBy: operation.decideBy ?? operation.createdAt,
    votes: votes.map((vote) => ({
      person: vote.person,
      verdict: vote.verdict,
      generation: vote.generation,
      withdrawn: vote.withdrawnAt !== null || vote.voidReason !== null,
      steppedUp: vote.steppedUp,
    })),
    unconfirmed: asks === null ? null : { asks, of: kind, name },
  };
}

/** Why this run is not the one to be judged; null when it is. */
function passedOver({ operation }: ClaimFacts, runNumber: number): ClaimVerdict | null {
  if (operation.state !== 'queued') return { kind: 'ignore', reason: `it is ${operation.state}` };
  if (operation.runNumber !== runNumber) return { kind: 'ignore', reason: 'a later run took its place' };
  return null;
}

const isTooLate = ({ operation, now }: ClaimFacts): boolean => operation.startBy !== null && now >= operation.startBy;

/** Refusals of a plan that pass by themselves: the plan is built again. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['host_unreachable', 'link_lost', 'protocol_error', 'internal']);

/**
 * The last look when the plan cannot be built or the people cannot be asked about, for the reason `why`: the run ends
 * with it, or waits until its time is over when that passes by itself. Like judgeClaim, inside the claim's transaction.
 */
export function judgeWithoutPlan(facts: ClaimFacts, why: Refusal, runNumber: number): ClaimVerdict {
  const over = passedOver(facts, runNumber);
  if (over) return over;
  const { code, message, next } = why;
  if (!PASSING.has(code)) return { kind: 'end', state: 'failed', reason: message, next };
  if (!isTooLate(facts)) return { kind: 'wait', reason: message, behind: [] };
  return { kind: 'end', state: 'expired', reason: `It could not start in time: ${message}`, next };
}

/**
 * The last look before the first step, inside the transaction that starts the run: the plan built from fresh facts must
 * be the approved one, the policy is asked again at the database's time, every voter must still be one, and
 * whoever asked for it must still be allowed to.
 */
export function judgeClaim(
  facts: ClaimFacts,
  fresh: PeopleNow & { readonly plan: Plan },
  ask: AskPolicy,
  runNumber: number,
): ClaimVerdict {
  const over = passedOver(facts, runNumber);
  if (over) return over;
  if (isTooLate(facts))
    return { kind: 'end', state: 'expired', reason: 'It could not start in time.', next: 'Send the command again.' };
  const { operation } = facts;
  if (fresh.requester !== null) {
    const { message, next } = fresh.requester;
    return { kind: 'end', state: 'failed', reason: `It was not started. ${message}`, next };
  }
  const asked = ask(facts, fresh.plan);
  const { verdict } = asked;
  if (verdict.kind === 'refuse')
    return { kind: 'end', state: 'failed', reason: verdict.refusal.message, next: verdict.refusal.next };
  const drift = planDrift(operation, fresh.plan, asked, verdict);
  // Nobody has to approve the new plan, but nobody has asked for it either.
  if (drift && verdict.kind === 'run')
    return {
      kind: 'end',
      state: 'failed',
      reason: drift.reason,
      next: 'Press Retry to ask for it as it is now.',
    };
  if (drift) return drift;
  if (verdict.kind === 'run') return { kind: 'start' };
  // Without votes there is nothing that was given under other rules.
  const changed = verdict.kind === 'confirm' ? null : rulesDrift(operation, fresh.plan, asked, verdict);
  if (changed) return changed;
  return judgePeople(facts, fresh.eligible, verdict, asked.rules);
}

/** Whether the people's part is done, for the verdict of now: votes of those who still may, and the confirmation. */
function judgePeople(
  { operation, votes }: ClaimFacts,
  eligible: ReadonlyMap<string, boolean>,
  verdict: WaitingVerdict,
  rules: BoundRules,
): ClaimVerdict {
  const request = toRequest({ ...operation, rules, verdict, quorum: quorumOf(verdict) }, votes);
  const { reached, counted, voided, unproved } = quorumAtStart(request, eligible);
  if (reached && verdict.kind !== 'hold') return { kind: 'start' };
  const missing = Math.max(0, request.quorum - counted.length);
  const unconfirmed = request.unconfirmed !== null;
  const todo = [...(missing > 0 ? ['approve it again'] : []), ...(unconfirmed ? ['confirm it'] : [])];
  const next = todo.length === 0 ? null : sentence(`${todo.join(', ')}, or cancel it.`);
  const reopen = { kind: 'reopen', voided, unproved, policy: verdict, missing, next } as const;
  if (verdict.kind === 'hold') return { ...reopen, reason: `${verdict.why} It waits for the window.` };
  if (voided.length > 0 && missing > 0)
    return { ...reopen, reason: 'A vote no longer counts: that person may not approve any more.' };
  if (unproved.length > 0 && missing > 0)
    return { ...reopen, reason: 'A vote does not count: it was given without a code, and the policy asks for one.' };
  const open = [
    ...(missing > 0 ? [`${missing} more to approve.`] : []),
    ...(unconfirmed ? ['It is not confirmed.'] : []),
  ];
  return { ...reopen, reason: [verdict.why, ...open].join(' ') };
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
