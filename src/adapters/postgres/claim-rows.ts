import { assertNever } from '../../kernel/result.ts';
import type { ClaimVerdict, WaitingVerdict } from '../../operations/ports.ts';
import type { OperationRecord } from '../../operations/records.ts';
import { appendAudit } from './audit-store.ts';
import { endOperation, touch } from './operation-store.ts';
import type { Client } from './pool.ts';

/**
 * It waits after all, for people or for its window: the policy's verdict ($2) and quorum ($3) are those of now, and the
 * clocks begin again when the window ($4) opens.
 */
const WAIT_AGAIN = `state = case when $2::jsonb->>'kind' = 'hold' then 'held' else 'awaiting' end, verdict = $2::jsonb, quorum = $3,
  opens_at = $4::timestamptz,
  decide_by = greatest(clock_timestamp(), $4::timestamptz) + make_interval(secs => decide_within_ms / 1000.0),
  start_by = greatest(start_by, $4::timestamptz + make_interval(secs => start_within_ms / 1000.0))`;

const opening = ({ policy }: { readonly policy: WaitingVerdict }) => (policy.kind === 'hold' ? policy.until : null);

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
        `update twokey.operation set state = 'running', reason = null, next = null, started_at = clock_timestamp() where id = $1`,
        [id],
      );
      await appendAudit(client, {
        actor: 'twokey',
        action: 'operation.started',
        subject: id,
        data: { runNumber, planHash: operation.planHash, ...verdict.decision },
      });
      break;
    case 'drift':
      await client.query(
        `update twokey.operation set ${WAIT_AGAIN}, plan = $5, plan_hash = $6, generation = generation + 1, reason = $7,
           rules = $8, requester_counts = $9, next = 'Look at it as it is now and approve it again.' where id = $1`,
        [
          id,
          JSON.stringify(verdict.policy),
          verdict.policy.quorum,
          opening(verdict),
          JSON.stringify(verdict.plan),
          verdict.planHash,
          verdict.reason,
          JSON.stringify(verdict.rules),
          verdict.requesterCounts,
        ],
      );
      await client.query(`update twokey.vote set void_reason = 'drift' where operation = $1 and generation = $2`, [
        id,
        operation.generation,
      ]);
      await replaceSteps(client, id, verdict.plan);
      await appendAudit(client, {
        actor: 'twokey',
        action: 'operation.drifted',
        subject: id,
        data: { before: operation.planHash, after: verdict.planHash, changes: verdict.changes, ...verdict.decision },
      });
      break;
    case 'reopen':
      await client.query(
        `update twokey.operation set ${WAIT_AGAIN}, reason = $5,
           next = case when $6 then 'Approve it again, or cancel it.' end where id = $1`,
        [
          id,
          JSON.stringify(verdict.policy),
          verdict.policy.quorum,
          opening(verdict),
          verdict.reason,
          verdict.policy.kind === 'votes' || verdict.voided.length + verdict.unproved.length > 0,
        ],
      );
      for (const [why, people] of [
        ['no longer an approver', verdict.voided],
        ['given without a code', verdict.unproved],
      ])
        await client.query(
          'update twokey.vote set void_reason = $4 where operation = $1 and generation = $2 and person = any($3)',
          [id, operation.generation, people, why],
        );
      await appendAudit(client, {
        actor: 'twokey',
        action: 'operation.reopened',
        subject: id,
        data: { voided: verdict.voided, unproved: verdict.unproved, reason: verdict.reason, ...verdict.decision },
      });
      break;
    case 'end':
      await endOperation(client, id, { ...verdict, actor: 'twokey' });
      return;
    default:
      assertNever(verdict);
  }
  await touch(client, id);
}

async function replaceSteps(client: Client, id: string, plan: OperationRecord['plan']): Promise<void> {
  await client.query('delete from twokey.step where operation = $1', [id]);
  for (const [index, step] of plan.steps.entries()) {
    await client.query(
      `insert into twokey.step (operation, n, step, title, cleanup, host, state) values ($1, $2, $3, $4, false, $5, 'waiting')`,
      [id, index + 1, step.step, step.title, step.host],
    );
  }
}
