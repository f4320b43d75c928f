import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import BOT_FLAGS from '../../scripts/flags.json' with { type: 'json' };
import { until } from './until.ts';

/** Where Node keeps what it has compiled, so that a process is up in half the time. */
export const COMPILED = fileURLToPath(new URL('../../.cache/compile', import.meta.url));
const EGRESS = new URL('egress.ts', import.meta.url).href;
const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** A bot in a process of its own, as it runs for users. */
export interface Bot extends AsyncDisposable {
  readonly pid: number;
  /** What it has printed, both streams. */
  output(): string;
  /** The address of its health server. */
  readonly health: string;
  /** SIGKILL; comes back when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

/** Starts a bot and waits until it says that it is ready; see egress.ts for what TWOKEY_TEST_EGRESS gets. */
export async function startBot(
  env: Readonly<Record<string, string>>,
  args: readonly string[] = ['start'],
  main = MAIN,
): Promise<Bot> {
  const child: ChildProcess = spawn(process.execPath, [...BOT_FLAGS, '--import', EGRESS, main, ...args], {
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin', NODE_COMPILE_CACHE: COMPILED, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout?.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  child.stderr?.on('data', (bytes: Buffer) => {
    output += bytes.toString();
  });
  const gone = once(child, 'exit');
  const ready = await until(
    'the bot is ready',
    () => {
      if (child.exitCode !== null) throw new Error(`the bot ended with ${child.exitCode}:\n${output}`);
      return /^twokey ready ?(\S*)$/m.exec(output);
    },
    30_000,
  ).catch((error: unknown) => {
    child.kill('SIGKILL');
    throw new Error(`${String(error)}\n${output}`);
  });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return {
    pid: child.pid ?? 0,
    output: () => output,
    health: ready[1] ?? '',
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    async [Symbol.asyncDispose]() {
      await end('SIGKILL');
    },
  };
}
