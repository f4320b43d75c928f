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

/**
 * Appends a row to the chain, inside the caller's transaction, so that a decision and its record stand or fall together.
 *
 * It locks the whole log until the transaction ends. So that no two transactions ever wait for one another, all of them
 * take their locks in one order, and leave out what they do not need:
 *
 * 1. advisory locks by which the askers of one thing take turns (a person's reviews before a person's requests; the room on
 *    hosts, which only claims of disruptive operations take);
 * 2. the row of a freeze or of the approver pool;
 * 3. rows of operations, several of them in the order of their ids; or of a standing approval, a new one before the one
 *    whose place it takes; or of a person's codes;
 * 4. what belongs to those: steps, jobs, scripts, votes, cards; the estate's advisory lock, its rows, settings, releases;
 * 5. the audit log. After this, only what the transaction has locked or made itself, and rows under a lock of 3.
 *
 * A foreign key counts as well: to insert a row that names an operation waits for whoever has locked that one. What the
 * announcer writes begins with its own row (`asHolder`) and never comes here. A trigger writes the card whenever its
 * operation's revision is raised, at whatever place above: the announcer is the only other one that locks a card, and does
 * that last.
 */
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

/** What people type may hold a NUL or half a character, which PostgreSQL cannot store; a mark stands in for them. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/** The same act with a reason that can be stored. */
export function withStorableReason<T extends { readonly reason: string | null }>(by: T): T {
  return { ...by, reason: by.reason === null ? null : storableText(by.reason) };
}

function storable(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storableText(value) : value;
}
