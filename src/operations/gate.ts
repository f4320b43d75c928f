import { countedApprovers, quorumAtStart } from '../../approvals/machine.ts';
import type { Verdict } from '../../approvals/policy.ts';
import type { Request } from '../../approvals/request.ts';
import type { Plan } from './plan.ts';
import { describeDrift, hashPlan } from './plan.ts';
import type { ClaimFacts, ClaimVerdict } from './ports.ts';
import type { OperationRecord, VoteRecord } from './records.ts';

/** The operation as approvals see it. */
export function toRequest(operation: OperationRecord, votes: readonly VoteRecord[]): Request {
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
    decideBy: operation.decideBy ?? operation.createdAt,
    votes: votes.map((vote) => ({
      person: vote.person,
      verdict: vote.verdict,
      generation: vote.generation,
      withdrawn: vote.withdrawnAt !== null || vote.voidReason !== null,
    })),
  };
}

/**
 * The last look before the first step, inside the transaction that starts the run: the plan built from fresh facts must
 * be the approved one, the policy is asked again at the database's time, and every voter must still be one.
 */
export function judgeClaim(
  facts: ClaimFacts,
  fresh: { readonly plan: Plan; readonly eligible: ReadonlyMap<string, boolean> },
  policyNow: (now: Date) => Verdict,
  runNumber: number,
): ClaimVerdict {
  const { operation, now } = facts;
  if (operation.state !== 'queued') return { kind: 'ignore', reason: `it is ${operation.state}` };
  if (operation.runNumber !== runNumber) return { kind: 'ignore', reason: 'a later run took its place' };
  if (operation.startBy !== null && now >= operation.startBy) {
    return { kind: 'end', state: 'expired', reason: 'It could not start in time.', next: 'Send the command again.' };
  }
  const verdict = policyNow(now);
  if (verdict.kind === 'refuse') {
    return { kind: 'end', state: 'failed', reason: verdict.refusal.message, next: verdict.refusal.next };
  }
  const free = verdict.kind === 'run' || verdict.kind === 'confirm';
  const freshHash = hashPlan(fresh.plan);
  if (freshHash !== operation.planHash) {
    const changes = describeDrift(operation.plan, fresh.plan);
    if (!free) return { kind: 'drift', plan: fresh.plan, planHash: freshHash, changes, policy: verdict };
    // Nobody has to approve the new plan, but nobody has asked for it either.
    return {
      kind: 'end',
      state: 'failed',
      reason: `What would run is no longer what was asked for: ${changes.join('; ')}`,
      next: 'Press Retry to ask for it as it is now.',
    };
  }
  if (free) return { kind: 'start' };
  const request = toRequest({ ...operation, quorum: verdict.quorum }, facts.votes);
  const { reached, voided } = quorumAtStart(request, fresh.eligible);
  if (verdict.kind === 'hold') {
    return { kind: 'reopen', voided, reason: `${verdict.why} It waits for the window.`, policy: verdict };
  }
  if (reached) return { kind: 'start' };
  const missing = verdict.quorum - (countedApprovers(request).length - voided.length);
  return {
    kind: 'reopen',
    policy: verdict,
    voided,
    reason:
      voided.length > 0
        ? 'A vote no longer counts: that person may not approve any more.'
        : `${verdict.why} ${missing} more to approve.`,
  };
}
