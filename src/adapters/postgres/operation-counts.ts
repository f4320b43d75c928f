import type { Queryable } from './pool.ts';

/** How many operations that have not ended are in each state. */
export async function activeByState(db: Queryable): Promise<ReadonlyMap<string, number>> {
  const { rows } = await db.query<{ state: string; count: number }>(
    // In the words of the index of what is open, or every operation there ever was would be counted through.
    `select state, count(*) as count from twokey.operation
      where state in ('awaiting', 'held', 'queued', 'running', 'unreachable') group by state`,
  );
  return new Map(rows.map(({ state, count }) => [state, count]));
}
