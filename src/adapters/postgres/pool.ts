import pg from 'pg';
import { sleep } from '../../kernel/clock.ts';

// bigint columns hold counts of bytes and revisions, which stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export type Pool = pg.Pool;
export type Client = pg.PoolClient;

/** Whatever can run a statement: the pool, or a client inside a transaction. */
export interface Queryable {
  query<R extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<pg.QueryResult<R>>;
}

/** What time it is, by the database's clock, which is the only one that decides. */
export async function databaseNow(db: Queryable): Promise<Date> {
  const { rows } = await db.query<{ now: Date }>('select clock_timestamp() as now');
  const [row] = rows;
  if (!row) throw new Error('the database did not say what time it is');
  return row.now;
}

/** A connection pool that survives a database restart: a lost idle connection is reported, never thrown. */
export function openPool(connectionString: string, onProblem: (error: Error) => void, max = 10): Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    application_name: 'twokey',
  });
  pool.on('error', onProblem);
  // The pool listens to idle connections only. One that is lost between two statements of a transaction would end the
  // process; the next statement on it fails all the same.
  pool.on('connect', (client) => client.on('error', onProblem));
  return pool;
}

/** How often a transaction is tried that PostgreSQL gives up so that another one can go on. */
const TRIES = 3;
/** How long it lets the other one go on before that, in milliseconds; longer each time. */
const STEP_BACK_MS = 20;
/** SQLSTATE deadlock_detected (PostgreSQL's appendix A): the transaction was rolled back whole. */
const DEADLOCK = '40P01';

/**
 * Runs `work` in one transaction; rolls back when it throws. A transaction that was the victim of a deadlock is run again
 * from its beginning, so `work` does nothing outside of the database, and reads what it judges in each run anew. The order
 * of locks that keeps deadlocks away stands in audit-store.ts; PostgreSQL logs and counts those that happen all the same.
 */
export async function inTransaction<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await once(pool, work);
    } catch (error) {
      if (tried === TRIES || !(error instanceof pg.DatabaseError) || error.code !== DEADLOCK) throw error;
      await sleep(STEP_BACK_MS * tried);
    }
  }
}

async function once<T>(pool: Pool, work: (client: Client) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    // Said aloud, because a database may have another default: what is read under a lock is what others have committed.
    await client.query('begin isolation level read committed');
    const value = await work(client);
    await client.query('commit');
    return value;
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    await client.query('rollback').then(
      () => {
        broken = undefined;
      },
      () => undefined,
    );
    throw error;
  } finally {
    client.release(broken);
  }
}
