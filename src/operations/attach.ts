import type { Host } from '../estate/types.ts';
import { monotonicMs, sleep } from '../kernel/clock.ts';
import { CodedError, messageOf } from '../kernel/errors.ts';
import { jitter } from '../kernel/ids.ts';
import type { JobSpec } from '../shell/jobs.ts';
import type { JobEnd } from '../shell/state.ts';
import type { HostPort, RunStore } from './ports.ts';
import { Redactor } from './redact.ts';

/** Waits between attempts to reach a host, in milliseconds; the last one repeats. */
const BACKOFF_MS = [500, 1_000, 2_000, 5_000, 15_000] as const;
/** How much of the output's end is kept for explaining a failure. */
const TAIL_BYTES = 4_096;
/** How often output that the host counted but did not send is asked for again. */
const MISSING_TRIES = 5;

export interface Attachment {
  readonly operation: string;
  readonly n: number;
  readonly host: Host;
  readonly job: JobSpec;
  readonly secrets: readonly string[];
  /** How long a host that never answered is waited for before the job exists, in milliseconds. */
  readonly patienceMs: number;
  /** Aborted when this process stops; the job goes on. */
  readonly stopping: AbortSignal;
  readonly cancellable: boolean;
  /** True when nobody has tried to start this job before: only then can a host that never answered prove anything. */
  readonly fresh: boolean;
}

export type AttachEnd =
  | { readonly kind: 'end'; readonly end: JobEnd; readonly dir: string; readonly tail: string }
  | { readonly kind: 'never'; readonly message: string; readonly next: string; readonly cancelled: boolean }
  /** A person gave up waiting for a host that does not answer. Nobody knows what becomes of the job. */
  | { readonly kind: 'left'; readonly message: string };

/**
 * Never comes back. For a durable step of a process that is going down: an answer or an error would be stored as the
 * step's outcome, but the step is not over; another process takes it up.
 */
export function park(): Promise<never> {
  return new Promise(() => undefined);
}

/**
 * Starts the job unless it is there, follows its output into the journal from the byte where anybody stopped, and
 * comes back when it ended. A lost link is not an answer: the host is said to be unreachable and asked again.
 */
export async function attach(hosts: HostPort, store: RunStore, it: Attachment): Promise<AttachEnd> {
  const started = await untilStarted(hosts, store, it);
  if (started.kind !== 'started') return started;
  const local = new AbortController();
  const killer = it.cancellable ? killWhenCancelled(hosts, store, it, local.signal) : Promise.resolve();
  try {
    return await followToEnd(hosts, store, it, started.dir);
  } finally {
    local.abort();
    await killer;
  }
}

async function untilStarted(
  hosts: HostPort,
  store: RunStore,
  it: Attachment,
): Promise<{ kind: 'started'; dir: string } | Exclude<AttachEnd, { kind: 'end' }>> {
  const since = monotonicMs();
  // Only a host that could not be dialled proves that nothing was started there, and only if nobody dialled it before.
  let neverDialled = it.fresh;
  for (let attempt = 0; ; attempt += 1) {
    if (it.stopping.aborted) return park();
    const started = await hosts.start(it.host, it.job);
    if (started.ok) return { kind: 'started', dir: started.value.dir };
    const { code, message, next } = started.error;
    // The host answers but would not start it now; whether it was started before, its folder tells.
    if (code === 'precheck_failed' && !it.fresh) return { kind: 'started', dir: `${it.host.base}/${it.job.jid}` };
    if (code === 'precheck_failed') return { kind: 'never', message, next, cancelled: false };
    neverDialled &&= code !== 'protocol_error' && code !== 'link_lost';
    const waits = code === 'host_unreachable' || code === 'protocol_error' || code === 'link_lost';
    if (neverDialled) {
      if (!waits || monotonicMs() - since > it.patienceMs) return { kind: 'never', message, next, cancelled: false };
      const who = it.cancellable ? await store.cancelRequested(it.operation) : null;
      if (who !== null) return { kind: 'never', message, next, cancelled: true };
    }
    await store.setState(it.operation, 'unreachable', message);
    if (await store.isLeft(it.operation)) return { kind: 'left', message };
    await pause(attempt, it.stopping);
  }
}

async function followToEnd(hosts: HostPort, store: RunStore, it: Attachment, dir: string): Promise<AttachEnd> {
  let tail: Buffer = Buffer.alloc(0);
  const blanked = (text: string): string => {
    const redactor = new Redactor(it.secrets);
    return Buffer.concat([redactor.push(Buffer.from(text)), redactor.flush()]).toString('utf8');
  };
  for (let attempt = 0; ; attempt += 1) {
    if (it.stopping.aborted) return park();
    let offset = await store.journalOffset(it.job.jid);
    const redactor = new Redactor(it.secrets);
    const put = async (bytes: Uint8Array): Promise<boolean> => {
      if (bytes.length === 0) return true;
      if (!(await store.append(it.job.jid, offset, bytes))) return false;
      offset += bytes.length;
      tail = Buffer.concat([tail, bytes]).subarray(-TAIL_BYTES);
      return true;
    };
    try {
      let reported = false;
      for await (const event of hosts.follow(it.host, it.job.jid, offset, it.stopping)) {
        if (!reported) await store.setState(it.operation, 'running', null);
        reported = true;
        if (event.kind === 'progress') await store.setProgress(it.operation, it.n, blanked(event.text));
        // Somebody else stored these bytes: look again where the journal stands.
        if (event.kind === 'data' && !(await put(redactor.push(event.bytes)))) break;
        if (event.kind === 'end') {
          await put(redactor.flush());
          // The host recorded how much there is; until all of it is stored, the job is not over.
          if (event.end.kind === 'exited' && offset < event.end.size && attempt < MISSING_TRIES) break;
          if (tail.length === 0) tail = Buffer.from(await store.tail(it.job.jid, TAIL_BYTES));
          return { kind: 'end', end: event.end, dir, tail: tail.toString('utf8') };
        }
        if (event.kind === 'data') attempt = 0;
      }
    } catch (error) {
      if (it.stopping.aborted) return park();
      if (!(error instanceof CodedError)) throw error;
      await store.setState(it.operation, 'unreachable', messageOf(error));
      if (await store.isLeft(it.operation)) return { kind: 'left', message: messageOf(error) };
      await pause(attempt, it.stopping);
    }
  }
}

async function killWhenCancelled(hosts: HostPort, store: RunStore, it: Attachment, signal: AbortSignal): Promise<void> {
  const who = await store.untilCancelled(it.operation, signal);
  for (let attempt = 0; who !== null && !signal.aborted; attempt += 1) {
    const killed = await hosts.kill(it.host, it.job.jid, 10);
    if (killed.ok) return;
    await pause(attempt, signal);
  }
}

async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const base = BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)] ?? 15_000;
  await sleep(base + jitter(base / 4), signal);
}
