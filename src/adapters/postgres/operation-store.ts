import { confirmationOf } from '../../../approvals/confirmation.ts';
import { closesItself } from '../../../approvals/reviews.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { newOperationId } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { NewOperation, OperationBook } from '../../operations/book.ts';
import type { Plan } from '../../operations/plan.ts';
import type { OperationRecord, OperationView } from '../../operations/records.ts';
import { hashRules } from '../../operations/site-policy.ts';
import { hasEnded, type OperationState } from '../../operations/state.ts';
import { accountNote, appendAudit } from './audit-store.ts';
import { auditAsked } from './confirmation-rows.ts';
import { meanDuration } from './estimate.ts';
import { notify } from './notify.ts';
import { readHistory, readRunBefore } from './operation-history.ts';
import { readView } from './operation-view.ts';
import { type Client, databaseNow, inTransaction, type Pool, type Queryable } from './pool.ts';
import { barredBy, closeReviewRow, openReview, takeReviewTurn } from './review-rows.ts';
import { NOT_ENDED, type OperationRow, toOperation } from './rows.ts';
import { lockOlder } from './superseded.ts';

/** Puts a run into the engine's queue within the caller's transaction. Handed in, because adapters do not know each other. */
export type EnqueueRun = (client: Client, operation: string, runNumber: number, site: string) => Promise<void>;

/** Locks one operation's row for the rest of the transaction; `now` is the time at which the lock was got. */
export async function lockOperation(
  client: Client,
  id: string,
): Promise<{ operation: OperationRecord; now: Date } | null> {
  // The clock stands outside, or it would be read before the lock is waited for.
  const { rows } = await client.query<OperationRow & { now: Date }>(
    `with locked as (select * from twokey.operation where id = $1 for update)
     select *, clock_timestamp() as now from locked`,
    [id],
  );
  const row = rows[0];
  return row ? { operation: toOperation(row), now: row.now } : null;
}

/** The operation that a request of this key has made already, or null. */
async function askedBefore(client: Client, key: string | null): Promise<OperationRecord | null> {
  const { rows } = await client.query<OperationRow>('select * from twokey.operation where request_key = $1', [key]);
  return rows[0] ? toOperation(rows[0]) : null;
}

/** Notes that something people can see has changed, and tells those who show it. */
export async function touch(db: Queryable, id: string): Promise<void> {
  await db.query('update twokey.operation set revision = revision + 1 where id = $1', [id]);
  await notify(db, 'changed', id);
}

/** Writes the steps of a plan, which wait for its run. */
export async function insertSteps(client: Client, id: string, plan: Plan): Promise<void> {
  for (const [index, step] of plan.steps.entries()) {
    await client.query(
      `insert into twokey.step (operation, n, step, title, cleanup, host, state) values ($1, $2, $3, $4, false, $5, 'waiting')`,
      [id, index + 1, step.step, step.title, step.host],
    );
  }
}

/** Queues the next run of an operation; the caller has set everything else. */
export async function queueRun(client: Client, enqueue: EnqueueRun, operation: OperationRecord): Promise<void> {
  const { rows } = await client.query<{ run_number: number }>(
    `update twokey.operation set state = 'queued', reason = null, next = null, run_number = run_number + 1, revision = revision + 1
      where id = $1 returning run_number`,
    [operation.id],
  );
  await enqueue(client, operation.id, rows[0]?.run_number ?? 1, operation.site);
}

/** Ends an operation; answers false when it had ended already. */
export async function endOperation(
  client: Client,
  id: string,
  end: {
    state: OperationState;
    reason: string;
    next: string;
    result?: Readonly<Record<string, string>>;
    actor: string;
  },
): Promise<boolean> {
  const { rows } = await client.query<{ started: boolean }>(
    `update twokey.operation set state = $2, reason = nullif($3, ''), next = nullif($4, ''), result = $5,
       ended_at = clock_timestamp(), revision = revision + 1
     where id = $1 and ended_at is null returning started_at is not null as started`,
    [id, end.state, end.reason, end.next, end.result ? JSON.stringify(end.result) : null],
  );
  const [ended] = rows;
  if (!ended) return false;
  await appendAudit(client, {
    actor: end.actor,
    action: `operation.${end.state}`,
    subject: id,
    data: { reason: end.reason, ...(end.result ? { result: end.result } : {}) },
  });
  const note = closesItself(ended.started, end.state);
  if (note !== null) await closeReviewRow(client, id, { person: 'twokey', account: 'twokey' }, note);
  await notify(client, 'changed', id);
  return true;
}

export class PostgresOperationBook implements OperationBook {
  readonly #pool: Pool;
  readonly #enqueue: EnqueueRun;

  constructor(pool: Pool, enqueue: EnqueueRun) {
    this.#pool = pool;
    this.#enqueue = enqueue;
  }

