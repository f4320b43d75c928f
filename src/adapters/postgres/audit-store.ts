import type { Pool, Queryable } from './pool.ts';

export interface AuditEntry {
  /** A person's id, or `twokey` for what the machine decides by itself. */
  readonly actor: string;
  /** What happened, for example `operation.requested`. */
  readonly action: string;
  /** What it happened to, for example an operation's id. */
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Appends a row to the chain, inside the caller's transaction, so that a decision and its record stand or fall together. */
export async function appendAudit(db: Queryable, entry: AuditEntry): Promise<number> {
  const { rows } = await db.query<{ seq: number }>('select twokey.audit_append($1, $2, $3, $4::jsonb) as seq', [
    entry.actor,
    entry.action,
    entry.subject,
    JSON.stringify(entry.data, storable),
  ]);
  return rows[0]?.seq ?? 0;
}

/** What people type may hold a NUL or half a character, which PostgreSQL's JSON cannot; a mark stands in for them. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;
}

export type AuditVerdict =
  | { readonly kind: 'intact'; readonly rows: number; readonly head: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly why: string };

/** Walks the whole chain and names the first row that does not fit. */
export async function verifyAudit(pool: Pool, pageSize = 5_000): Promise<AuditVerdict> {
  let previous = '0'.repeat(64);
  let expected = 1;
  for (;;) {
    const { rows } = await pool.query<{ seq: number; previous: string; hash: string; computed: string }>(
      `select seq, previous, hash, twokey.audit_hash(seq, at, actor, action, subject, data, previous) as computed
         from twokey.audit where seq >= $1 order by seq limit $2`,
      [expected, pageSize],
    );
    for (const row of rows) {
      if (row.seq !== expected) return { kind: 'broken', seq: expected, why: `row ${expected} is missing` };
      if (row.previous !== previous)
        return { kind: 'broken', seq: row.seq, why: `row ${row.seq} does not follow the row before it` };
      if (row.hash !== row.computed) return { kind: 'broken', seq: row.seq, why: `row ${row.seq} was changed` };
      previous = row.hash;
      expected += 1;
    }
    if (rows.length < pageSize) return { kind: 'intact', rows: expected - 1, head: previous };
  }
}
