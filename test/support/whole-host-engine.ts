import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type Ran, type RunOptions, run, until } from './whole-host-run.ts';

/** So many engines may run at once on a machine, each with its own data directory; the next one waits. */
const SLOTS = 3;
const SLOT_TAKEN = 75;
const KEEPER = fileURLToPath(new URL('./whole-host-keeper.ts', import.meta.url));

/** A container engine of the test's own. Dispose it: that removes its hosts, and returns when no trace is left. */
export interface Engine extends AsyncDisposable {
  readonly cacheDir: string;
  /** 0, 1, 2: which of the engines that may run at once this is. */
  readonly slot: number;
  /** Sockets and the engine's log, as long as it runs. */
  readonly runDir: string;
  /** Directory in which the networks in use are noted. */
  readonly claims: string;
  /** Parent of the hosts' control groups. */
  readonly cgroup: string;
  /** Runs the engine's client; does not throw when that fails. */
  docker(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/** Where built images are kept, so that another clone on the same machine finds them. */
export function defaultCacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'twokey-test');
}

/** The keeper's program for one slot; it does not begin, and `flock` says so at once, while another run has the slot. */
function keeperCommand(slotDir: string, ...args: string[]): string[] {
  const lock = ['--nonblock', '--close', '--conflict-exit-code', String(SLOT_TAKEN), join(slotDir, 'lock')];
  return [...lock, process.execPath, KEEPER, slotDir, ...args];
}

/** Removes what killed engines have left in the slots that nobody holds. */
async function sweep(cacheDir: string): Promise<void> {
  for (let slot = 0; slot < SLOTS; slot++) {
    const slotDir = join(cacheDir, `engine-${slot}`);
    if (!existsSync(join(slotDir, 'state.json'))) continue;
    const swept = await run('flock', keeperCommand(slotDir), { env: { ...process.env, NODE_OPTIONS: '' } });
    if (swept.code !== 0 && swept.code !== SLOT_TAKEN) {
      throw new Error(`what a killed engine has left could not be removed: ${swept.stderr.trim()}`);
    }
  }
}

/** The keeper of one slot: `ready`, `taken` by another run, or it throws with what the engine said. */
async function startKeeper(slotDir: string, runDir: string): Promise<ChildProcess | 'taken'> {
  await mkdir(slotDir, { recursive: true });
  const keeper = spawn('flock', keeperCommand(slotDir, runDir), {
    // A group of its own: Ctrl-C in the terminal must not hit it before it has taken the engine down.
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  const ended = once(keeper, 'exit').then(([code]) => ({ code: Number(code) }));
  const said = once(createInterface(keeper.stdout), 'line').then(([line]) => ({ line: String(line) }));
  const first = await Promise.race([said, ended]);
  if ('line' in first) {
    if (first.line === 'ready') return keeper;
    await ended;
    throw new Error(`the container engine did not start: ${first.line}`);
  }
  if (first.code === SLOT_TAKEN) return 'taken';
  throw new Error(`the container engine did not start: its keeper ended with ${first.code}`);
}

/** The first client on this machine that speaks with this engine: a newer one may refuse an older engine. */
async function findClient(socket: string, env: NodeJS.ProcessEnv): Promise<string> {
  for (const client of ['docker', '/usr/bin/docker']) {
    if ((await run(client, ['-H', socket, 'version'], { env })).code === 0) return client;
  }
  throw new Error('no docker client on this machine speaks with its docker engine');
}

/**
 * Starts a container engine under the caller's control: own daemon, own socket, own data below `cacheDir`, own process
 * and mount namespaces. Up to three run at once; a fourth waits up to five minutes. What an engine that was killed
 * has left is removed first. Throws when the engine cannot start (see `canRunWholeHosts`).
 */
export async function startEngine(cacheDir: string): Promise<Engine> {
  const runDir = await mkdtemp(join(tmpdir(), 'twokey-engine-'));
  try {
    const { slot, keeper } = await until(
      'an engine slot is free',
      300_000,
      async () => {
        for (let slot = 0; slot < SLOTS; slot++) {
          const keeper = await startKeeper(join(cacheDir, `engine-${slot}`), runDir);
          if (keeper !== 'taken') return { slot, keeper };
        }
        return undefined;
      },
      250,
    );
    const { DOCKER_HOST: _host, DOCKER_CONTEXT: _context, ...inherited } = process.env;
    const env = { ...inherited, DOCKER_CONFIG: join(runDir, 'client') };
    const socket = `unix://${join(runDir, 'docker.sock')}`;
    const stop = async () => {
      const ended = keeper.exitCode === null ? once(keeper, 'exit') : undefined;
      keeper.stdin?.end();
      await ended;
    };
    const ready = sweep(cacheDir).then(() => findClient(socket, env));
    const client = await ready.catch(async (error: unknown) => {
      await stop();
      throw error;
    });
    return {
      cacheDir,
      slot,
      runDir,
      claims: join(cacheDir, `engine-${slot}`, 'claims'),
      cgroup: runDir.slice(runDir.lastIndexOf('/') + 1),
      docker: (args, options) => run(client, ['-H', socket, ...args], { ...options, env }),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await rm(runDir, { recursive: true, force: true });
    throw error;
  }
}
