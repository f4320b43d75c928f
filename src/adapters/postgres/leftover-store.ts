import type { Leftover, LeftoverBook } from '../../operations/leftovers.ts';
import type { Pool } from './pool.ts';

/** How many folders are emptied in one round. */
const BATCH = 100;

/** Which jobs left more than their end on their hosts. Where nobody saw the end, of the operation or of a step, a person may have to look. */
export class PostgresLeftovers implements LeftoverBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async due(): Promise<readonly Leftover[]> {
    const { rows } = await this.#pool.query<Leftover>(
      `select j.jid, j.host from twokey.job j join twokey.operation o on o.id = j.operation
          join twokey.step s on s.operation = j.operation and s.n = j.n
        where j.removed_at is null and o.state in ('succeeded', 'failed', 'cancelled')
          and o.ended_at < clock_timestamp() - interval '7 days'
          and s.ended_at is not null and s.state <> 'lost'
          and (j.remove_tried_at is null or j.remove_tried_at < clock_timestamp() - interval '1 day')
        order by j.created_at limit ${BATCH}`,
    );
    return rows;
  }

  async removed(jid: string): Promise<void> {
    await this.#pool.query('update twokey.job set removed_at = clock_timestamp() where jid = $1', [jid]);
  }

  async tried(jid: string): Promise<void> {
    await this.#pool.query('update twokey.job set remove_tried_at = clock_timestamp() where jid = $1', [jid]);
  }
}
