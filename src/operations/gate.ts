import { countedApprovers, quorumAtStart } from '../../approvals/machine.ts';
import type { Request } from '../../approvals/request.ts';
import { codesRequired } from '../../approvals/step-up.ts';
import type { Plan } from './plan.ts';
import { describeDrift, hashPlan } from './plan.ts';
import type { AskPolicy, ClaimFacts, ClaimVerdict, PeopleNow } from './ports.ts';
import type { OperationRecord, VoteRecord } from './records.ts';
import { describeRulesDrift } from './site-policy.ts';

/** The operation as approvals see it. What is held and has its votes is as good as approved: only time is missing. */
export function toRequest(operation: OperationRecord, votes: readonly VoteRecord[]): Request {
  const request = asRequest(operation, votes);
  const complete = operation.state === 'held' && countedApprovers(request).length >= request.quorum;
  return complete ? { ...request, state: 'approved' } : request;
}

function asRequest(operation: OperationRecord, votes: readonly VoteRecord[]): Request {
  const states = {
    awaiting: 'open',
    held: 'open',
    queued: 'approved',
    denied: 'denied',
    expired: 'expired',
    cancelled: 'cancelled',
  } as const;
  const state = operation.state in states ? states[operation.state as keyof typeof states] : 'started';
  return {
    operation: operation.id,
    generation: operation.generation,
    planHash: operation.planHash,
    requester: operation.requester,
    state,
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
  };
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
  const { operation, now } = facts;
  if (operation.state !== 'queued') return { kind: 'ignore', reason: `it is ${operation.state}` };
  if (operation.runNumber !== runNumber) return { kind: 'ignore', reason: 'a later run took its place' };
  if (operation.startBy !== null && now >= operation.startBy) {
    return { kind: 'end', state: 'expired', reason: 'It could not start in time.', next: 'Send the command again.' };
  }
  if (fresh.requester !== null) {
    const { message, next } = fresh.requester;
    return { kind: 'end', state: 'failed', reason: `It was not started. ${message}`, next };
  }
  const { verdict, rules, requesterCounts } = ask(facts);
  if (verdict.kind === 'refuse') {
    return { kind: 'end', state: 'failed', reason: verdict.refusal.message, next: verdict.refusal.next };
  }
  const free = verdict.kind === 'run' || verdict.kind === 'confirm';
  const freshHash = hashPlan(fresh.plan);
  const replaced = { plan: fresh.plan, planHash: freshHash, rules, requesterCounts };
  if (freshHash !== operation.planHash) {
    const changes = describeDrift(operation.plan, fresh.plan);
    const reason = `What would run is no longer what was approved: ${changes.join('; ')}`;
    if (!free) return { kind: 'drift', ...replaced, reason, changes, policy: verdict };
    // Nobody has to approve the new plan, but nobody has asked for it either.
    return {
      kind: 'end',
      state: 'failed',
      reason: `What would run is no longer what was asked for: ${changes.join('; ')}`,
      next: 'Press Retry to ask for it as it is now.',
    };
  }
  if (free) return { kind: 'start' };
  const changes = describeRulesDrift(operation.rules, rules);
  if (changes.length > 0) {
    const reason = `The policy is no longer the one under which it was asked for: ${changes.join('; ')}`;
    return { kind: 'drift', ...replaced, reason, changes, policy: verdict };
  }
  const request = toRequest({ ...operation, rules, quorum: verdict.quorum }, facts.votes);
  const { reached, counted, voided, unproved } = quorumAtStart(request, fresh.eligible);
  if (verdict.kind === 'hold') {
    return { kind: 'reopen', voided, unproved, reason: `${verdict.why} It waits for the window.`, policy: verdict };
  }
  if (reached) return { kind: 'start' };
  const missing = verdict.quorum - counted.length;
  return {
    kind: 'reopen',
    policy: verdict,
    voided,
    unproved,
    reason:
      voided.length > 0
        ? 'A vote no longer counts: that person may not approve any more.'
        : unproved.length > 0
          ? 'A vote does not count: it was given without a code, and the policy asks for one.'
          : `${verdict.why} ${missing} more to approve.`,
  };
}
