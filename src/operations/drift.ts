import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { describeDrift, hashPlan, type Plan } from './plan.ts';
import type { AskPolicy, ClaimFacts, Drift, PolicyNow, WaitingVerdict } from './ports.ts';
import type { OperationRecord } from './records.ts';
import { describeRulesDrift } from './site-policy.ts';

const opening = (verdict: WaitingVerdict): Date | null => (verdict.kind === 'hold' ? verdict.until : null);

/** The new plan with what has changed; null when it is the plan that people were asked about. */
export function planDrift(
  operation: OperationRecord,
  plan: Plan,
  { rules, requesterCounts }: PolicyNow,
  policy: WaitingVerdict,
): Drift | null {
  const planHash = hashPlan(plan);
  if (planHash === operation.planHash) return null;
  const changes = describeDrift(operation.plan, plan);
  const approved = policy.kind === 'votes' || policy.kind === 'hold';
  const reason = `What would run is no longer what was ${approved ? 'approved' : 'asked for'}: ${changes.join('; ')}`;
  return { kind: 'drift', plan, planHash, rules, requesterCounts, reason, changes, policy, opensAt: opening(policy) };
}

/** The same plan under another policy; null when votes are given under these very rules. */
export function rulesDrift(
  operation: OperationRecord,
  plan: Plan,
  { rules, requesterCounts }: PolicyNow,
  policy: WaitingVerdict,
): Drift | null {
  const changes = describeRulesDrift(operation.rules, rules);
  if (changes.length === 0) return null;
  const reason = `The policy is no longer the one under which it was asked for: ${changes.join('; ')}`;
  const planHash = operation.planHash;
  return { kind: 'drift', plan, planHash, rules, requesterCounts, reason, changes, policy, opensAt: opening(policy) };
}

/**
 * What becomes of an operation that waits when somebody has its plan built again: null when plan and policy are those
 * that people were asked about. Refusals: request_closed when it does not wait any more, and the policy's own.
 */
export function judgeReplan(facts: ClaimFacts, plan: Plan, ask: AskPolicy): Result<Drift | null, Refusal> {
  const { operation, freezes, now } = facts;
  if (operation.state !== 'awaiting' && operation.state !== 'held')
    return err(
      refusal('request_closed', 'It does not wait any more, so its plan stays as it is.', 'Look at its card.'),
    );
  const { notBefore } = operation;
  const named = notBefore !== null && notBefore > now ? notBefore : null;
  const asked = ask({ now: named ?? now, freezes }, plan);
  if (asked.verdict.kind === 'refuse') return err(asked.verdict.refusal);
  // What waits for people goes on waiting for them, though it would start at once were it asked for now.
  const policy = asked.verdict.kind === 'run' && named === null ? operation.verdict : asked.verdict;
  const drift =
    planDrift(operation, plan, asked, policy) ??
    (policy.kind === 'votes' || policy.kind === 'hold' ? rulesDrift(operation, plan, asked, policy) : null);
  return ok(drift && { ...drift, opensAt: drift.opensAt ?? named });
}
