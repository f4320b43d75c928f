import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTarget } from '../../src/shell/transport.ts';
import { forgetHostKey, launchSshd, type Sshd, type SshdOptions } from './sshd-launcher.ts';

/** A real sshd of a test's own, and what can go wrong with it. */
export interface TestSshd extends AsyncDisposable {
  readonly target: HostTarget;
  readonly dir: string;
  /** Numeric id of the account that jobs run as. */
  readonly uid: number;
  /** The host goes away, with its connections; jobs go on. */
  stop(): Promise<void>;
  /** The host goes away and comes back at the same address. */
  restart(): Promise<void>;
  /** Gives the host a new key at the next restart. */
  changeHostKey(): Promise<void>;
  /** Kills the processes that serve the open connections, as a lost link does; says how many processes. */
  cutConnections(): Promise<number>;
}

/** Starts an sshd in a temporary directory, which goes when the test is over. */
export async function startSshd(options: Omit<SshdOptions, 'dir'> = {}): Promise<TestSshd> {
  const dir = await mkdtemp(join(tmpdir(), 'sshd-'));
  await chmod(dir, 0o755);
  let sshd: Sshd = await launchSshd({ ...options, dir });
  const target: HostTarget = {
    name: 'testhost',
    address: sshd.address,
    port: sshd.port,
    user: sshd.user,
    hostKeys: [sshd.hostKey],
    key: { file: sshd.keyFile },
    base: sshd.base,
  };

  async function cutConnections(): Promise<number> {
    const listener = sshd.process.pid;
    const servers = listener === undefined ? [] : await serversBelow(listener);
    for (const pid of servers) killQuietly(pid);
    return servers.length;
  }

  async function stop(): Promise<void> {
    await cutConnections();
    await sshd.stop();
  }

  return {
    target,
    dir,
    uid: sshd.uid,
    stop,
    async restart() {
      await stop();
      sshd = await launchSshd({ ...options, dir, port: target.port });
    },
    changeHostKey: () => forgetHostKey(dir),
    cutConnections,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** The sshd processes below the listener: two for each connection. What runs in the sessions is not among them. */
async function serversBelow(listener: number): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (stat.includes('(sshd') && state !== 'Z') parents.set(Number(name), Number(parent));
  }
  const below = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent === listener || (parent !== undefined && below(parent));
  };
  return [...parents.keys()].filter(below);
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}
