import type { Actor } from '../../../approvals/request.ts';
import type { Queryable } from './pool.ts';

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

/** The id that somebody used, for the data of a row, where that is not their main one. */
export function accountNote({ person, account }: Actor): { readonly account?: string } {
  return account === person ? {} : { account };
}

/** What people type may hold a NUL or half a character, which PostgreSQL's JSON cannot; a mark stands in for them. */
function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\ufffd') : value;
}
