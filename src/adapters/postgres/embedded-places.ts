import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { newUuid, sha256 } from '../../kernel/ids.ts';

/** The system account a server runs as. PostgreSQL refuses to run as root, so root hands its servers to another. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** True when processes have to be switched to it, that is when we are root. */
  readonly switched: boolean;
}

/** A socket's path must fit into `sun_path`: 107 bytes and the closing NUL. */
const SOCKET_PATH_LIMIT = 107;
const SOCKET_NAME = '.s.PGSQL.5432';
/** Where root keeps what another account must reach when the data directory itself is closed to it. */
export const SHARED_ROOT = '/var/lib/twokey';

function idOf(user: string, flag: '-u' | '-g'): number | undefined {
  const found = spawnSync('id', [flag, user], { encoding: 'utf8' });
  const id = Number.parseInt(found.stdout ?? '', 10);
  return found.status === 0 && Number.isInteger(id) ? id : undefined;
}

function ownAccount(): Account {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, switched: false };
}

function namedAccount(user: string): Account | undefined {
  const uid = idOf(user, '-u');
  const gid = idOf(user, '-g');
  return uid === undefined || gid === undefined ? undefined : { uid, gid, switched: true };
}

/**
 * The account that runs servers: ourselves, or when we are root `postgres`, or else a system account of our own that
 * is created. A cluster that exists keeps its owner, whatever accounts have appeared since.
 */
export function serverAccount(...clusters: readonly string[]): Account {
  if (process.getuid?.() !== 0) return ownAccount();
  for (const cluster of clusters) {
    if (!existsSync(cluster)) continue;
    const { uid, gid } = statSync(cluster);
    if (uid !== 0) return { uid, gid, switched: true };
  }
  const present = namedAccount('postgres') ?? namedAccount('twokey-db');
  if (present) return present;
  const made = spawnSync(
    'useradd',
    ['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent', '--shell', '/bin/sh', 'twokey-db'],
    { encoding: 'utf8' },
  );
  const account = namedAccount('twokey-db');
  if (!account) throw new Error(`cannot create the system account twokey-db: ${made.stderr || made.error?.message}`);
  return account;
}

/** The uid and gid to spawn with; empty when no switch is needed. */
export function spawnAs(account: Account): { uid?: number; gid?: number } {
  return account.switched ? { uid: account.uid, gid: account.gid } : {};
}

/** Whether `account` can enter `directory`; asked of the kernel, so that every rule (modes, ACLs, mounts) counts. */
export function canEnter(account: Account, directory: string): boolean {
  const tried = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', directory], {
    cwd: '/',
    stdio: 'ignore',
    ...spawnAs(account),
  });
  return tried.status === 0;
}

/** Makes `directory` (and what leads to it) and hands it to `account` with `mode`. */
export function ownedDirectory(directory: string, account: Account, mode: number): string {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  if (account.switched) chownSync(directory, account.uid, account.gid);
  chmodSync(directory, mode);
  return directory;
}

/** Where servers live whose own data directory their account cannot enter; the hash keeps data directories apart. */
export function fallbackPlace(wanted: string): string {
  return join(SHARED_ROOT, sha256(resolve(wanted)).slice(0, 16));
}

/**
 * Where servers of the data directory `wanted` may live: there, or in its `fallbackPlace` when we are root and the
 * account cannot enter it (a data directory under /root, say); the log then says so.
 */
export function reachablePlace(wanted: string, account: Account, log: (msg: string, fields?: object) => void): string {
  const home = resolve(wanted);
  mkdirSync(home, { recursive: true, mode: 0o755 });
  if (!account.switched || canEnter(account, home)) return home;
  const fallback = fallbackPlace(home);
  mkdirSync(fallback, { recursive: true, mode: 0o755 });
  log(`the account that runs the servers cannot enter ${home}: they live in ${fallback} instead`, { home, fallback });
  return fallback;
}

/** The directory for the socket of the cluster in `place`: beside it, or a short one when its path would be too long. */
export function socketDirectory(place: string, account: Account): string {
  const near = join(place, 'run');
  if (Buffer.byteLength(join(near, SOCKET_NAME)) <= SOCKET_PATH_LIMIT) return ownedDirectory(near, account, 0o711);
  const key = sha256(place).slice(0, 16);
  const short = process.getuid?.() === 0 ? `/run/twokey-${key}` : `/tmp/twokey-${account.uid}-${key}`;
  ownedDirectory(short, account, 0o711);
  if (statSync(short).uid !== account.uid) throw new Error(`${short} belongs to somebody else; remove it`);
  return short;
}

/**
 * The password in `file` (mode 0600), made at the first call. The file appears at once with its content, so that two
 * processes that start together read the same.
 */
export function passwordIn(file: string): string {
  if (!existsSync(file)) {
    const fresh = `${file}.${newUuid()}`;
    writeFileSync(fresh, `${sha256(`${newUuid()}${newUuid()}`)}\n`, { mode: 0o600, flush: true });
    try {
      linkSync(fresh, file);
    } catch (error) {
      if (!existsSync(file)) throw error;
    } finally {
      unlinkSync(fresh);
    }
  }
  return readFileSync(file, 'utf8').trim();
}
