import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { newUuid } from '../../kernel/ids.ts';
import { type Binaries, binariesFor } from './embedded-binaries.ts';
import {
  type Account,
  fallbackPlace,
  ownedDirectory,
  passwordIn,
  reachablePlace,
  SHARED_ROOT,
  serverAccount,
  socketDirectory,
  spawnAs,
} from './embedded-places.ts';
import { adoptOrStart, type ServerSpec, stopServer, withSuperuser } from './embedded-server.ts';

type Log = (msg: string, fields?: object) => void;

/** Role and database of the embedded server. */
const NAME = 'twokey';
const Coded = z.object({ code: z.string() });
/** The pools of the bot need a moment to close before the server counts its clients. */
const STOP_GRACE_MS = 2_000;

/** The running embedded PostgreSQL. */
export interface EmbeddedPostgres {
  /** A URL that `pg` and the engine accept; it reaches the socket and carries the password. */
  readonly connectionString: string;
  /** `adopted`: it was running; `started`: the data was there; `initialised`: the data directory was made. */
  readonly how: 'adopted' | 'started' | 'initialised';
  readonly pid: number;
  /** Shuts the server down, unless clients of another process use it. Close your own connections first. */
  stop(): Promise<void>;
}

/** Removes what an initdb left whose process is gone; its directory carries the process id in its name. */
function sweepUnfinished(place: string): void {
  for (const entry of readdirSync(place)) {
    const pid = /^fresh-(\d+)-/.exec(entry)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) rmSync(join(place, entry), { recursive: true, force: true });
  }
}

/** Makes the cluster in a directory of its own and renames it into place, so that a half-made one is never used. */
function initialise(place: string, data: string, account: Account, binaries: Binaries, password: string): boolean {
  sweepUnfinished(place);
  const fresh = ownedDirectory(join(place, `fresh-${process.pid}-${newUuid()}`), account, 0o700);
  const cluster = ownedDirectory(join(fresh, 'data'), account, 0o700);
  const passwordFile = join(fresh, 'password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account.switched) chownSync(passwordFile, account.uid, account.gid);
  try {
    const made = spawnSync(
      binaries.initdb,
      ['-D', cluster, '-U', NAME, `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--data-checksums'].concat([
        '--encoding=UTF8',
        '--locale=C',
      ]),
      { cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' }, encoding: 'utf8', ...spawnAs(account) },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
    renameSync(cluster, data);
    return true;
  } catch (error) {
    // Another process that started at the same time was first; its cluster has the same password.
    if (existsSync(join(data, 'PG_VERSION'))) return false;
    throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function checkVersion(data: string, binaries: Binaries): void {
  const found = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  if (found === binaries.major) return;
  throw new Error(
    `${data} was written by PostgreSQL ${found}, this Twokey brings ${binaries.major}: ` +
      `start the Twokey that wrote it, export with pg_dump, and import into a new data directory, or set DATABASE_URL`,
  );
}

async function ensureDatabase(spec: ServerSpec): Promise<void> {
  await withSuperuser(spec, async (client) => {
    const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [NAME]);
    if (rowCount) return;
    try {
      await client.query(`create database ${NAME}`);
    } catch (error) {
      // duplicate_database, or the unique index of pg_database when two create at the same instant
      const code = Coded.safeParse(error);
      if (!code.success || !['42P04', '23505'].includes(code.data.code)) throw error;
    }
  });
}

/**
 * Opens the PostgreSQL that comes with Twokey, kept under `<dataDir>/postgres`: adopts the server that an earlier
 * process left running, else starts it, else makes it. It listens on a socket only, with a password in a 0600 file.
 * `dataDir` is Twokey's data directory (TWOKEY_HOME). Throws with a plain reason when it cannot be had.
 */
export async function openEmbedded(dataDir: string, log: Log): Promise<EmbeddedPostgres> {
  const account = serverAccount(
    ...[resolve(dataDir), fallbackPlace(dataDir)].map((home) => join(home, 'postgres/data')),
  );
  const home = reachablePlace(dataDir, account, log);
  const place = ownedDirectory(join(home, 'postgres'), account, 0o711);
  const data = join(place, 'data');
  const binaries = binariesFor(account, account.switched ? SHARED_ROOT : place, log);
  const password = passwordIn(join(place, 'password'));
  const made = existsSync(join(data, 'PG_VERSION')) ? false : initialise(place, data, account, binaries, password);
  checkVersion(data, binaries);
  const run = socketDirectory(place, account);
  const spec: ServerSpec = {
    postgres: binaries.postgres,
    data,
    account,
    settings: [
      'listen_addresses=',
      'port=5432',
      `unix_socket_directories=${run}`,
      'shared_buffers=32MB',
      'max_connections=100',
      'timezone=UTC',
      'log_timezone=UTC',
    ],
    logFile: join(place, 'server.log'),
    connection: { host: run, port: 5432, user: NAME, password, database: 'postgres' },
  };
  const { how, pid } = await adoptOrStart(spec);
  await ensureDatabase(spec);
  return {
    // `localhost` only satisfies URL parsers; the `host` parameter wins.
    connectionString: `postgresql://${NAME}:${password}@localhost/${NAME}?host=${encodeURIComponent(run)}`,
    how: made ? 'initialised' : how,
    pid,
    async stop() {
      const stopped = await stopServer(spec, STOP_GRACE_MS);
      log(stopped ? 'embedded PostgreSQL stopped' : 'embedded PostgreSQL stays up: another process uses it', { pid });
    },
  };
}
