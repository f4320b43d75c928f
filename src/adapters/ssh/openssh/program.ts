import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

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
  /** Null: it was killed, or took too long. */
  readonly code: number | null;
  readonly said: string;
  /** The program is not there. */
  readonly missing: boolean;
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Starts ssh with pipes for all three of its streams. */
export function spawnSsh(args: readonly string[]): Child {
  return spawn('ssh', args, { env: ENVIRONMENT, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs a program to its end; what it left in the background does not count. Never rejects. */
export function runProgram(
  program: string,
  args: readonly string[],
  timeoutMs: number,
  extra: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...ENVIRONMENT, ...extra }, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    const settle = (code: number | null, missing = false): void => {
      clearTimeout(timer);
      child.stderr.destroy();
      resolve({ code, said, missing });
    };
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < KEPT) said += text;
    });
    child.once('error', () => settle(null, true));
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
