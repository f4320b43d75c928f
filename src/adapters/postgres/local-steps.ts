import type { LocalOutcome, RunStore } from '../../operations/ports.ts';
import type { StepState } from '../../operations/state.ts';
import { appendAudit } from './audit-store.ts';
import { estateTools } from './estate-rows.ts';
import { lockOperation, touch } from './operation-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';
import { settingsTools } from './settings-store.ts';

interface StoredStep {
  readonly state: StepState;
  readonly result: Readonly<Record<string, string>> | null;
  readonly detail: string | null;
  readonly next: string | null;
}

type Step = Parameters<RunStore['runLocal']>[0];

/** Does a local step and records how it ended, in one transaction; see RunStore.runLocal. */
export function runLocalStep(pool: Pool, step: Step, work: Parameters<RunStore['runLocal']>[1]): Promise<LocalOutcome> {
  return inTransaction(pool, async (client) => {
    const locked = await lockOperation(client, step.operation);
    if (!locked) throw new Error(`operation ${step.operation} is not in the database`);
    const before = await openRow(client, step);
    const ended = outcomeOf(before);
    if (ended) return ended;
    const outcome = await outcomeNow(client, step, locked.operation, work);
    await writeOutcome(client, step, outcome);
    return outcome;
  });
}

async function openRow(client: Client, step: Step): Promise<StoredStep> {
  await client.query(
    `insert into twokey.step (operation, n, step, title, cleanup, host, state) values ($1, $2, $3, $4, $5, '', 'waiting')
     on conflict do nothing`,
    [step.operation, step.n, step.step, step.title, step.cleanup],
  );
  const { rows } = await client.query<StoredStep>(
    `update twokey.step set started_at = coalesce(started_at, clock_timestamp()) where operation = $1 and n = $2
     returning state, result, detail, next`,
    [step.operation, step.n],
  );
  return rows[0] ?? { state: 'waiting', result: null, detail: null, next: null };
}

/** How the step ended in an earlier life of the run; null when it did not. */
function outcomeOf({ state, result, detail, next }: StoredStep): LocalOutcome | null {
  if (state === 'succeeded') return { kind: 'succeeded', result: result ?? {} };
  if (state === 'failed') return { kind: 'failed', message: detail ?? '', next: next ?? '' };
  return state === 'skipped' || state === 'cancelled' ? { kind: 'cancelled' } : null;
}

async function outcomeNow(
  client: Client,
  { operation, n, cleanup }: Step,
  asked: { readonly requester: string; readonly cancelRequestedBy: string | null },
  work: Parameters<RunStore['runLocal']>[1],
): Promise<LocalOutcome> {
  if (!cleanup && asked.cancelRequestedBy !== null) return { kind: 'cancelled' };
  await client.query('savepoint work');
  const done = await work({
    estate: estateTools(client, { operation, n, actor: asked.requester }),
    settings: settingsTools(client, { operation, actor: asked.requester }),
  });
  if (done.ok) return { kind: 'succeeded', result: done.value };
  await client.query('rollback to savepoint work');
  return { kind: 'failed', message: done.error.message, next: done.error.next };
}

async function writeOutcome(client: Client, { operation, n, step }: Step, outcome: LocalOutcome): Promise<void> {
  const state: StepState = outcome.kind === 'cancelled' ? 'skipped' : outcome.kind;
  await client.query(
    `update twokey.step set state = $3, result = $4, detail = $5, next = $6, ended_at = clock_timestamp() where operation = $1 and n = $2`,
    [
      operation,
      n,
      state,
      outcome.kind === 'succeeded' ? JSON.stringify(outcome.result) : null,
      outcome.kind === 'failed' ? outcome.message : null,
      outcome.kind === 'failed' ? outcome.next : null,
    ],
  );
  await appendAudit(client, {
    actor: 'twokey',
    action: `step.${state}`,
    subject: operation,
    data: { n, step, ...outcome },
  });
  await touch(client, operation);
}
