import type { Actor } from '../../../approvals/request.ts';
import type { ReviewKind } from '../../../approvals/reviews.ts';
import type { Refusal } from '../../kernel/errors.ts';
import type { NewOperation } from '../../operations/book.ts';
import type { ReviewRecord } from '../../operations/reviews.ts';
import { insertPost } from './announce-store.ts';
import { accountNote, appendAudit } from './audit-store.ts';
import type { Client, Queryable } from './pool.ts';

interface ReviewRow {
  readonly operation: string;
  readonly kind: ReviewKind;
  readonly person: string;
  readonly opened_at: Date;
  readonly closed_by: string | null;
  readonly closed_at: Date | null;
  readonly note: string | null;
  readonly line: string;
  readonly site: string;
  readonly environment: string;
  readonly why: string;
  readonly quorum: number;
  readonly state: ReviewRecord['state'];
  readonly ended: boolean;
}

const REVIEWS = `select r.operation, r.kind, r.person, r.opened_at, r.closed_by, r.closed_at, r.note, o.line, o.site, o.environment,
    coalesce(o.emergency, o.confirmed_reason, o.verdict ->> 'why') as why, o.quorum, o.state, o.ended_at is not null as ended
  from twokey.review r join twokey.operation o on o.id = r.operation`;

function toReview(row: ReviewRow): ReviewRecord {
  const { closed_by: by, closed_at: at, note } = row;
  return {
    operation: row.operation,
    kind: row.kind,
    person: row.person,
    openedAt: row.opened_at,
    ended: row.ended,
    closed: by === null || at === null || note === null ? null : { by, at, note },
    line: row.line,
    site: row.site,
    environment: row.environment,
    why: row.why,
    quorum: row.quorum,
    state: row.state,
  };
}

/** Reviews that fit a condition, which may name columns of r (review) and o (operation). */
export async function readReviews(db: Queryable, rest: string, values: unknown[]): Promise<readonly ReviewRecord[]> {
  const { rows } = await db.query<ReviewRow>(`${REVIEWS} ${rest}`, values);
  return rows.map(toReview);
}

/** Requests of one person that open a review are judged one after the other, each on what the one before has committed. */
export async function takeReviewTurn(client: Client, it: NewOperation): Promise<void> {
  if (!it.review) return;
  await client.query(`select pg_advisory_xact_lock(hashtextextended('twokey.review ' || $1, 7))`, [it.requester]);
}

/**
 * Why open reviews of the requester forbid it; null when they do not. What this request supersedes (`older`, locked by
 * now) ends with it and closes its review, so that bars nothing. A payload that is delivered twice (`askedAlready`) is not
 * barred by the review that it opened itself.
 */
export async function barredBy(
  client: Client,
  it: NewOperation,
  older: readonly string[],
  askedAlready: () => Promise<boolean>,
): Promise<Refusal | null> {
  if (!it.review?.bars || (await askedAlready())) return null;
  const open = await readReviews(
    client,
    'where r.person = any($1) and r.closed_at is null and r.operation <> all($2) order by r.opened_at',
    [it.review.people, older],
  );
  const refused = it.review.bars(open);
  if (refused) {
    const by = { person: it.requester, account: it.account };
    const data = { line: it.line, code: refused.code, open: open.map((one) => one.operation) };
    const subject = open[0]?.operation ?? it.site;
    await appendAudit(client, {
      actor: it.requester,
      action: 'review.barred',
      subject,
      data: { ...data, ...accountNote(by) },
    });
  }
  return refused;
}

/** Opens the review of an operation and records its message, in the transaction that records the operation. */
export async function openReview(
  client: Client,
  review: { readonly operation: string; readonly kind: ReviewKind; readonly person: string; readonly channel: string },
): Promise<void> {
  const { operation, kind, person, channel } = review;
  await client.query('insert into twokey.review (operation, kind, person) values ($1, $2, $3)', [
    operation,
    kind,
    person,
  ]);
  await insertPost(client, { key: `review:${operation}`, operation, kind: 'alarm', channel, body: {} });
  await appendAudit(client, { actor: person, action: 'review.opened', subject: operation, data: { kind } });
}

/** Closes an open review; nothing when there is none. The caller has judged that it may. */
export async function closeReviewRow(client: Client, operation: string, by: Actor, note: string): Promise<void> {
  const { rowCount } = await client.query(
    `update twokey.review set closed_by = $2, closed_at = clock_timestamp(), note = $3 where operation = $1 and closed_at is null`,
    [operation, by.person, note],
  );
  if (rowCount === 0) return;
  await appendAudit(client, {
    actor: by.person,
    action: 'review.closed',
    subject: operation,
    data: { note, ...accountNote(by) },
  });
}
