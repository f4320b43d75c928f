import { toRequest } from '../../operations/gate.ts';
import { appendAudit } from './audit-store.ts';
import { type EnqueueRun, endOperation, lockOperation, queueRun, touch } from './operation-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';
import { toVote, type VoteRow } from './rows.ts';

const AGAIN = 'Send the command again.';

/**
 * What time alone brings about: held operations whose window has opened go on, requests whose time to decide and runs
 * whose time to start is over end. Every replica does it; the row's lock makes it happen once.
 */
export class PostgresSweep {
  readonly #pool: Pool;
  readonly #enqueue: EnqueueRun;

  constructor(pool: Pool, enqueue: EnqueueRun) {
    this.#pool = pool;
    this.#enqueue = enqueue;
  }

  async round(): Promise<void> {
    for (const id of await this.#ids(`state = 'held' and opens_at <= clock_timestamp()`)) await this.#open(id);
    const late = await this.#ids(
      `(state in ('awaiting', 'held') and decide_by <= clock_timestamp())
        or (state = 'held' and start_by <= clock_timestamp())
        or (state = 'queued' and start_by <= clock_timestamp() - interval '1 minute')`,
    );
    for (const id of late) await this.#expire(id);
  }

  async #ids(which: string): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ id: string }>(
      `select id from twokey.operation where ${which} order by created_at`,
    );
    return rows.map(({ id }) => id);
  }

  /** Queues what has its votes, in the same transaction; what has not goes on waiting for them. */
  async #open(id: string): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      const locked = await lockOperation(client, id);
      if (!locked) return;
      const { operation, now } = locked;
      if (operation.state !== 'held' || operation.opensAt === null || now < operation.opensAt) return;
      const approved = (await this.#request(client, operation)).state === 'approved';
      await appendAudit(client, {
        actor: 'twokey',
        action: 'operation.window_opened',
        subject: id,
        data: { approved },
      });
      if (approved) await queueRun(client, this.#enqueue, operation);
      else await client.query(`update twokey.operation set state = 'awaiting', reason = null where id = $1`, [id]);
      await touch(client, id);
    });
  }

  async #request(client: Client, operation: Parameters<typeof toRequest>[0]) {
    const votes = await client.query<VoteRow>('select * from twokey.vote where operation = $1', [operation.id]);
    return toRequest(operation, votes.rows.map(toVote));
  }

  async #expire(id: string): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      const locked = await lockOperation(client, id);
      if (!locked) return;
      const { operation, now } = locked;
      const waits = operation.state === 'awaiting' || operation.state === 'held';
      const { state } = await this.#request(client, operation);
      const undecided = waits && state === 'open' && operation.decideBy !== null && now >= operation.decideBy;
      const unstarted =
        (operation.state === 'queued' || operation.state === 'held') &&
        operation.startBy !== null &&
        now >= operation.startBy;
      if (!undecided && !unstarted) return;
      const reason = undecided ? 'Nobody decided in time.' : 'It could not start in time.';
      await endOperation(client, id, { state: 'expired', reason, next: AGAIN, actor: 'twokey' });
    });
  }
}
