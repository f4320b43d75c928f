import { sha256 } from '../kernel/ids.ts';

/** A row of the audit log, exactly as its hash covers it. */
export interface AuditRow {
  /** 1 for the first row; no number is left out. */
  readonly seq: number;
  /** UTC with microseconds, `2026-11-21T09:30:00.123456`. */
  readonly at: string;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  /** The JSON text as PostgreSQL prints it; another spelling of the same JSON has another hash. */
  readonly data: string;
  /** The hash of the row before, 64 zeros for the first. */
  readonly previous: string;
  readonly hash: string;
}

/** The audit log, as commands read it. */
export interface AuditBook {
  /** The last rows that fit, oldest first. `about` is a subject or an actor, `action` the beginning of one. */
  last(filter: {
    readonly about: string | null;
    readonly action: string | null;
    readonly since: Date | null;
    readonly limit: number;
  }): Promise<readonly AuditRow[]>;
}

export type AuditVerdict =
  | { readonly kind: 'intact'; readonly first: number; readonly rows: number; readonly head: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly why: string };

/** A head that was told outside, for example in the audit channel: so many rows, and the last one's hash. */
export interface PostedHead {
  readonly rows: number;
  readonly head: string;
}

export const NO_ROW = '0'.repeat(64);

/** What a row's hash has to be. The recipe is documented for outsiders in docs/operating.md. */
export function hashOf(row: Omit<AuditRow, 'hash'>): string {
  const words = [row.actor, row.action, row.subject].map((word) => JSON.stringify(word));
  return sha256([row.previous, row.seq, row.at, ...words, row.data].join('\n'));
}

/**
 * Walks the chain and names the first row that does not fit. An `excerpt` (an export of the newer rows) is checked from
 * its first row on; the log itself has to begin with row 1. A posted head must be found again at its row, so that a cut
 * tail shows.
 */
export async function verifyChain(
  rows: AsyncIterable<AuditRow> | Iterable<AuditRow>,
  kind: 'log' | 'excerpt',
  posted: PostedHead | null = null,
): Promise<AuditVerdict> {
  let first: number | null = null;
  let previous = NO_ROW;
  let expected = 1;
  let witnessed = posted === null || (posted.rows === 0 && posted.head === NO_ROW);
  for await (const row of rows) {
    if (first === null) {
      first = row.seq;
      // Without the rows before it nothing can be said about the first of an excerpt but its own hash.
      if (kind === 'excerpt' && row.seq > 1) [expected, previous] = [row.seq, row.previous];
    }
    if (row.seq !== expected) return { kind: 'broken', seq: expected, why: `row ${expected} is missing` };
    if (row.previous !== previous)
      return { kind: 'broken', seq: row.seq, why: `row ${row.seq} does not follow the row before it` };
    if (row.hash !== hashOf(row)) return { kind: 'broken', seq: row.seq, why: `row ${row.seq} was changed` };
    if (posted?.rows === row.seq) {
      if (posted.head !== row.hash)
        return { kind: 'broken', seq: row.seq, why: `row ${row.seq} is not the one whose hash was posted` };
      witnessed = true;
    }
    previous = row.hash;
    expected += 1;
  }
  if (!witnessed && posted) return cut(posted, first, expected - 1);
  return { kind: 'intact', first: first ?? 1, rows: first === null ? 0 : expected - first, head: previous };
}

function cut(posted: PostedHead, first: number | null, last: number): AuditVerdict {
  if (first !== null && posted.rows < first)
    return {
      kind: 'broken',
      seq: posted.rows,
      why: `row ${posted.rows} is not among these rows, which begin with ${first}`,
    };
  const gone = last + 1 === posted.rows ? `row ${posted.rows} is` : `rows ${last + 1} to ${posted.rows} are`;
  return {
    kind: 'broken',
    seq: last + 1,
    why: `the end is cut off: ${gone} missing, ${posted.rows} rows were posted and ${last} are there`,
  };
}
