import { countedApprovers, hasExpired } from '../../../approvals/machine.ts';
import { CodedError } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { quorumOf } from '../../operations/assess.ts';
import { toRequest } from '../../operations/gate.ts';
import type { AskPolicy, WaitingVerdict } from '../../operations/ports.ts';
import type { OperationRecord } from '../../operations/records.ts';
import { appendAudit } from './audit-store.ts';
import { claimFacts, waitAgain } from './claim-rows.ts';
import { type EnqueueRun, endOperation, queueRun, touch } from './operation-store.ts';
import { readView } from './operation-view.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';

const AGAIN = 'Send the command again.';

/**
 * What time alone brings about: held operations whose window has opened go on, requests whose time to decide and runs
 * whose time to start is over end. Every replica does it; the row's lock makes it happen once.
 */
export class PostgresSweep {
  readonly #pool: Pool;
  readonly #enqueue: EnqueueRun;

  readonly #ask: (operation: OperationRecord) => Promise<AskPolicy>;

  constructor(pool: Pool, enqueue: EnqueueRun, ask: (operation: OperationRecord) => Promise<AskPolicy>) {
    this.#pool = pool;
    this.#enqueue = enqueue;
    this.#ask = ask;
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

  /**
   * Asks the policy again, so that the card says why it waits now and not why it was held, and queues what has its votes
   * and its confirmation, in the same transaction; what has not goes on waiting for them.
   */
  async #open(id: string): Promise<void> {
    const view = await readView(this.#pool, id);
    if (view === null) return;
    const ask = await this.#policyOf(view.operation);
    await inTransaction(this.#pool, async (client) => {
      const facts = await claimFacts(client, id);
      if (!facts) return;
      const { operation, votes, now } = facts;
      if (operation.state !== 'held' || operation.opensAt === null || now < operation.opensAt) return;
      if (!ask.ok) {
        await endOperation(client, id, { state: 'failed', reason: ask.error, next: AGAIN, actor: 'twokey' });
        return;
      }
      const asked = ask.value(facts, operation.plan).verdict;
      // What the policy would refuse is refused by the last look before the start.
      const verdict = asked.kind === 'refuse' ? operation.verdict : asked;
      const again = verdict.kind === 'hold' && verdict.until !== null && verdict.until > now ? verdict.until : null;
      const judged = toRequest({ ...operation, verdict, quorum: quorumOf(verdict) }, votes);
      const approved = again === null && judged.state === 'approved';
      const action = again === null ? 'operation.window_opened' : 'operation.held_again';
      await appendAudit(client, { actor: 'twokey', action, subject: id, data: { approved, verdict } });
      if (again === null) await writeOpened(client, id, verdict);
      else await waitAgain(client, id, verdict, again);
      if (approved) await queueRun(client, this.#enqueue, operation);
      await touch(client, id);
    });
  }

  async #policyOf(operation: OperationRecord): Promise<Result<AskPolicy, string>> {
    try {
      return ok(await this.#ask(operation));
    } catch (error) {
      if (error instanceof CodedError && error.code === 'unknown_site') return err(error.message);
      throw error;
    }
  }

  async #expire(id: string): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      const facts = await claimFacts(client, id);
      if (!facts) return;
      const { operation, votes, now } = facts;
      const request = toRequest(operation, votes);
      const unstarted =
        (operation.state === 'queued' || operation.state === 'held') &&
        operation.startBy !== null &&
        now >= operation.startBy;
      const undecided = hasExpired(request, now);
      if (!undecided && !unstarted) return;
      const voted = countedApprovers(request).length >= request.quorum;
      const reason = !undecided
        ? 'It could not start in time.'
        : voted
          ? 'The person who asked did not confirm it in time.'
          : 'Nobody decided in time.';
      await endOperation(client, id, { state: 'expired', reason, next: AGAIN, actor: 'twokey' });
    });
  }
}

async function writeOpened(client: Client, id: string, verdict: WaitingVerdict): Promise<void> {
  await client.query(
    `update twokey.operation set state = 'awaiting', verdict = $2, quorum = $3, reason = null, next = null,
       decide_by = coalesce(decide_by, clock_timestamp() + make_interval(secs => decide_within_ms / 1000.0)) where id = $1`,
    [id, JSON.stringify(verdict), quorumOf(verdict)],
  );
}
