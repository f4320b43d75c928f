import { confirmationOf } from '../../../approvals/confirmation.ts';
import type { Decision } from '../../../approvals/policy.ts';
import { assertNever } from '../../kernel/result.ts';
import { quorumOf } from '../../operations/assess.ts';
import { unconfirmedOf } from '../../operations/gate.ts';
import type { ClaimFacts, ClaimVerdict, Drift, WaitingVerdict } from '../../operations/ports.ts';
import type { OperationRecord } from '../../operations/records.ts';
import { appendAudit } from './audit-store.ts';
import { askAnew, auditAsked } from './confirmation-rows.ts';
import { currentFreezes } from './freeze-store.ts';
import { endOperation, insertSteps, lockOperation, touch } from './operation-store.ts';
import type { Client } from './pool.ts';
import { toVote, type VoteRow } from './rows.ts';

/**
 * It waits after all, for people or for its window: the policy's verdict ($2) and quorum ($3) are those of now, and the
 * clocks begin again when the window ($4) opens.
 */
const WAIT_AGAIN = `state = case when $2::jsonb->>'kind' = 'hold' or $4::timestamptz is not null then 'held' else 'awaiting' end,
  verdict = $2::jsonb, quorum = $3, opens_at = $4::timestamptz,
  decide_by = greatest(clock_timestamp(), $4::timestamptz) + make_interval(secs => decide_within_ms / 1000.0),
  start_by = greatest(start_by, $4::timestamptz + make_interval(secs => start_within_ms / 1000.0))`;

/** Writes that it waits again under this verdict; the same operation, plan and votes. */
export async function waitAgain(client: Client, id: string, policy: WaitingVerdict, opensAt: Date): Promise<void> {
  const values = [id, JSON.stringify(policy), quorumOf(policy), opensAt];
  await client.query(`update twokey.operation set ${WAIT_AGAIN}, reason = null, next = null where id = $1`, values);
}

/** What the gate looks at, under the lock of the operation's row; null when there is no such operation. */
export async function claimFacts(client: Client, id: string): Promise<ClaimFacts | null> {
  const locked = await lockOperation(client, id);
  if (!locked) return null;
  const votes = await client.query<VoteRow>('select * from twokey.vote where operation = $1', [id]);
  const freezes = await currentFreezes(client);
  return { operation: locked.operation, votes: votes.rows.map(toVote), freezes, now: locked.now };
}

/** Writes what follows from the gate's verdict, in the transaction in which it was given. */
export async function writeClaim(
  client: Client,
  operation: OperationRecord,
  runNumber: number,
  verdict: ClaimVerdict,
): Promise<void> {
  const { id } = operation;
  switch (verdict.kind) {
    case 'ignore':
    case 'wait':
      return;
    case 'start':
      await client.query(
        `update twokey.operation set state = 'running', reason = null, next = null, started_at = clock_timestamp(),
           verdict = case when $2::text is null then verdict - 'warning' else verdict || jsonb_build_object('warning', $2::text) end
          where id = $1`,
        [id, warningOf(verdict.decision)],
      );
      await appendAudit(client, {
        actor: 'twokey',
        action: 'operation.started',
        subject: id,
        data: { runNumber, planHash: operation.planHash, ...verdict.decision },
      });
      break;
    case 'drift':
      await writeDrift(client, operation, verdict, {
        actor: 'twokey',
        action: 'operation.drifted',
        ...(verdict.decision ? { decision: verdict.decision } : {}),
      });
      break;
    case 'reopen':
      await writeReopen(client, operation, verdict);
      break;
    case 'end':
      await endOperation(client, id, { ...verdict, actor: 'twokey' });
      return;
    default:
      assertNever(verdict);
  }
  await touch(client, id);
}

/**
 * Replaces the plan: a new generation without votes and without a confirmation, for which everybody is asked again.
 * `by` says who found the difference.
 */
export async function writeDrift(
  client: Client,
  operation: OperationRecord,
  drift: Drift,
  by: { readonly actor: string; readonly action: string; readonly decision?: Decision },
): Promise<void> {
  const { id } = operation;
  const { policy } = drift;
  const todo = quorumOf(policy) > 0 ? 'approve it again' : 'confirm it again';
  const asks = quorumOf(policy) > 0 || confirmationOf(policy) !== null;
  await client.query(
    `update twokey.operation set ${WAIT_AGAIN}, plan = $5, plan_hash = $6, generation = generation + 1, reason = $7,
       rules = $8, requester_counts = $9, next = $10, confirmed_at = null, confirmed_typed = null, confirmed_reason = null
      where id = $1`,
    [
      id,
      JSON.stringify(policy),
      quorumOf(policy),
      drift.opensAt,
      JSON.stringify(drift.plan),
      drift.planHash,
      drift.reason,
      JSON.stringify(drift.rules),
      drift.requesterCounts,
      asks ? `Look at it as it is now and ${todo}.` : null,
    ],
  );
  await client.query(`update twokey.vote set void_reason = 'drift' where operation = $1 and generation = $2`, [
    id,
    operation.generation,
  ]);
  await client.query('delete from twokey.step where operation = $1', [id]);
  await insertSteps(client, id, drift.plan);
  await appendAudit(client, {
    actor: by.actor,
    action: by.action,
    subject: id,
    data: {
      before: operation.planHash,
      after: drift.planHash,
      changes: drift.changes,
      ...(operation.confirmed === null ? {} : { confirmation: 'void' }),
      ...by.decision,
    },
  });
  const { plan, planHash } = drift;
  const anew = { ...operation, generation: operation.generation + 1, verdict: policy, plan, planHash };
  await auditAsked(client, anew);
  if (operation.confirmed !== null) await askAnew(client, anew, by.actor);
}

/** Sends it back to people or to its window; what counts still counts, and approvers are called again where votes are missing. */
async function writeReopen(
  client: Client,
  operation: OperationRecord,
  verdict: Extract<ClaimVerdict, { kind: 'reopen' }>,
): Promise<void> {
  const { id } = operation;
  const { policy, voided, unproved, reason, next, missing } = verdict;
  const opensAt = policy.kind === 'hold' ? policy.until : null;
  await client.query(
    `update twokey.operation set ${WAIT_AGAIN}, reason = $5, next = $6, call = call + $7 where id = $1`,
    [id, JSON.stringify(policy), quorumOf(policy), opensAt, reason, next, missing > 0 ? 1 : 0],
  );
  for (const [why, people] of [
    ['no longer an approver', voided],
    ['given without a code', unproved],
  ])
    await client.query(
      'update twokey.vote set void_reason = $4 where operation = $1 and generation = $2 and person = any($3)',
      [id, operation.generation, people, why],
    );
  await appendAudit(client, {
    actor: 'twokey',
    action: 'operation.reopened',
    subject: id,
    data: { voided, unproved, reason, ...verdict.decision },
  });
  if (unconfirmedOf({ ...operation, verdict: policy }) !== null)
    await auditAsked(client, { ...operation, verdict: policy });
}

/** What the policy warned of at the instant of the start. */
function warningOf(decision: Decision | undefined): string | null {
  return decision === undefined || decision.verdict.kind === 'refuse' ? null : (decision.verdict.warning ?? null);
}
