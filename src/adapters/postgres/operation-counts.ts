import type { Queryable } from './pool.ts';
import { NOT_ENDED } from './rows.ts';

/** How many operations that have not ended are in each state. */
export async function activeByState(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ state: string; count: number }>(
    `select state, count(*) as count from twokey.operation where ${NOT_ENDED} group by state`,
  );
  return new Map(rows.map(({ state, count }) => [state, count]));
}
