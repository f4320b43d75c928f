import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';

/** What one sshd of ours is to be like. */
export interface SshdOptions {
  /** A directory of its own, which the account it runs as can reach. Keys found in it are used again. */
  readonly dir: string;
  /** Default: a free one. */
  readonly port?: number;
  /** The account to run as and to log in to; only root can choose. Default: oneself, or `postgres` for root. */
  readonly user?: string;
  readonly maxSessions?: number;
  readonly maxStartups?: string;
  /** Set for every session, for instance HOME or PATH. */
  readonly environment?: Readonly<Record<string, string>>;
  /** More lines for sshd_config. */
  readonly config?: readonly string[];
}

/** A running sshd on loopback that lets one account in with one key. */
export interface Sshd {
  readonly address: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  /** Numeric ids of the account, for files that it has to own. */
  readonly uid: number;
  readonly gid: number;
  /** `ssh-ed25519 AAAA...`, to be pinned. */
  readonly hostKey: string;
  /** Private key file that opens the account. */
  readonly keyFile: string;
  /** Directory for jobs, owned by the account. */
  readonly base: string;
  readonly process: ChildProcess;
  /** Ends the listener; sessions and what they started go on. */
  stop(): Promise<void>;
}

const SSHD = '/usr/sbin/sshd';

/** Starts an unprivileged sshd. Throws with advice when OpenSSH's server or the account is missing. */
export async function launchSshd(options: SshdOptions): Promise<Sshd> {
  const account = await accountOf(options.user);
  const { dir } = options;
  const base = join(dir, 'jobs');
  await mkdir(base, { recursive: true });
  await chmod(dir, 0o755);
  const hostKeyFile = join(dir, 'host_key');
  const keyFile = join(dir, 'client_key');
  await ensureKey(hostKeyFile);
  await ensureKey(keyFile);
  const port = options.port ?? (await freePort());
  const config = join(dir, 'sshd_config');
  await writeFile(config, configText(options, port, hostKeyFile, `${keyFile}.pub`));
  if (process.getuid?.() === 0) {
    for (const path of [base, hostKeyFile, config, `${keyFile}.pub`]) await chown(path, account.uid, account.gid);
  }
  const child = await run(config, account);
  return {
    address: '127.0.0.1',
    port,
    user: account.name,
    uid: account.uid,
    gid: account.gid,
    hostKey: (await readFile(`${hostKeyFile}.pub`, 'utf8')).split(' ').slice(0, 2).join(' '),
    keyFile,
    base,
    process: child,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
    },
  };
}

/** Makes the host another one: the next launch in this directory presents a new key. */
export async function forgetHostKey(dir: string): Promise<void> {
  await rm(join(dir, 'host_key'), { force: true });
  await rm(join(dir, 'host_key.pub'), { force: true });
}

interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

async function accountOf(wanted: string | undefined): Promise<Account> {
  const self = userInfo();
  const name = wanted ?? (self.uid === 0 ? 'postgres' : self.username);
  if (name === self.username) return { name, uid: self.uid, gid: self.gid };
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find((row) => row.startsWith(`${name}:`));
  if (line === undefined) {
    throw new Error(`there is no account ${name}; as root an account is needed to run sshd and PostgreSQL as`);
  }
  const [, , uid, gid] = line.split(':');
  return { name, uid: Number(uid), gid: Number(gid) };
}

async function ensureKey(file: string): Promise<void> {
  const present = await readFile(file).catch(() => null);
  if (present !== null) return;
  const made = spawnSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', file], { encoding: 'utf8' });
  if (made.error || made.status !== 0) throw missing(made.error?.message ?? made.stderr);
}

function configText(options: SshdOptions, port: number, hostKeyFile: string, authorized: string): string {
  const environment = Object.entries(options.environment ?? {}).map(([name, value]) => `"${name}=${value}"`);
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${hostKeyFile}`,
    `AuthorizedKeysFile ${authorized}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PrintMotd no',
    'LogLevel INFO',
    `MaxSessions ${options.maxSessions ?? 10}`,
    `MaxStartups ${options.maxStartups ?? '10:30:100'}`,
    ...(environment.length === 0 ? [] : [`SetEnv ${environment.join(' ')}`]),
    ...(options.config ?? []),
    '',
  ].join('\n');
}

/** Resolves once sshd says that it listens. */
function run(config: string, account: Account): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const identity = process.getuid?.() === 0 ? { uid: account.uid, gid: account.gid } : {};
    const child = spawn(SSHD, ['-D', '-e', '-f', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      cwd: '/',
      ...identity,
    });
    let said = '';
    const endWithUs = (): boolean => child.kill();
    process.once('exit', endWithUs);
    child.once('exit', () => process.off('exit', endWithUs));
    child.once('error', (error) => reject(missing(error.message)));
    child.once('exit', () => reject(new Error(`sshd did not start: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < 10_000) said += text;
      if (said.includes('Server listening')) resolve(child);
    });
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

function missing(why: string): Error {
  return new Error(`OpenSSH's server is needed (Debian: apt-get install openssh-server): ${why}`);
}
