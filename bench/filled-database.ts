import { openPool, type Pool } from '../src/adapters/postgres/pool.ts';
import { plan } from '../test/support/builders.ts';

/** How many rows there are to look through. */
export interface Size {
  readonly operations: number;
  /** Chunks of output, the same number for each step; one more operation has flooded. */
  readonly chunksPerStep: number;
  readonly auditRowsPerOperation: number;
}

/** Steps of each operation. */
export const STEPS = 5;
/** Bytes of each chunk: it is the number of rows that counts. */
export const CHUNK_BYTES = 40;
/** A site that was worked on three times, years ago. */
export const RARE_SITE = 'rare-site';
/** A command that ran once on the busiest site, years ago. */
export const RARE_COMMAND = 'upgrade';
export const BUSY_SITE = 'site-0';
/** Chunks of the first step of the newest operation that has ended, as of 1.3 GB that came 64 KiB at a time. */
export const FLOOD_CHUNKS = 20_000;

/** The id of the n-th operation, 1 for the oldest. */
export const idOf = (n: number): string => n.toString(16).padStart(8, '0');

/** Of the newest operations, so many have not ended. */
export const OPEN = 20;

/**
 * Fills Twokey's tables as some years of use would: an operation every quarter of an hour on two hundred sites, most of it
 * on few of them. Foreign keys and triggers are left out meanwhile, and the audit rows are chained to nothing.
 */
export async function fill(url: string, size: Size): Promise<void> {
  const pool = openPool(url, () => undefined, 1);
  try {
    await pool.query('set session_replication_role = replica');
    await pool.query('select setseed(0.5)');
    for (const statement of [operations(size), PEOPLE, WORK, chunks(size), flood(size), audit(size)])
      await run(pool, statement);
    await pool.query('vacuum analyze');
  } finally {
    await pool.end();
  }
}

interface Statement {
  readonly sql: string;
  readonly values?: unknown[];
}

async function run(pool: Pool, { sql, values }: Statement): Promise<void> {
  await pool.query(sql, values);
}

const operations = ({ operations: count }: Size): Statement => ({
  sql: `insert into twokey.operation (id, command, args, line, site, environment, requester, plan, plan_hash, verdict, quorum,
      requester_counts, state, revision, created_at, decide_within_ms, decide_by, start_by, started_at, ended_at, request_key)
    select lpad(to_hex(n), 8, '0'), command, jsonb_build_object('site', site), command || ' ' || site, site, 'production',
        'U0REQ' || n % 50, $2::jsonb, md5(n::text), '{"kind":"votes","quorum":2,"typedName":false,"why":"It is night."}', 2,
        false, case when n > $1 - ${OPEN} then (array['awaiting', 'held', 'queued', 'running', 'unreachable'])[1 + n % 5]
          when n % 7 = 0 then 'failed' when n % 11 = 0 then 'denied' else 'succeeded' end,
        25, at, 3600000, at + interval '1 day', at + interval '1 day', at + interval '1 minute',
        case when n <= $1 - ${OPEN} then at + interval '5 minutes' end, 'key-' || n
      from (select n, clock_timestamp() - ($1 - n) * interval '15 minutes' as at,
          case when n <= 3 then '${RARE_SITE}' when n = 10 then '${BUSY_SITE}' else 'site-' || floor(200 * power(random(), 3)) end as site,
          case when n = 10 then '${RARE_COMMAND}' else (array['backup', 'restart', 'patch', 'media.sync'])[1 + floor(4 * power(random(), 2))::int] end as command
        from generate_series(1, $1::int) n) asked`,
  values: [count, JSON.stringify(plan())],
});

/** Cards that show all, but for a few; votes; and what was posted. */
const PEOPLE: Statement = {
  sql: `with cards as (
      insert into twokey.card (operation, channel, ts, wanted_revision, shown_revision, shown_at, log_done)
        select id, 'C0OPS', '1.' || id, revision, revision - (ended_at is null)::int, created_at, ended_at is not null
          from twokey.operation
    ), votes as (
      insert into twokey.vote (operation, generation, person, verdict, at)
        select id, 1, person, 'approve', created_at from twokey.operation cross join (values ('U0APA'), ('U0APB')) v (person)
    )
    insert into twokey.post (key, operation, kind, channel, body, state, ts)
      select kind || ':' || id, id, kind, 'C0OPS', '{"text":"as it was posted"}', 'sent', '1.' || id
        from twokey.operation cross join (values ('card'), ('log'), ('note'), ('file')) k (kind)`,
};

const WORK: Statement = {
  sql: `with steps as (
      insert into twokey.step (operation, n, step, title, cleanup, host, state, started_at, ended_at, exit_code)
        select id, n, 'db.dump', 'Dump the database', false, 'db1', 'succeeded', created_at, ended_at, 0
          from twokey.operation cross join generate_series(1, ${STEPS}) n
    )
    insert into twokey.job (jid, operation, n, host, created_at)
      select id || '-' || n || '-1', id, n, 'db1', created_at from twokey.operation cross join generate_series(1, ${STEPS}) n`,
};

const chunks = ({ chunksPerStep }: Size): Statement => ({
  sql: `with sizes as (update twokey.job set stored_bytes = $1 * ${CHUNK_BYTES}, posted_bytes = $1 * ${CHUNK_BYTES})
    insert into twokey.chunk (jid, start, bytes, lines)
      select jid, k * ${CHUNK_BYTES}, convert_to(rpad('output ' || k, ${CHUNK_BYTES - 1}, '.') || chr(10), 'UTF8'), 1
        from (select jid from twokey.job order by jid) jobs cross join generate_series(0, $1::int - 1) k`,
  values: [chunksPerStep],
});

const flood = (size: Size): Statement => ({
  sql: `with sizes as (update twokey.job set stored_bytes = ${FLOOD_CHUNKS * CHUNK_BYTES}, posted_bytes = ${FLOOD_CHUNKS * CHUNK_BYTES} where jid = $1)
    insert into twokey.chunk (jid, start, bytes, lines)
      select $1, k * ${CHUNK_BYTES}, convert_to(rpad('output ' || k, ${CHUNK_BYTES - 1}, '.') || chr(10), 'UTF8'), 1
        from generate_series($2::int, ${FLOOD_CHUNKS - 1}) k`,
  values: [`${idOf(size.operations - OPEN)}-1-1`, size.chunksPerStep],
});

/** Most of it Twokey's own; freezes and starts only among the oldest tenth, standing approvals only in the older half. */
const audit = ({ operations: count, auditRowsPerOperation }: Size): Statement => ({
  sql: `insert into twokey.audit (seq, at, actor, action, subject, data, previous, hash)
    select n, clock_timestamp() - ($1::int - n) * interval '90 seconds',
        case when n % 10 < 6 then 'twokey' else 'U0REQ' || n % 50 end,
        case when n < $1 / 10 and n % 500 = 0 then (array['freeze.begun', 'process.started'])[1 + (n / 500) % 2]
          when n < $1 / 2 and n % 5 = 0 then 'standing.used'
          when n % 10 < 6 then (array['step.started', 'step.succeeded', 'operation.started', 'operation.succeeded'])[1 + floor(4 * random())::int]
          else (array['vote.approve', 'vote.deny', 'operation.requested'])[1 + floor(3 * random())::int] end,
        lpad(to_hex(1 + n / $2::int), 8, '0'), '{"n":1,"reason":"as it was","keys":{}}', md5(n::text), md5((n + 1)::text)
      from generate_series(1, $1::int) n`,
  values: [count * auditRowsPerOperation, auditRowsPerOperation],
});
