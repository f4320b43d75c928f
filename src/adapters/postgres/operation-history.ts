import type { OperationBook } from '../../operations/book.ts';
import type { OperationRecord } from '../../operations/records.ts';
import type { Queryable } from './pool.ts';
import { type OperationRow, toOperation } from './rows.ts';

type Filter = Parameters<OperationBook['history']>[0];

/** The newest of each site first: one that is rarely worked on is not looked for among the operations of all others. */
const OF_SITES = `select o.* from (
    select newest.id from (select distinct unnest($2::text[]) as site) s cross join lateral (
      select id, created_at from twokey.operation where site = s.site order by created_at desc limit $1) newest
     order by newest.created_at desc limit $1) last
  join twokey.operation o on o.id = last.id order by o.created_at desc`;

/** The last operations, the newest first; see OperationBook for what the filter means. */
export async function readHistory(
  db: Queryable,
  { site, sites = null, limit }: Filter,
): Promise<readonly OperationRecord[]> {
  const of = site === null ? sites : sites === null || sites.includes(site) ? [site] : [];
  const { rows } =
    of === null
      ? await db.query<OperationRow>('select * from twokey.operation order by created_at desc limit $1', [limit])
      : await db.query<OperationRow>(OF_SITES, [limit, of]);
  return rows.map(toOperation);
}

/** The last operation of the same command on the same site that had started before this one was asked for. */
export async function readRunBefore(db: Queryable, operation: OperationRecord): Promise<OperationRecord | null> {
  const { rows } = await db.query<OperationRow>(
    `select * from twokey.operation where site = $1 and command = $2 and created_at < $3 and id <> $4
       and started_at is not null order by created_at desc limit 1`,
    [operation.site, operation.command, operation.createdAt, operation.id],
  );
  return rows[0] ? toOperation(rows[0]) : null;
}
