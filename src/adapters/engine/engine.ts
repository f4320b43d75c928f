import { hostname } from 'node:os';
import { DBOS, DBOSClient } from '@dbos-inc/dbos-sdk';
import { DBOSExecutor } from '@dbos-inc/dbos-sdk/internal/dbos-executor';
import pg, { type ClientBase } from 'pg';
import { sleep } from '../../kernel/clock.ts';
import { newUuid } from '../../kernel/ids.ts';
import type { Durable } from '../../operations/ports.ts';
import { isDatabaseAway } from './database-away.ts';
import { Liveness } from './liveness.ts';

/** Recovery and dequeuing match this; a new value would strand running work, so it stays. */
const APPLICATION_VERSION = 'ops-1';
const WORKFLOW = 'runOperation';
const QUEUE = 'sites';
/** How often the queue is looked at, in milliseconds: half of this is the usual wait between the last vote and the start. */
const POLL_MS = 100;

export interface EngineOptions {
  readonly connectionString: string;
  /** One run; called again after a crash, see Durable. */
  readonly run: (durable: Durable, operation: string, runNumber: number) => Promise<string>;
  /** A run broke for a reason nobody foresaw. */
  readonly onBroken: (operation: string, error: unknown) => Promise<void>;
  readonly log: (level: 'info' | 'warn' | 'error', message: string, fields?: object) => void;
}

export interface Engine {
  /** Puts a run into its site's queue, inside the caller's transaction: it exists when that commits. */
  enqueue(client: ClientBase, operation: string, runNumber: number, site: string): Promise<void>;
  /** True while this process takes work. */
  ready(): boolean;
  /** Stops taking work. Running remote jobs go on; other processes, or the next start, take them up. */
  close(): Promise<void>;
}

/** Starts the durable engine: one operation a site at a time, taken over by another process when this one dies. */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { connectionString, log } = options;
  const executor = `${hostname()}-${newUuid()}`;
  const quiet = {
    info: () => undefined,
    debug: () => undefined,
    warn: (it: unknown) => log('warn', String(it)),
    error: (it: unknown) => log('error', String(it)),
  };
  DBOS.registerWorkflow(
    async (operation: string, runNumber: number) => {
      try {
        return await options.run(
          { step: (name, run) => DBOS.runStep(() => whileDatabaseAway(run, log), { name }) },
          operation,
          runNumber,
        );
      } catch (error) {
        await DBOS.runStep(() => whileDatabaseAway(() => options.onBroken(operation, error), log), { name: 'broken' });
        return 'broken';
      }
    },
    // Each recovery counts as an attempt; nothing here may be given up because the bot was restarted often.
    { name: WORKFLOW, maxRecoveryAttempts: 1_000_000 },
  );
  DBOS.setConfig({
    name: 'twokey',
    systemDatabaseUrl: connectionString,
    applicationVersion: APPLICATION_VERSION,
    executorID: executor,
    systemDatabasePoolSize: 10,
    useListenNotify: true,
    logger: quiet,
  });
  const liveness = new Liveness(connectionString, executor, (error) =>
    log('warn', 'liveness', { error: String(error) }),
  );
  await liveness.hold();
  await oneAtATime(connectionString, () => DBOS.launch());
  await DBOS.registerQueue(QUEUE, {
    partitionConcurrency: 1,
    minPollingIntervalMs: POLL_MS,
    onConflict: 'always_update',
  });
  const client = await DBOSClient.create({
    systemDatabaseUrl: connectionString,
    systemDatabasePoolSize: 2,
    logger: quiet,
    applicationName: 'twokey',
  });
  liveness.start(async (dead) => {
    log('info', 'taking over the work of a dead process', { executor: dead });
    await DBOSExecutor.globalInstance?.recoverPendingWorkflows([dead]);
  });
  let open = true;
  return {
    async enqueue(transaction, operation, runNumber, site) {
      await client.enqueueInTransaction(
        transaction,
        {
          workflowName: WORKFLOW,
          queueName: QUEUE,
          queuePartitionKey: site,
          workflowID: `${operation}:${runNumber}`,
          appVersion: APPLICATION_VERSION,
        },
        operation,
        runNumber,
      );
    },
    ready: () => open,
    async close() {
      open = false;
      await liveness.close();
      await client.destroy();
      await DBOS.shutdown();
    },
  };
}

/**
 * The engine makes its tables at its start, and two processes that do so at once run into a deadlock: they take turns.
 * Asked again and again, not waited for: an index that is built concurrently waits for every running statement, so a
 * statement that waits for the lock would hold up the one who has it.
 */
async function oneAtATime(connectionString: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString, application_name: 'twokey start', connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const ask = `select pg_try_advisory_lock(hashtextextended('twokey.engine', 0)) as mine`;
    while ((await client.query<{ mine: boolean }>(ask)).rows[0]?.mine !== true) await sleep(100);
    await work();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** A lost database is no outcome of a step: the body is entered again, which is safe because it finds its own traces. */
async function whileDatabaseAway<T>(run: () => Promise<T>, log: EngineOptions['log']): Promise<T> {
  for (;;) {
    try {
      return await run();
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      log('warn', 'the database does not answer; the step goes on when it does', { error: String(error) });
      await sleep(500);
    }
  }
}
