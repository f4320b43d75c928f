import { mkdirSync } from 'node:fs';
import { sleep } from '../../kernel/clock.ts';
import type { Secret } from '../../kernel/secret.ts';
import { openEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import { openPool, type Pool } from './pool.ts';

export interface Database {
  readonly pool: Pool;
  readonly connectionString: string;
  /** Closes the pool; stops an embedded server that nobody else uses. */
  close(): Promise<void>;
}

type Log = (message: string, fields?: object) => void;

/** How often an embedded server is looked after, in milliseconds. */
const WATCH_MS = 1_000;

/** Connects to the given database, or to the embedded one, and brings the schema up to date. */
export async function openDatabase(url: Secret | undefined, home: string, log: Log): Promise<Database> {
  if (url) {
    const pool = openPool(url.reveal(), (error) => log('a database connection was lost', { error: error.message }));
    await migrate(pool);
    return { pool, connectionString: url.reveal(), close: () => pool.end() };
  }
  mkdirSync(home, { recursive: true, mode: 0o711 });
  let embedded = await openEmbedded(home, log);
  log(`embedded PostgreSQL ${embedded.how}`, { pid: embedded.pid });
  const pool = openPool(embedded.connectionString, (error) =>
    log('a database connection was lost', { error: error.message }),
  );
  await migrate(pool);
  const stop = new AbortController();
  const watching = watch(pool, stop.signal, async () => {
    embedded = await openEmbedded(home, log);
    log(`embedded PostgreSQL ${embedded.how} again`, { pid: embedded.pid });
  });
  return {
    pool,
    connectionString: embedded.connectionString,
    async close() {
      stop.abort();
      await watching;
      await pool.end();
      await embedded.stop();
    },
  };
}

/** Starts the embedded server again when it was killed; everything else waits for it and goes on. */
async function watch(pool: Pool, signal: AbortSignal, revive: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await sleep(WATCH_MS, signal);
    if (signal.aborted) return;
    await pool.query('select 1').catch(() => (signal.aborted ? undefined : revive().catch(() => undefined)));
  }
}
