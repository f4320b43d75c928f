import { type Closer, closeReview } from '../../../approvals/reviews.ts';
import { type People, personOf } from '../../config/people.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ReviewBook, ReviewFilter, ReviewNotices, ReviewRecord } from '../../operations/reviews.ts';
import { asHolder, insertPost } from './announce-store.ts';
import { accountNote, appendAudit, storableText } from './audit-store.ts';
import { notify } from './notify.ts';
import { lockOperation } from './operation-store.ts';
import { inTransaction, type Pool, type Queryable } from './pool.ts';
import { closeReviewRow, readReviews } from './review-rows.ts';

async function findReview(db: Queryable, operation: string): Promise<ReviewRecord | null> {
  const [found] = await readReviews(db, 'where r.operation = $1', [operation]);
  return found ?? null;
}

/** Reviews in PostgreSQL. A closing is judged under the lock of the operation's row, beside which nothing ends or starts. */
export class PostgresReviews implements ReviewBook, ReviewNotices {
  readonly #pool: Pool;
  readonly #people: People;

  /** `people` says which ids are one person's, so that nobody closes their own review from before that was known. */
  constructor(pool: Pool, people: People) {
    this.#pool = pool;
    this.#people = people;
  }

  list(which: 'open' | 'closed', { sites, limit }: ReviewFilter): Promise<readonly ReviewRecord[]> {
    const those =
      which === 'open'
        ? 'r.closed_at is null and ($2::text[] is null or o.site = any($2)) order by r.opened_at'
        : 'r.closed_at is not null and ($2::text[] is null or o.site = any($2)) order by r.closed_at desc';
    return readReviews(this.#pool, `where ${those} limit $1`, [limit, sites]);
  }

  close(operation: string, by: Closer, note: string): Promise<Result<ReviewRecord, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      await lockOperation(client, operation);
      const review = await findReview(client, operation);
      if (!review) return err(refusal('unknown_review', `Operation "${operation}" has no review.`));
      const judged = closeReview({ ...review, person: personOf(this.#people, review.person) }, by, note);
      if (!judged.ok) {
        const { code, message } = judged.error;
        await appendAudit(client, {
          actor: by.person,
          action: 'review.refused',
          subject: operation,
          data: { code, message, ...accountNote(by) },
        });
        return judged;
      }
      await closeReviewRow(client, operation, by, storableText(judged.value));
      await notify(client, 'changed', operation);
      return ok((await findReview(client, operation)) ?? review);
    });
  }

  find(operation: string): Promise<ReviewRecord | null> {
    return findReview(this.#pool, operation);
  }

  async remind(epoch: number): Promise<void> {
    const due = await this.#pool.query<{ operation: string; days: number; channel: string }>(
      `select r.operation, d.days, (select p.channel from twokey.post p where p.operation = r.operation and p.kind = 'alarm' limit 1) as channel
         from twokey.review r cross join lateral (select floor(extract(epoch from clock_timestamp() - r.opened_at) / 86400)::int as days) d
        where r.closed_at is null and d.days > 0
          and not exists (select from twokey.post p where p.key = 'review:' || r.operation || ':' || d.days)
        order by r.opened_at`,
    );
    for (const { operation, days, channel } of due.rows) {
      await asHolder(this.#pool, epoch, (client) =>
        insertPost(client, { key: `review:${operation}:${days}`, operation, kind: 'review', channel, body: {} }),
      );
    }
  }

  async closedSince(): Promise<readonly { operation: string; channel: string; ts: string }[]> {
    const { rows } = await this.#pool.query<{ operation: string; channel: string; ts: string }>(
      `select r.operation, p.channel, p.ts from twokey.review r
         cross join lateral (select channel, ts, state from twokey.post where operation = r.operation and kind = 'alarm' order by id desc limit 1) p
        where r.closed_at is not null and not r.closing_shown and p.state = 'sent' order by r.closed_at limit 50`,
    );
    return rows;
  }

  async closingShown(epoch: number, operation: string): Promise<void> {
    await asHolder(this.#pool, epoch, (client) =>
      client.query('update twokey.review set closing_shown = true where operation = $1', [operation]),
    );
  }

  async messageGone(epoch: number, operation: string, ts: string): Promise<void> {
    await asHolder(this.#pool, epoch, async (client) => {
      const { rows } = await client.query<{ channel: string }>(
        `select channel from twokey.post where operation = $1 and kind = 'alarm' and ts = $2`,
        [operation, ts],
      );
      const [gone] = rows;
      if (!gone) return;
      await insertPost(client, {
        key: `review:${operation}:after:${ts}`,
        operation,
        kind: 'alarm',
        channel: gone.channel,
        body: {},
      });
    });
  }
}
