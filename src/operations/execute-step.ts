import type { Estate } from '../estate/types.ts';
import { sleep } from '../kernel/clock.ts';
import type { JobEnd } from '../shell/state.ts';
import { attach, park } from './attach.ts';
import { localStepByName } from './local.ts';
import { passLine, spellings } from './passfile.ts';
import type { PlannedStep } from './plan.ts';
import type { HostPort, LocalOutcome, RunStore, SecretPort } from './ports.ts';
import type { OperationRecord } from './records.ts';
import { stepByName } from './steps/index.ts';

/** How a step ended; plain data, because the engine stores it. */
export type StepOutcome = LocalOutcome | { readonly kind: 'lost'; readonly message: string };

export interface StepContext {
  readonly hosts: HostPort;
  readonly store: RunStore;
  readonly secrets: SecretPort;
  readonly estate: () => Promise<Estate>;
  readonly stopping: AbortSignal;
}

const PATIENCE_MS = 600_000;
/** How often, a second apart, a job that found the site locked is tried again. */
const BUSY_TRIES = 15;

const LOST_WORDS: Readonly<Record<Extract<JobEnd, { kind: 'lost' }>['why'], string>> = {
  nostart: 'it never started',
  reboot: 'the host was restarted in the middle of it',
  killed: 'its supervisor on the host was killed',
  orphan: 'its supervisor on the host was killed, but the command itself may still be running',
  gone: 'its folder on the host is gone',
};

/**
 * Runs one step to its end. Entering again after a crash finds the same job by its id and goes on; a job that is known
 * never to have run (busy site, or proof that it never came to life) is tried again under the next id.
 */
export async function executeStep(
  context: StepContext,
  operation: OperationRecord,
  n: number,
  planned: PlannedStep,
  cleanup: boolean,
): Promise<StepOutcome> {
  const { store } = context;
  const local = localStepByName(planned.step);
  if (local) {
    const { step, title } = planned;
    return store.runLocal({ operation: operation.id, n, step, title, cleanup }, (tools) => local.run(tools, planned));
  }
  const definition = stepByName(planned.step);
  const host = (await context.estate()).hosts.get(planned.host);
  if (!definition || !host) {
    return {
      kind: 'failed',
      message: `The plan names ${definition ? planned.host : planned.step}, which is not there any more.`,
      next: 'Send the command again.',
    };
  }
  const opened = await store.openStep({
    operation: operation.id,
    n,
    step: planned.step,
    title: planned.title,
    host: host.name,
    cleanup,
    script: definition.body,
  });
  if (!cleanup && opened.fresh && (await store.cancelRequested(operation.id)) !== null) {
    await store.setStep(operation.id, n, { state: 'skipped' });
    return { kind: 'cancelled' };
  }
  const name = planned.secrets[0];
  let password = name === undefined ? null : await context.secrets.read(name);
  // A job that may be running is not given up because its secret cannot be read at the moment.
  while (name !== undefined && password && !password.ok && !opened.fresh) {
    await store.setState(operation.id, 'unreachable', password.error.message);
    if (context.stopping.aborted) return park();
    await sleep(1_000, context.stopping);
    password = await context.secrets.read(name);
  }
  if (password && !password.ok) {
    await store.setStep(operation.id, n, { state: 'failed', detail: password.error.message });
    return { kind: 'failed', message: password.error.message, next: password.error.next };
  }
  const hidden = [...(password ? spellings(password.value) : []), ...(await blanksOf(context, planned))];
  let { jid, fresh } = opened;
  for (let tries = 0; ; tries += 1) {
    const attached = await attach(context.hosts, store, {
      operation: operation.id,
      n,
      host,
      job: {
        jid,
        body: definition.body,
        params: jobParams(operation, planned),
        lock: operation.plan.lock,
        ...(password ? { stdin: passLine(planned.params, password.value) } : {}),
      },
      secrets: hidden,
      patienceMs: PATIENCE_MS,
      stopping: context.stopping,
      cancellable: !cleanup,
      fresh,
    });
    if (attached.kind === 'left') {
      const message = `Nobody knows how step ${n} ended: ${attached.message}, and somebody gave up waiting for it.`;
      await store.setStep(operation.id, n, { state: 'lost', detail: message });
      return { kind: 'lost', message };
    }
    if (attached.kind === 'never' && attached.cancelled) {
      await store.setStep(operation.id, n, { state: 'skipped', detail: attached.message });
      return { kind: 'cancelled' };
    }
    if (attached.kind === 'never') {
      await store.setStep(operation.id, n, { state: 'failed', detail: attached.message });
      return { kind: 'failed', message: attached.message, next: attached.next };
    }
    const { end } = attached;
    const again = end.kind === 'busy' || (end.kind === 'lost' && end.why === 'nostart');
    if (again && tries < BUSY_TRIES && (cleanup || (await store.cancelRequested(operation.id)) === null)) {
      await sleep(1_000, context.stopping);
      jid = await store.nextAttempt(operation.id, n, definition.body);
      fresh = true;
      continue;
    }
    return settle(context, operation, n, end, attached, definition.explain, host);
  }
}

