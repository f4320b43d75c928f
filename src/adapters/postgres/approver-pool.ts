import { type PoolRule, poolFor, poolNews, type ShortPool, shortPools } from '../../../approvals/pool.ts';
import { insertPost } from './announce-store.ts';
import { appendAudit } from './audit-store.ts';
import { touch } from './operation-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';

/**
 * Compares the approvers there are with what each environment needs. A change is recorded, audited and put into the
 * outbox for `channel` in one transaction, once; waiting operations that can never reach their quorum are marked. Answers
 * the environments that are short of approvers.
 */
export async function noteApprovers(
  pool: Pool,
  it: { readonly rules: readonly PoolRule[]; readonly approvers: readonly string[]; readonly channel: string },
): Promise<readonly ShortPool[]> {
  const short = shortPools(it.rules, it.approvers);
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ told: ShortPool[]; version: number }>(
      'select told, version from twokey.approver_pool for update',
    );
    await markWaiting(client, it.approvers);
    const news = poolNews(rows[0]?.told ?? [], short);
    if (news) {
      const version = (rows[0]?.version ?? 0) + 1;
      await client.query('update twokey.approver_pool set told = $1, version = $2', [JSON.stringify(short), version]);
      await appendAudit(client, {
        actor: 'twokey',
        action: short.length > 0 ? 'approvers.short' : 'approvers.enough',
        subject: 'roles',
        data: { ...news },
      });
      await insertPost(client, {
        key: `pool:${version}`,
        operation: null,
        kind: 'pool',
        channel: it.channel,
        body: { pool: news },
      });
    }
  });
  return short;
}

/** Marks the waiting operations whose quorum is out of reach, and takes the mark from those where it is not any more. */
async function markWaiting(client: Client, approvers: readonly string[]): Promise<void> {
  const { rows } = await client.query<{
    id: string;
    requester: string;
    requester_counts: boolean;
    quorum: number;
    approvers_left: string[] | null;
  }>(
    `select id, requester, requester_counts, quorum, approvers_left from twokey.operation
      where state in ('awaiting', 'held') and quorum > 0 order by id for update`,
  );
  for (const row of rows) {
    const left = [...poolFor(approvers, row.requester, row.requester_counts)].sort();
    const mark = left.length < row.quorum ? left : null;
    if ((mark?.join() ?? null) === (row.approvers_left?.join() ?? null)) continue;
    await client.query('update twokey.operation set approvers_left = $2 where id = $1', [row.id, mark]);
    await touch(client, row.id);
  }
}
