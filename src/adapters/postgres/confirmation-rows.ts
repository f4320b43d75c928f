import { confirmationOf } from '../../../approvals/confirmation.ts';
import type { Actor } from '../../../approvals/request.ts';
import { destroyedBy } from '../../operations/plan.ts';
import type { OperationRecord } from '../../operations/records.ts';
import { insertPost } from './announce-store.ts';
import { accountNote, appendAudit } from './audit-store.ts';
import type { Client } from './pool.ts';

/** Notes what is asked of the requester, and what would be destroyed; nothing when nothing is asked. */
export async function auditAsked(
  client: Client,
  operation: Pick<OperationRecord, 'id' | 'generation' | 'plan' | 'planHash' | 'verdict' | 'requester'>,
): Promise<void> {
  const asked = confirmationOf(operation.verdict);
  if (asked === null) return;
  const { id, generation, plan, planHash, requester } = operation;
  await appendAudit(client, {
    actor: 'twokey',
    action: 'confirmation.asked',
    subject: id,
    data: { of: requester, ...asked, generation, planHash, destroys: destroyedBy(plan) },
  });
}

/**
 * Records that the requester is written to, because their confirmation is void and asked for anew: once for each
 * generation. Whoever had the plan built again themself is told by the answer to that.
 */
export async function askAnew(
  client: Client,
  operation: Pick<OperationRecord, 'id' | 'generation' | 'verdict' | 'requester'>,
  actor: string,
): Promise<void> {
  const { id, generation, verdict, requester } = operation;
  if (confirmationOf(verdict) === null || actor === requester) return;
  const key = `reconfirm:${id}:${generation}`;
  await insertPost(client, { key, operation: id, kind: 'reconfirm', channel: requester, body: {} });
}

/** Records that the requester has confirmed the present plan. */
export async function writeConfirmation(
  client: Client,
  operation: OperationRecord,
  by: Actor,
  given: { readonly typed: boolean; readonly reason: string | null; readonly becomes: string },
): Promise<void> {
  const { id, generation, planHash } = operation;
  await client.query(
    `update twokey.operation set confirmed_at = clock_timestamp(), confirmed_typed = $2, confirmed_reason = $3 where id = $1`,
    [id, given.typed, given.reason],
  );
  await appendAudit(client, {
    actor: by.person,
    action: 'confirmation.given',
    subject: id,
    data: { generation, planHash, ...given, ...accountNote(by) },
  });
}
