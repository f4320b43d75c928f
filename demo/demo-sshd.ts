import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { type Account, ownedDirectory, spawnAs } from '../src/adapters/postgres/embedded-places.ts';
import { monotonicMs, sleep } from '../src/kernel/clock.ts';
import type { Ports } from './ports.ts';

/** A running sshd of the demonstration. */
export interface DemoSshd {
  readonly how: 'adopted' | 'started';
  readonly pid: number;
  readonly port: number;
  /** The server's public key as `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  /** Ends the listener; sessions that are open go on. */
  stop(): Promise<void>;
}

const READY_MS = 10_000;

function keyPair(file: string, owner: Account | undefined): string {
  if (!existsSync(file)) {
    const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`ssh-keygen failed: ${made.stderr || made.error?.message}`);
  }
  if (owner?.switched) chownSync(file, owner.uid, owner.gid);
  return readFileSync(`${file}.pub`, 'utf8').trim().split(' ').slice(0, 2).join(' ');
}

/** The listener that was left running with this configuration file; its title carries the file's name. */
function runningPid(pidFile: string, config: string): number | undefined {
  if (!existsSync(pidFile)) return undefined;
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  const title = `/proc/${pid}/cmdline`;
  if (!Number.isInteger(pid) || !existsSync(title)) return undefined;
  return readFileSync(title, 'utf8').includes(config) ? pid : undefined;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-2.0-')));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
    socket.setTimeout(1_000, () => end(false));
  });
}

function configuration(directory: string, port: number): string {
  return `${[
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(directory, 'host_key')}`,
    `AuthorizedKeysFile ${join(directory, 'authorized_keys')}`,
    `PidFile ${join(directory, 'sshd.pid')}`,
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    // The directories above may be anyone's, as /tmp is; the files themselves are ours.
    'StrictModes no',
    'AllowTcpForwarding no',
    'AllowAgentForwarding no',
    'X11Forwarding no',
    'PrintMotd no',
    'MaxStartups 100:30:200',
  ].join('\n')}\n`;
}

/**
 * Starts an unprivileged sshd on loopback out of `directory`, or adopts the one that an earlier start left running.
 * It is detached and outlives this process. `clientKey` is the private key file that may log in; it is made if absent.
 */
export async function startDemoSshd(
  directory: string,
  name: string,
  preferredPort: number,
  account: Account,
  clientKey: string,
  ports: Ports,
): Promise<DemoSshd> {
  ownedDirectory(directory, account, 0o755);
  const hostKey = keyPair(join(directory, 'host_key'), account);
  const authorized = join(directory, 'authorized_keys');
  writeFileSync(authorized, `${keyPair(clientKey, undefined)}\n`);
  chmodSync(authorized, 0o644);
  const config = join(directory, 'sshd_config');
  const pidFile = join(directory, 'sshd.pid');
  const left = runningPid(pidFile, config);
  const last = ports.remembered(name);
  const adopt = left !== undefined && last !== undefined && (await answers(last));
  const port = adopt ? last : await ports.choose(name, preferredPort);
  let pid = left ?? 0;
  if (!adopt) {
    writeFileSync(config, configuration(directory, port));
    const log = openSync(join(directory, 'sshd.log'), 'a', 0o600);
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], {
      cwd: '/',
      detached: true,
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' },
      stdio: ['ignore', log, log],
      ...spawnAs(account),
    });
    closeSync(log);
    child.unref();
    let failed = false;
    child.once('exit', () => {
      failed = true;
    });
    child.once('error', () => {
      failed = true;
    });
    const began = monotonicMs();
    while (!(await answers(port))) {
      if (failed || monotonicMs() - began > READY_MS) {
        throw new Error(`sshd for ${name} did not start; see ${join(directory, 'sshd.log')}`);
      }
      await sleep(10);
    }
    pid = child.pid ?? 0;
  }
  return {
    how: adopt ? 'adopted' : 'started',
    pid,
    port,
    hostKey,
    async stop() {
      if (runningPid(pidFile, config) !== pid) return;
      process.kill(pid, 'SIGTERM');
      const began = monotonicMs();
      while (runningPid(pidFile, config) === pid && monotonicMs() - began < 5_000) await sleep(10);
    },
  };
}
