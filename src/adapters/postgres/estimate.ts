import type { Queryable } from './pool.ts';

/** How long a command took on a site: the mean of its last five successes in milliseconds, null without any. */
export async function meanDuration(db: Queryable, site: string, command: string): Promise<number | null> {
  const { rows } = await db.query<{ mean: number | null }>(
    `select avg(extract(epoch from ended_at - started_at) * 1000)::bigint as mean from (
       select started_at, ended_at from twokey.operation
        where site = $1 and command = $2 and state = 'succeeded' order by created_at desc limit 5) last`,
    [site, command],
  );
  return rows[0]?.mean ?? null;
}
