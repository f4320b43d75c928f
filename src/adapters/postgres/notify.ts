import { EventEmitter } from 'node:events';
import pg from 'pg';
import { sleep } from '../../kernel/clock.ts';
import type { Queryable } from './pool.ts';

/** What is told to the other processes: which operation changed, and how. A notice is only a wake-up; the rows are the truth. */
export type Topic = 'changed' | 'output' | 'cancel';

/** Name of the channel that everybody listens on. */
export const NOTICE_CHANNEL = 'twokey';

/** Tells everybody who listens, when the surrounding transaction commits. */
export async function notify(db: Queryable, topic: Topic, operation: string): Promise<void> {
  await db.query('select pg_notify($1, $2)', [NOTICE_CHANNEL, `${topic} ${operation}`]);
}

/**
 * A connection that listens, and connects again when it is lost. Emits the topic's name with the operation's id, and
 * `reconnected` after a gap, in which notices may have been missed.
 */
export class Listener extends EventEmitter<{ changed: [string]; output: [string]; cancel: [string]; reconnected: [] }> {
  readonly #connectionString: string;
  readonly #stop = new AbortController();
  #client: pg.Client | null = null;

  constructor(connectionString: string) {
    super();
    this.setMaxListeners(0);
    this.#connectionString = connectionString;
  }

  /** Connects, and keeps the connection until `close`. */
  async open(): Promise<void> {
    await this.#connect();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#connectionString,
      keepAlive: true,
      application_name: 'twokey listener',
      connectionTimeoutMillis: 5_000,
    });
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => {
      const [topic, operation] = (payload ?? '').split(' ');
      if (operation !== undefined && (topic === 'changed' || topic === 'output' || topic === 'cancel'))
        this.emit(topic, operation);
    });
    try {
      await client.connect();
      await client.query(`listen ${NOTICE_CHANNEL}`);
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
    this.#client = client;
    // Only now: an attempt that fails ends as well, and must not start a loop of its own beside the one that makes it.
    client.once('end', () => void this.#again());
  }

  async #again(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await sleep(250, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      try {
        await this.#connect();
        this.emit('reconnected');
        return;
      } catch {
        // The database is still away; the next round tries again.
      }
    }
  }
}
