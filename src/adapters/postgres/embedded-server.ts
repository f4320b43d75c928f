import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, realpathSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { monotonicMs, sleep } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { type Account, spawnAs } from './embedded-places.ts';

/** A PostgreSQL server of ours: what to start, and how to ask whether it is the one that answers. */
export interface ServerSpec {
  readonly postgres: string;
  readonly data: string;
  readonly account: Account;
  /** Settings as `name=value`, given with `-c`. */
  readonly settings: readonly string[];
  readonly logFile: string;
  /** A superuser's connection; `host` may be the directory of the socket. */
  readonly connection: {
    readonly host: string;
    readonly port: number;
    readonly user: string;
    readonly password: string;
    readonly database: string;
  };
}

/** `ours` answers queries; `starting` will soon; `absent` nothing listens; `foreign` something else answers there. */
export type Presence = 'ours' | 'starting' | 'absent' | 'foreign';

/** A killed postmaster keeps its lock until init has reaped it, which takes up to some seconds. */
const LOCK_BUDGET_MS = 20_000;
/** Redo after a crash may take long on a slow disk; the server says all the while that it is starting. */
const REDO_BUDGET_MS = 600_000;
const STOP_BUDGET_MS = 30_000;
const LOG_LIMIT_BYTES = 8 * 1024 * 1024;
const Coded = z.object({ code: z.string() });
const Directory = z.object({ directory: z.string() });
const Others = z.object({ others: z.number() });

/** Runs `use` with a superuser’s client of the server, which is closed afterwards. */
export async function withSuperuser<T>(spec: ServerSpec, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ ...spec.connection, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // a server that dies under the query rejects the query; that is enough
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Asks what answers at the server's address; whether it is ours is decided by its data directory. */
export async function presenceOf(spec: ServerSpec): Promise<Presence> {
  try {
    const directory = await withSuperuser(spec, async (client) => {
      const { rows } = await client.query("select current_setting('data_directory') as directory");
      return Directory.parse(rows[0]).directory;
    });
    return directory === realpathSync(spec.data) ? 'ours' : 'foreign';
  } catch (error) {
    const parsed = Coded.safeParse(error);
    const code = parsed.success ? parsed.data.code : '';
    if (code === '57P03' || code === '53300') return 'starting';
    return code.startsWith('28') || code === '3D000' ? 'foreign' : 'absent';
  }
}

/** The process id in the server's lock file; undefined when there is none. */
export function postmasterPid(data: string): number | undefined {
  const pid = Number.parseInt(textOf(join(data, 'postmaster.pid')), 10);
  return Number.isInteger(pid) ? pid : undefined;
}

/** Empty when the file is not there: a server that ends takes it away at any moment. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function launch(spec: ServerSpec): { exited: boolean; done: Promise<void> } {
  if (existsSync(spec.logFile) && statSync(spec.logFile).size > LOG_LIMIT_BYTES) {
    renameSync(spec.logFile, `${spec.logFile}.1`);
  }
  const log = openSync(spec.logFile, 'a', 0o600);
  // Detached, with its output in a file: the server outlives a killed Twokey and never meets a broken pipe.
  const child = spawn(spec.postgres, ['-D', spec.data, ...spec.settings.flatMap((setting) => ['-c', setting])], {
    cwd: '/',
    detached: true,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', log, log],
    ...spawnAs(spec.account),
  });
  closeSync(log);
  child.unref();
  const state = { exited: false, done: Promise.resolve() };
  state.done = new Promise((resolve) => {
    const end = () => {
      state.exited = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', end);
  });
  return state;
}

function lastLines(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-6).join('\n') : '';
}

/**
 * Adopts the server when it runs already, else starts it and waits until it answers queries. Two processes may do so
 * at once: one server wins the lock file, the other process adopts it. The lock file itself is never touched.
 * Throws when something else answers there, or with the server's last log lines when it does not come up.
 */
export async function adoptOrStart(spec: ServerSpec): Promise<{ how: 'adopted' | 'started'; pid: number }> {
  const began = monotonicMs();
  let how: 'adopted' | 'started' = 'adopted';
  let attempt: { exited: boolean; done: Promise<void> } | undefined;
  let odd = 0;
  for (;;) {
    const presence = await presenceOf(spec);
    const pid = postmasterPid(spec.data);
    if (presence === 'ours' && pid !== undefined) return { how, pid };
    if (presence === 'foreign') {
      throw new Error(`${spec.connection.host} port ${spec.connection.port} is served by another PostgreSQL`);
    }
    const waited = monotonicMs() - began;
    if (attempt?.exited) {
      const said = lastLines(spec.logFile);
      // The lock of a server that was just killed is worth waiting for; any other failure repeats itself.
      if (!/lock file|shared memory/.test(said)) odd += 1;
      if (odd >= 3) throw new Error(`PostgreSQL does not start: ${said}`);
      attempt = undefined;
    }
    if (waited > (presence === 'starting' || attempt ? REDO_BUDGET_MS : LOCK_BUDGET_MS)) {
      throw new Error(`PostgreSQL did not answer within ${Math.round(waited / 1000)} s: ${lastLines(spec.logFile)}`);
    }
    if (presence === 'absent' && !attempt) {
      attempt = launch(spec);
      how = 'started';
    }
    await Promise.race([sleep(attempt ? 25 : 75), attempt?.done ?? sleep(75)]);
    if (attempt?.exited) await sleep(75);
  }
}

/**
 * Ends the server with a fast shutdown and waits for it; leaves it running, and answers false, while other clients
 * than ours are connected after `graceMs`. A server that is not ours or not there is left alone.
 */
export async function stopServer(spec: ServerSpec, graceMs: number): Promise<boolean> {
  const began = monotonicMs();
  if ((await presenceOf(spec)) !== 'ours') return true;
  for (;;) {
    const others = await withSuperuser(spec, async (client) => {
      const { rows } = await client.query(
        "select count(*)::int as others from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
      );
      return Others.parse(rows[0]).others;
    });
    if (others === 0) break;
    if (monotonicMs() - began > graceMs) return false;
    await sleep(50);
  }
  const pid = postmasterPid(spec.data);
  if (pid === undefined) return true;
  try {
    process.kill(pid, 'SIGINT');
  } catch (error) {
    throw new Error(`cannot stop PostgreSQL (process ${pid}): ${messageOf(error)}`, { cause: error });
  }
  // The lock file goes last; the process table would still show a zombie that nobody has reaped.
  while (postmasterPid(spec.data) === pid) {
    if (monotonicMs() - began > STOP_BUDGET_MS) throw new Error(`PostgreSQL (process ${pid}) does not stop`);
    await sleep(10);
  }
  return true;
}
