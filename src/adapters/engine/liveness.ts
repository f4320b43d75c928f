import pg from 'pg';
import { sleep } from '../../kernel/clock.ts';

/** How often this process says that it lives, in milliseconds. */
const BEAT_MS = 200;
/** A process whose lock is gone is dead once its last beat is older than this. */
const GRACE_SECONDS = 0.5;
/** A process whose lock is still held (its host vanished without closing the connection) is dead after this. */
const SILENT_SECONDS = 15;
/** The advisory lock of an executor: hashtextextended(id, 7). */
const LOCK_SEED = 7;

const DEAD = `
  select executor from twokey.lease l
   where executor <> $1
     and (beat < clock_timestamp() - make_interval(secs => $3)
       or (beat < clock_timestamp() - make_interval(secs => $2)
         and not exists (select from pg_locks k
              where k.locktype = 'advisory' and k.granted
                and k.database = (select oid from pg_database where datname = current_database())
                and ((k.classid::bigint << 32) | k.objid::bigint) = hashtextextended(l.executor, ${LOCK_SEED}))))`;

/** Executors whose workflows are pending although they have no lease: a lease row was lost. */
const STRANDED = `
  select distinct executor_id as executor from dbos.workflow_status
   where status = 'PENDING' and executor_id <> $1 and executor_id not in (select executor from twokey.lease)`;

/**
 * Tells living processes from dead ones by an advisory lock that PostgreSQL frees the moment a process's connection
 * dies, and hands the work of the dead to `recover`. A wrong alarm is harmless: results are stored once, and a remote
 * job is found again by its id.
 */
export class Liveness {
  readonly #connectionString: string;
  readonly #executor: string;
  readonly #onProblem: (error: unknown) => void;
  readonly #stop = new AbortController();
  #holder: pg.Client | null = null;
  #loop: Promise<void> = Promise.resolve();

  constructor(connectionString: string, executor: string, onProblem: (error: unknown) => void) {
    this.#connectionString = connectionString;
    this.#executor = executor;
    this.#onProblem = onProblem;
  }

  /** Takes the lock and writes the lease. Must be done before any work is claimed, or a crash in between strands it. */
  async hold(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#connectionString,
      keepAlive: true,
      application_name: 'twokey liveness',
      connectionTimeoutMillis: 5_000,
    });
    const lost = () => {
      if (this.#holder === client) this.#holder = null;
    };
    client.on('error', lost);
    client.on('end', lost);
    await client.connect();
    await client.query('select pg_advisory_lock(hashtextextended($1, $2))', [this.#executor, LOCK_SEED]);
    await client.query(
      'insert into twokey.lease (executor, beat) values ($1, clock_timestamp()) on conflict (executor) do update set beat = clock_timestamp()',
      [this.#executor],
    );
    this.#holder = client;
  }

  /** Beats and sweeps until `close`. `recover` puts the pending work of dead executors back into the queue. */
  start(recover: (executor: string) => Promise<void>): void {
    this.#loop = this.#run(recover);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
    await this.#holder?.end().catch(() => undefined);
  }

  async #run(recover: (executor: string) => Promise<void>): Promise<void> {
    let stranded = true;
    while (!this.#stop.signal.aborted) {
      try {
        if (!this.#holder) await this.hold();
        if (stranded && this.#holder) {
          for (const { executor } of (await this.#holder.query<{ executor: string }>(STRANDED, [this.#executor])).rows)
            await recover(executor);
          stranded = false;
        }
        await this.#sweep(recover);
      } catch (error) {
        this.#onProblem(error);
      }
      await sleep(BEAT_MS, this.#stop.signal);
    }
  }

  async #sweep(recover: (executor: string) => Promise<void>): Promise<void> {
    const client = this.#holder;
    if (!client) return;
    await client.query('update twokey.lease set beat = clock_timestamp() where executor = $1', [this.#executor]);
    const { rows } = await client.query<{ executor: string }>(DEAD, [this.#executor, GRACE_SECONDS, SILENT_SECONDS]);
    for (const { executor } of rows) {
      await recover(executor);
      await client.query(
        'delete from twokey.lease where executor = $1 and beat < clock_timestamp() - make_interval(secs => $2)',
        [executor, GRACE_SECONDS],
      );
    }
  }
}