  now(): Promise<Date> {
    return databaseNow(this.#pool);
  }

  async open(it: NewOperation): Promise<Result<OperationRecord, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      await takeReviewTurn(client, it);
      const older = await lockOlder(client, it);
      const barred = await barredBy(client, it, older, async () => (await askedBefore(client, it.requestKey)) !== null);
      if (barred) return err(barred);
      const id = newOperationId();
      const asked = confirmationOf(it.verdict);
      const decided = it.quorum === 0 && asked === null;
      const waits = !decided || it.opensAt !== null;
      const { rows } = await client.query<OperationRow>(
        `insert into twokey.operation (id, command, args, line, site, environment, requester, plan, plan_hash, verdict, quorum,
           requester_counts, state, decide_within_ms, request_key, decide_by, start_within_ms, start_by, not_before, opens_at,
           emergency, rules, estimate_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
           case when $22 then greatest(clock_timestamp(), $19::timestamptz) + make_interval(secs => $14::bigint / 1000.0) end,
           $16, greatest(clock_timestamp(), $19::timestamptz) + make_interval(secs => $16::bigint / 1000.0),
           $17, $19, $18, $20,
           $21)
         on conflict (request_key) do nothing
         returning *`,
        [
          id,
          it.command,
          JSON.stringify(it.args),
          it.line,
          it.site,
          it.environment,
          it.requester,
          JSON.stringify(it.plan),
          it.planHash,
          JSON.stringify(it.verdict),
          it.quorum,
          it.requesterCounts,
          it.opensAt === null ? 'awaiting' : 'held',
          it.decideWithinMs,
          it.requestKey,
          it.startWithinMs,
          it.notBefore,
          it.emergency,
          it.opensAt,
          JSON.stringify(it.rules),
          it.estimateMs,
          !decided,
        ],
      );
      const [row] = rows;
      if (!row) {
        const earlier = await askedBefore(client, it.requestKey);
        if (!earlier) throw new Error('the operation was neither recorded nor found');
        return ok(earlier);
      }
      const operation = toOperation(row);
      await insertSteps(client, id, it.plan);
      await client.query('insert into twokey.card (operation, channel) values ($1, $2)', [id, it.channel]);
      const reason = `Superseded by operation ${id}.`;
      for (const one of older)
        await endOperation(client, one, { state: 'cancelled', reason, next: '', actor: it.requester });
      await appendAudit(client, {
        actor: it.requester,
        action: 'operation.requested',
        subject: id,
        data: {
          line: it.line,
          ...accountNote({ person: it.requester, account: it.account }),
          site: it.site,
          planHash: it.planHash,
          rulesHash: hashRules(it.rules),
          verdict: it.verdict,
          inputs: it.inputs,
          ...(it.opensAt === null ? {} : { opensAt: it.opensAt.toISOString() }),
          ...(it.emergency === null ? {} : { emergency: it.emergency }),
        },
      });
      if (asked !== null) await auditAsked(client, operation);
      if (it.review) {
        const { kind } = it.review;
        await openReview(client, { operation: id, kind, person: it.requester, channel: it.auditChannel });
      }
      if (!waits) await queueRun(client, this.#enqueue, operation);
      await notify(client, 'changed', id);
      return ok(waits ? operation : { ...operation, state: 'queued', runNumber: 1 });
    });
  }

  view(id: string): Promise<OperationView | null> {
    return readView(this.#pool, id);
  }

  history(filter: Parameters<OperationBook['history']>[0]): Promise<readonly OperationRecord[]> {
    return readHistory(this.#pool, filter);
  }

  runBefore(operation: OperationRecord): Promise<OperationRecord | null> {
    return readRunBefore(this.#pool, operation);
  }

  estimate(site: string, command: string): Promise<number | null> {
    return meanDuration(this.#pool, site, command);
  }

  async active(site: string | null): Promise<readonly OperationRecord[]> {
    const { rows } = await this.#pool.query<OperationRow>(
      `select * from twokey.operation where ${NOT_ENDED} and ($1::text is null or site = $1) order by created_at`,
      [site],
    );
    return rows.map(toOperation);
  }

  async cancel(
    id: string,
    person: string,
    mayCancel: (operation: OperationRecord) => Refusal | null,
  ): Promise<Result<'ended' | 'asked', Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const locked = await lockOperation(client, id);
      if (!locked) return err(refusal('unknown_operation', `There is no operation "${id}".`));
      const { operation } = locked;
      if (hasEnded(operation.state))
        return err(refusal('operation_ended', `Operation ${id} has ended: ${operation.state}.`));
      const objection = mayCancel(operation);
      if (objection) return err(objection);
      if (operation.cancelRequestedBy !== null) return ok('asked');
      if (operation.state === 'awaiting' || operation.state === 'held' || operation.state === 'queued') {
        await endOperation(client, id, {
          state: 'cancelled',
          reason: 'It was cancelled before it started.',
          next: '',
          actor: person,
        });
        return ok('ended');
      }
      await client.query(
        'update twokey.operation set cancel_by = $2, cancel_at = clock_timestamp(), revision = revision + 1 where id = $1',
        [id, person],
      );
      await appendAudit(client, { actor: person, action: 'operation.cancel_asked', subject: id, data: {} });
      await notify(client, 'cancel', id);
      await notify(client, 'changed', id);
      return ok('asked');
    });
  }

  async leave(id: string, person: string): Promise<Result<true, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const { rowCount } = await client.query(
        `update twokey.operation set left_by = $2, revision = revision + 1 where id = $1 and state = 'unreachable' and left_by is null`,
        [id, person],
      );
      if (rowCount === 0)
        return err(refusal('request_closed', 'It does not wait for its host any more.', 'Nothing to do.'));
      await appendAudit(client, { actor: person, action: 'operation.left', subject: id, data: {} });
      await notify(client, 'changed', id);
      return ok(true);
    });
  }

  async markSeen(id: string, person: string): Promise<Result<true, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const { rowCount } = await client.query(
        'update twokey.operation set seen_by = $2, revision = revision + 1 where id = $1 and ended_at is not null and seen_by is null',
        [id, person],
      );
      if (rowCount === 0) return err(refusal('request_closed', 'Somebody has closed this already.', 'Nothing to do.'));
      await appendAudit(client, { actor: person, action: 'operation.seen', subject: id, data: {} });
      await notify(client, 'changed', id);
      return ok(true);
    });
  }
}
