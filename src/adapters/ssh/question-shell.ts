import { monotonicMs } from '../../kernel/clock.ts';
import { coded } from '../../kernel/errors.ts';
import { newUuid } from '../../kernel/ids.ts';
import { createFrameParser } from '../../shell/frames.ts';
import type { Jobs, RunOutput } from '../../shell/jobs.ts';
import { askCall, hereCall, OPENING } from '../../shell/question-calls.ts';
import { scriptWith } from '../../shell/scripts.ts';
import type { HostTarget, StandingShell, Transport } from '../../shell/transport.ts';
import { answered, brokenOff, lost, refused } from './failures.ts';
import { STALE_AFTER_MS } from './pooled-transport.ts';

/** Longest answer, connecting included. */
const ANSWER_MS = 30_000;
const CAP_BYTES = 1024 * 1024;

interface Patience {
  /** Milliseconds. */
  readonly left: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Short questions, each asked of a shell that stays open for the next one. A question is written only to a shell that
 * is new or has just said that it is there; what died before that is replaced without a word. Once it is written, no
 * question is ever asked again: a lost link is told.
 *
 * A question ends on the host as well: at once when we give it up, and when the connection or sshd dies; by itself after
 * its time, should the link have gone silently. In the worst case, after a silent loss, it ends with its time limit.
 */
export function createAsking(transport: Transport): Jobs['run'] {
  return (target, script, params, options = {}) =>
    answered(async () => {
      const totalMs = options.timeoutMs ?? ANSWER_MS;
      const deadline = monotonicMs() + totalMs;
      const word = newUuid();
      const question = {
        script: scriptWith(script, params),
        capBytes: CAP_BYTES + 1, // one byte more than we keep, to know that there was more
        stdin: options.stdin?.reveal() ?? '',
        seconds: totalMs / 1000,
      };
      const call = askCall(question, word);
      const patience = (): Patience => ({ left: deadline - monotonicMs(), signal: options.signal });
      const shell = await borrowed(transport, target, patience);
      return ask(target, shell, { call, word }, patience());
    });
}

/** A shell that was there a moment ago. */
async function borrowed(transport: Transport, target: HostTarget, patience: () => Patience): Promise<StandingShell> {
  for (;;) {
    const { left, signal } = patience();
    const got = await transport.borrow(target, OPENING, { timeoutMs: left, ...(signal ? { signal } : {}) });
    if (!got.ok) throw coded(got.error);
    const shell = got.value;
    if (shell.fresh || (await isHere(shell, patience()))) return shell;
  }
}

async function isHere(shell: StandingShell, { left, signal }: Patience): Promise<boolean> {
  const word = newUuid();
  const parser = createFrameParser(word);
  // Only a full wait says something about the link.
  const patient = left > STALE_AFTER_MS;
  const silent = setTimeout(patient ? shell.giveUpLink : shell.close, patient ? STALE_AFTER_MS : left);
  signal?.addEventListener('abort', shell.close, { once: true });
  if (signal?.aborted) shell.close();
  try {
    shell.write(hereCall(word));
    for (let bytes = await shell.read(); bytes !== null; bytes = await shell.read()) {
      if (parser.push(bytes).some(({ kind }) => kind === 'alive')) return true;
    }
    return false;
  } catch (error) {
    shell.close();
    throw error;
  } finally {
    clearTimeout(silent);
    signal?.removeEventListener('abort', shell.close);
  }
}

async function ask(
  target: HostTarget,
  shell: StandingShell,
  { call, word }: { readonly call: string; readonly word: string },
  { left, signal }: Patience,
): Promise<RunOutput> {
  const parser = createFrameParser(word);
  const pieces: Uint8Array[] = [];
  let size = 0;
  /** What it is if the question kills whoever would tell its code. */
  let code = 255;
  let late = false;
  let greeted = false;
  const timer = setTimeout(() => {
    late = true;
    shell.close();
  }, left);
  signal?.addEventListener('abort', shell.close, { once: true });
  if (signal?.aborted) shell.close();
  try {
    shell.write(call);
    for (let bytes = await shell.read(); bytes !== null; bytes = await shell.read()) {
      for (const frame of parser.push(bytes)) {
        if (frame.kind === 'hello') greeted = true;
        if (frame.kind === 'refused') throw coded(refused(target, frame.code, frame.detail));
        if (frame.kind === 'output' && size <= CAP_BYTES) {
          pieces.push(frame.bytes);
          size += frame.bytes.length;
        }
        if (frame.kind === 'code') code = frame.code;
        if (frame.kind !== 'done') continue;
        shell.keep();
        return { code, output: Buffer.concat(pieces).subarray(0, CAP_BYTES), truncated: size > CAP_BYTES };
      }
    }
    if (signal?.aborted) throw lost(target, 'given up');
    if (late) throw lost(target, 'the script took too long');
    throw await brokenOff(target, shell, parser, greeted);
  } catch (error) {
    shell.close();
    throw error;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', shell.close);
  }
}
