import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

import { messageOf } from '../../../kernel/errors.ts';

/** All that the system's ssh gets to see of our environment; SHELL runs the way through a bastion. */
const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin',
  LC_ALL: 'C',
  SHELL: '/bin/sh',
} as const;

/** How long the rest of what a failed program said is waited for. */
const LAST_WORDS_MS = 500;
/** Longest text of ssh that is kept. */
const KEPT = 64 * 1024;

export interface Ended {
  /** Null: it was killed, took too long, or was never started. */
  readonly code: number | null;
  readonly said: string;
  /** Why it could not be started; null when it was. */
  readonly notStarted: NodeJS.ErrnoException | null;
}

interface HowToRun {
  /** Milliseconds; then it is killed. */
  readonly timeoutMs: number;
  /** Kills it at once. */
  readonly signal?: AbortSignal;
  /** Added to its environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts ssh with pipes for all three of its streams; null when this machine has nothing left to make them of. */
export function spawnSsh(args: readonly string[]): Child | null {
  try {
    const child = spawn('ssh', args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'] });
    child.on('error', () => undefined); // one that nobody hears would end this process
    return hasPipes(child) ? child : null;
  } catch {
    return null;
  }
}

/** Without a descriptor left, Node gives a child without the streams that its type promises, and says why later. */
function hasPipes({ stderr }: Pick<ChildProcess, 'stderr'>): boolean {
  return Boolean(stderr);
}

/** Runs a program to its end; what it left in the background does not count. Never rejects. */
export function runProgram(
  program: string,
  args: readonly string[],
  { timeoutMs, signal, environment = {} }: HowToRun,
): Promise<Ended> {
  return new Promise((resolve) => {
    const never = (error: Error): void => resolve({ code: null, said: '', notStarted: error });
    const env = { ...ENVIRONMENT, ...environment };
    let child: ChildProcessByStdio<null, null, Readable>;
    try {
      child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      return never(error instanceof Error ? error : new Error(messageOf(error)));
    }
    if (!hasPipes(child)) return void child.on('error', never);
    let said = '';
    const kill = (): boolean => child.kill('SIGKILL');
    const timer = setTimeout(kill, timeoutMs);
    signal?.addEventListener('abort', kill, { once: true });
    if (signal?.aborted) kill();
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      child.stderr.destroy();
    };
    const settle = (code: number | null): void => {
      over();
      resolve({ code, said, notStarted: null });
    };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < KEPT) said += text;
    });
    child.on('error', (error) => {
      over();
      never(error);
    });
    child.once('exit', (code) => {
      // Its last words may still be in the pipe, which something in the background may hold open.
      const patience = setTimeout(() => settle(code), code === 0 ? 0 : LAST_WORDS_MS);
      child.stderr.once('end', () => {
        clearTimeout(patience);
        settle(code);
      });
    });
  });
}