/** Spellings of the secrets that a step is not given but that its output may show; one that cannot be read is not known. */
async function blanksOf({ secrets }: StepContext, { blanks = [] }: PlannedStep): Promise<string[]> {
  const read = await Promise.all(blanks.map((name) => secrets.read(name)));
  return read.flatMap((one) => (one.ok ? spellings(one.value) : []));
}

async function settle(
  context: StepContext,
  operation: OperationRecord,
  n: number,
  end: JobEnd,
  attached: { readonly dir: string; readonly tail: string },
  explain: (code: number, tail: string) => { message: string; next: string },
  host: Parameters<HostPort['run']>[0],
): Promise<StepOutcome> {
  const { store } = context;
  if (end.kind === 'busy') {
    const message = `The site is busy: ${end.holder} holds its lock on the host.`;
    await store.setStep(operation.id, n, { state: 'failed', detail: message });
    return { kind: 'failed', message, next: 'Wait until the other run is over, then retry.' };
  }
  if (end.kind === 'lost') {
    const message = `Nobody knows how step ${n} ended: ${LOST_WORDS[end.why]}.`;
    await store.setStep(operation.id, n, { state: 'lost', detail: message });
    return { kind: 'lost', message };
  }
  if (end.cancelled) {
    await store.setStep(operation.id, n, { state: 'cancelled', exitCode: end.code });
    return { kind: 'cancelled' };
  }
  if (end.code !== 0) {
    const { message, next } = explain(end.code, attached.tail);
    await store.setStep(operation.id, n, { state: 'failed', exitCode: end.code, detail: message });
    return { kind: 'failed', message, next };
  }
  const result = await readResult(context, operation.id, host, attached.dir);
  await store.setStep(operation.id, n, {
    state: 'succeeded',
    exitCode: 0,
    ...(end.truncated ? { detail: 'The log was cut at its limit.' } : {}),
  });
  return { kind: 'succeeded', result };
}

/** The `key=value` lines that the step left in its result file; none is fine. Asks until the host answers. */
async function readResult(
  context: StepContext,
  operation: string,
  host: Parameters<HostPort['run']>[0],
  dir: string,
): Promise<Record<string, string>> {
  for (;;) {
    const answer = await context.hosts.run(host, 'cat "$P_dir/result" 2>/dev/null || true', { dir });
    if (answer.ok) {
      await context.store.setState(operation, 'running', null);
      const lines = new TextDecoder().decode(answer.value.output).split('\n');
      return Object.fromEntries(
        lines
          .filter((line) => /^[a-z_][a-z0-9_]*=/.test(line))
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1).replaceAll('\0', '')]),
      );
    }
    if (context.stopping.aborted) return park();
    await context.store.setState(operation, 'unreachable', answer.error.message);
    // The step itself is known to have succeeded; only its figures are missing then.
    if (await context.store.isLeft(operation)) return {};
    await sleep(1_000, context.stopping);
  }
}

/** What a step's script is given as $P_name. */
export function jobParams(operation: OperationRecord, planned: PlannedStep): Readonly<Record<string, string>> {
  return { ...planned.params, operation: operation.id, started: utcStamp(operation.startedAt) };
}

/** `20261121T093000Z`: the instant at which the operation started, as it stands in the names of what it makes. */
function utcStamp(startedAt: Date | null): string {
  return (startedAt ?? new Date(0))
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d+Z$/, 'Z');
}
