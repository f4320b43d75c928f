import pg from 'pg';
import { sleep } from '../../kernel/clock.ts';

const RETRY_MS = 250;

/**
 * Lets exactly one process at a time do `work`: the one whose connection holds an advisory lock. When that process
 * dies, PostgreSQL frees the lock at once and the next one begins. `work` must end soon after its signal aborts.
 */
export class Leader {
  readonly #connectionString: string;
  readonly #lock: string;
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(connectionString: string, lock: string) {
    this.#connectionString = connectionString;
    this.#lock = lock;
  }

  start(work: (signal: AbortSignal) => Promise<void>, onProblem: (error: unknown) => void): void {
    this.#loop = this.#run(work, onProblem);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(work: (signal: AbortSignal) => Promise<void>, onProblem: (error: unknown) => void): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const client = new pg.Client({
        connectionString: this.#connectionString,
        keepAlive: true,
        application_name: `twokey ${this.#lock}`,
        connectionTimeoutMillis: 5_000,
      });
      const lost = new AbortController();
      client.on('error', () => lost.abort());
      client.on('end', () => lost.abort());
      try {
        await client.connect();
        const { rows } = await client.query<{ mine: boolean }>(
          'select pg_try_advisory_lock(hashtextextended($1, 11)) as mine',
          [this.#lock],
        );
        if (rows[0]?.mine === true) await work(AbortSignal.any([lost.signal, this.#stop.signal]));
      } catch (error) {
        onProblem(error);
      } finally {
        await client.end().catch(() => undefined);
      }
      await sleep(RETRY_MS, this.#stop.signal);
    }
  }
}
