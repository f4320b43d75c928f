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

/**
 * The number of the first row since an instant; null when there is none. Times hardly ever step back from one row to the
 * next: a row's time is taken before its turn to be written comes. So the first of many by time are looked through.
 */
async function firstSince(db: Queryable, since: Date): Promise<number | null> {
  const { rows } = await db.query<{ seq: number | null }>(
    'select min(seq) as seq from (select seq from twokey.audit where at >= $1 order by at limit 200) early',
    [since],
  );
  return rows[0]?.seq ?? null;
}

/** The row after which those since an instant begin; the last one of all when there are none. */
async function lastBefore(db: Queryable, since: Date): Promise<number> {
  const first = await firstSince(db, since);
  return first === null ? ((await auditHead(db))?.rows ?? 0) : first - 1;
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

  async last({ about, action, since, limit }: Parameters<AuditBook['last']>[0]): Promise<readonly AuditRow[]> {
    const first = since === null ? 1 : await firstSince(this.#pool, since);
    if (first === null) return [];
    const beginning = action === null ? null : `${action.replaceAll(/[\\%_]/g, '\\$&')}%`;
    const { rows } = await this.#pool.query<AuditRow>(
      `select ${COLUMNS} from twokey.audit where seq in (${lastOf(about !== null, beginning !== null)}) order by seq desc limit $1`,
      [limit, first, ...(about === null ? [] : [about]), ...(beginning === null ? [] : [beginning])],
    );
    return rows.toReversed();
  }
}

/** The numbers of the last rows: $1 how many, $2 the first that may be, then what they are about and the action's beginning. */
function lastOf(hasAbout: boolean, hasAction: boolean): string {
  const begins = hasAction ? `action like ${hasAbout ? '$4' : '$3'}` : 'true';
  if (!hasAbout) return hasAction ? lastOfKinds(begins, 'true') : last('true');
  return `${lastOfKinds(begins, 'actor = $3')} union ${last(`subject = $3 and ${begins}`)}`;
}

function last(condition: string): string {
  return `(select seq from twokey.audit where seq >= $2 and ${condition} order by seq desc limit $1)`;
}

/**
 * The same among the actions that have a beginning, kind by kind: there are few kinds, and the last rows of each are found
 * at once, while a search backwards through all rows is long for what happens no more, or never to this actor.
 */
function lastOfKinds(begins: string, condition: string): string {
  const kindAfter = (after: string) =>
    `(select action from twokey.audit where ${after} and ${begins} order by action using ~<~ limit 1)`;
  return `(with recursive kinds (kind) as (
      ${kindAfter('true')} union all select ${kindAfter('action ~>~ kind')} from kinds where kind is not null)
    select seq from kinds cross join lateral ${last(`action = kind and ${condition}`)} of_kind order by seq desc limit $1)`;
}
