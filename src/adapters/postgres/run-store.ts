import { sha256 } from '../../kernel/ids.ts';
import type { ClaimVerdict, RunStore, StartFacts } from '../../operations/ports.ts';
import type { OperationRecord } from '../../operations/records.ts';
import type { OperationState, StepState } from '../../operations/state.ts';
import { appendAudit } from './audit-store.ts';
import { claimFacts, writeClaim } from './claim-rows.ts';
import { PostgresJournal } from './journal.ts';
import { runLocalStep } from './local-steps.ts';
import { type Listener, notify } from './notify.ts';
import { endOperation, lockOperation, touch } from './operation-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';
import { isBehind, readRoom, takeRoomTurn } from './room-rows.ts';
import { type OperationRow, toOperation } from './rows.ts';

/** How often a waiting cancel is looked up in case a notice was missed, in milliseconds. */
const CANCEL_POLL_MS = 1_000;

/** The rows that a run reads and writes; see RunStore for what each call promises. */
export class PostgresRunStore implements RunStore {
  readonly #pool: Pool;
  readonly #listener: Listener;
  readonly #journal: PostgresJournal;

  constructor(pool: Pool, listener: Listener) {
    this.#pool = pool;
    this.#listener = listener;
    this.#journal = new PostgresJournal(pool);
  }

  async load(id: string): Promise<OperationRecord> {
    const { rows } = await this.#pool.query<OperationRow>('select * from twokey.operation where id = $1', [id]);
    const [row] = rows;
    if (!row) throw new Error(`operation ${id} is not in the database`);
    return toOperation(row);
  }

