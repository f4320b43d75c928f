import type { AuditBook, AuditRow } from '../../operations/audit.ts';
import type { Pool, Queryable } from './pool.ts';

/** Every column, in the spelling that the hash covers. */
const COLUMNS = `seq, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') as at, actor, action, subject,
  data::text as data, previous, hash`;
const PAGE = 5_000;

/** All rows since an instant in order, a page at a time. */
export async function* auditRows(db: Queryable, since: Date | null = null): AsyncGenerator<AuditRow> {
  let after = since === null ? Number.MIN_SAFE_INTEGER : await lastBefore(db, since);
  for (;;) {
    const { rows } = await db.query<AuditRow>(
      `select ${COLUMNS} from twokey.audit where seq > $1 order by seq limit $2`,
      [after, PAGE],
    );
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.seq;
  }
}

/** The row after which those since an instant begin; the last one of all when there are none. */
async function lastBefore(db: Queryable, since: Date): Promise<number> {
  const { rows } = await db.query<{ seq: number }>(
    `select coalesce((select min(seq) - 1 from twokey.audit where at >= $1), (select max(seq) from twokey.audit), 0) as seq`,
    [since],
  );
  return rows[0]?.seq ?? 0;
}

/** All rows about one subject, in order. */
export async function auditAbout(db: Queryable, subject: string): Promise<readonly AuditRow[]> {
  const { rows } = await db.query<AuditRow>(`select ${COLUMNS} from twokey.audit where subject = $1 order by seq`, [
    subject,
  ]);
  return rows;
}

/** How many rows there are and the last one's hash; null while there is none. */
export async function auditHead(db: Queryable): Promise<{ readonly rows: number; readonly head: string } | null> {
  const { rows } = await db.query<{ rows: number; head: string }>(
    'select seq as rows, hash as head from twokey.audit order by seq desc limit 1',
  );
  return rows[0] ?? null;
}

export class PostgresAuditBook implements AuditBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async last(filter: Parameters<AuditBook['last']>[0]): Promise<readonly AuditRow[]> {
    const { rows } = await this.#pool.query<AuditRow>(
      `select ${COLUMNS} from twokey.audit where ($1::text is null or subject = $1 or actor = $1)
         and ($2::text is null or starts_with(action, $2)) and ($3::timestamptz is null or at >= $3)
       order by seq desc limit $4`,
      [filter.about, filter.action, filter.since, filter.limit],
    );
    return rows.toReversed();
  }
}
