import type { BackupBook, BackupTimes } from '../../operations/backups.ts';
import type { Pool } from './pool.ts';

/** How many of a site's newest operations are looked through; a backup before these is none that is fresh. */
const LOOKED_AT = 200;

/** Verified backups of sites, from the steps that put them in place. */
export class PostgresBackupBook implements BackupBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async verified(site: string, self: string | null): Promise<BackupTimes> {
    // The step that puts a backup in place follows the one that reads it back, also in an operation that failed later.
    const { rows } = await this.#pool.query<{ now: Date; asked_at: Date | null; verified: Date[] }>(
      `select clock_timestamp() as now, (select created_at from twokey.operation where id = $2) as asked_at,
              array(select s.ended_at
                      from (select id from twokey.operation where site = $1 order by created_at desc limit $3) o
                      join twokey.step s on s.operation = o.id
                     where s.step = 'backup.publish' and s.state = 'succeeded' and s.ended_at is not null
                     order by s.ended_at desc) as verified`,
      [site, self, LOOKED_AT],
    );
    const [row] = rows;
    const now = row?.now ?? new Date(0);
    return { now, askedAt: row?.asked_at ?? now, verified: row?.verified ?? [] };
  }
}