  async voters(id: string): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ person: string }>(
      `select v.person from twokey.vote v join twokey.operation o on o.id = v.operation and o.generation = v.generation
        where o.id = $1 and v.verdict = 'approve' and v.withdrawn_at is null and v.void_reason is null`,
      [id],
    );
    return rows.map(({ person }) => person);
  }

  async waiting(id: string, reason: string): Promise<void> {
    const { rowCount } = await this.#pool.query(
      `update twokey.operation set reason = nullif($2, ''), revision = revision + 1
        where id = $1 and state = 'queued' and reason is distinct from nullif($2, '')`,
      [id, reason],
    );
    if (rowCount) await notify(this.#pool, 'changed', id);
  }

  isBehind(id: string, runNumber: number, others: readonly string[]): Promise<boolean> {
    return isBehind(this.#pool, id, runNumber, others);
  }

  claim(id: string, runNumber: number, judge: (facts: StartFacts) => ClaimVerdict): Promise<ClaimVerdict> {
    return inTransaction(this.#pool, async (client) => {
      await takeRoomTurn(client, id);
      const facts = await claimFacts(client, id);
      if (!facts) return { kind: 'ignore', reason: 'it is not there' };
      const verdict = judge({ ...facts, room: await readRoom(client, facts.operation) });
      await writeClaim(client, facts.operation, runNumber, verdict);
      return verdict;
    });
  }

  async openStep(step: Parameters<RunStore['openStep']>[0]) {
    return inTransaction(this.#pool, async (client) => {
      await lockOperation(client, step.operation);
      await client.query(
        `insert into twokey.step (operation, n, step, title, cleanup, host, state) values ($1, $2, $3, $4, $5, $6, 'waiting')
         on conflict do nothing`,
        [step.operation, step.n, step.step, step.title, step.cleanup, step.host],
      );
      const { rows } = await client.query<{ attempt: number; state: StepState }>(
        'select attempt, state from twokey.step where operation = $1 and n = $2 for update',
        [step.operation, step.n],
      );
      const { attempt, state } = rows[0] ?? { attempt: 1, state: 'waiting' };
      const jid = jobId(step.operation, step.n, attempt);
      const script = await keepScript(client, step.script);
      const { rowCount } = await client.query(
        'insert into twokey.job (jid, operation, n, host, script) values ($1, $2, $3, $4, $5) on conflict do nothing',
        [jid, step.operation, step.n, step.host, script],
      );
      if (state === 'waiting') {
        await client.query(
          `update twokey.step set state = 'running', started_at = coalesce(started_at, clock_timestamp()) where operation = $1 and n = $2`,
          [step.operation, step.n],
        );
        await appendAudit(client, {
          actor: 'twokey',
          action: 'step.started',
          subject: step.operation,
          data: { n: step.n, step: step.step, jid, script },
        });
        await touch(client, step.operation);
      }
      return { jid, fresh: rowCount === 1 };
    });
  }

  async nextAttempt(id: string, n: number, script: string): Promise<string> {
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<{ attempt: number; host: string }>(
        'update twokey.step set attempt = attempt + 1 where operation = $1 and n = $2 returning attempt, host',
        [id, n],
      );
      const jid = jobId(id, n, rows[0]?.attempt ?? 1);
      await client.query(
        'insert into twokey.job (jid, operation, n, host, script) values ($1, $2, $3, $4, $5) on conflict do nothing',
        [jid, id, n, rows[0]?.host, await keepScript(client, script)],
      );
      return jid;
    });
  }

  async setStep(
    id: string,
    n: number,
    change: { state: StepState; exitCode?: number; detail?: string },
  ): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      await lockOperation(client, id);
      const { rowCount } = await client.query(
        `update twokey.step set state = $3, exit_code = $4, detail = $5, ended_at = clock_timestamp()
          where operation = $1 and n = $2 and ended_at is null`,
        [id, n, change.state, change.exitCode ?? null, change.detail ?? null],
      );
      if (rowCount === 0) return;
      await appendAudit(client, {
        actor: 'twokey',
        action: `step.${change.state}`,
        subject: id,
        data: { n, ...change },
      });
      await touch(client, id);
    });
  }

  runLocal(...[step, work]: Parameters<RunStore['runLocal']>): ReturnType<RunStore['runLocal']> {
    return runLocalStep(this.#pool, step, work);
  }

  async setProgress(id: string, n: number, progress: string): Promise<void> {
    await this.#pool.query('update twokey.step set progress = $3 where operation = $1 and n = $2', [
      id,
      n,
      progress.slice(0, 200),
    ]);
    await touch(this.#pool, id);
  }

  async setState(id: string, state: 'running' | 'unreachable', reason: string | null): Promise<void> {
    const { rowCount } = await this.#pool.query(
      `update twokey.operation set state = $2, reason = $3, revision = revision + 1
        where id = $1 and state in ('running', 'unreachable') and (state, coalesce(reason, '')) is distinct from ($2, coalesce($3, ''))`,
      [id, state, reason],
    );
    if (rowCount) await notify(this.#pool, 'changed', id);
  }

  async finish(
    id: string,
    end: { state: OperationState; reason: string; next: string; result?: Readonly<Record<string, string>> },
  ): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      await lockOperation(client, id);
      await client.query(`update twokey.step set state = 'skipped' where operation = $1 and state = 'waiting'`, [id]);
      await endOperation(client, id, { ...end, actor: 'twokey' });
    });
  }

  journalOffset(jid: string): Promise<number> {
    return this.#journal.size(jid);
  }

  append(jid: string, offset: number, bytes: Uint8Array): Promise<boolean> {
    return this.#journal.append(jid, offset, bytes);
  }

  async tail(jid: string, bytes: number): Promise<Uint8Array> {
    const size = await this.#journal.size(jid);
    return this.#journal.read(jid, Math.max(0, size - bytes), bytes);
  }

  async isLeft(id: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query('select from twokey.operation where id = $1 and left_by is not null', [
      id,
    ]);
    return rowCount === 1;
  }

  async cancelRequested(id: string): Promise<string | null> {
    const { rows } = await this.#pool.query<{ cancel_by: string | null }>(
      'select cancel_by from twokey.operation where id = $1',
      [id],
    );
    return rows[0]?.cancel_by ?? null;
  }

  async untilCancelled(id: string, signal: AbortSignal): Promise<string | null> {
    return new Promise((resolve) => {
      const finish = (who: string | null) => {
        clearInterval(timer);
        this.#listener.off('cancel', heard);
        signal.removeEventListener('abort', stop);
        resolve(who);
      };
      const look = () => {
        this.cancelRequested(id).then(
          (who) => who !== null && finish(who),
          // The database is away; the next look will tell.
          () => undefined,
        );
      };
      const heard = (operation: string) => operation === id && look();
      const stop = () => finish(null);
      const timer = setInterval(look, CANCEL_POLL_MS);
      this.#listener.on('cancel', heard);
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      else look();
    });
  }
}

/** Keeps the text of a script once; answers its hash. */
async function keepScript(client: Client, body: string): Promise<string> {
  const hash = sha256(body);
  await client.query('insert into twokey.script (sha256, body) values ($1, $2) on conflict do nothing', [hash, body]);
  return hash;
}

/** Name of a remote job: operation, step, attempt. An attempt only grows when the one before is known never to have run. */
function jobId(operation: string, n: number, attempt: number): string {
  return `${operation}-${n}-${attempt}`;
}
