import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const START = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));

/** What `npm start` brings up for a newcomer, in a data directory of its own. */
export interface FirstStart extends AsyncDisposable {
  readonly url: string;
  readonly home: string;
  output(): string;
  /** Process id of the bot that runs now. */
  botPid(): number;
}

export async function firstStart(): Promise<FirstStart> {
  const home = await mkdtemp(join(tmpdir(), 'twokey-first-'));
  // The servers run as another account when we are root, and have to get in.
  await chmod(home, 0o755);
  const clean = Object.fromEntries(
    Object.entries(process.env).filter(([key]) => !/^(SLACK|TWOKEY|DATABASE_URL|HTTP_)/.test(key)),
  );
  const child: ChildProcess = spawn(process.execPath, [START], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    env: { ...clean, TWOKEY_HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
  }
  const gone = once(child, 'exit');
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await gone;
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  };
  try {
    const found = await until(
      'npm start prints the address',
      () => {
        if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
        return /Open\s+(http:\/\/127\.0\.0\.1:\d+)/.exec(output);
      },
      90_000,
    );
    return {
      url: found[1] ?? '',
      home,
      output: () => output,
      botPid() {
        const pids = [...output.matchAll(/kill -9 (\d+)|bot is back \(process (\d+)\)/g)];
        return Number(pids.at(-1)?.[2] ?? pids.at(-1)?.[1] ?? Number.NaN);
      },
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw new Error(`${String(error)}\n${output}`);
  }
}
