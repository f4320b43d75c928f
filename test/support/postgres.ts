import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { debianBinaries } from '../../demo/database.ts';
import { isFree } from '../../demo/ports.ts';
import { type Account, ownedDirectory, serverAccount, spawnAs } from '../../src/adapters/postgres/embedded-places.ts';
import { adoptOrStart, type ServerSpec, stopServer } from '../../src/adapters/postgres/embedded-server.ts';
import { sha256 } from '../../src/kernel/ids.ts';

/** Twokey's own database and the sites' databases of a test, on one real PostgreSQL server. */
export interface TestPostgres extends AsyncDisposable {
  readonly port: number;
  readonly bin: string;
  url(database: string): string;
  /** Makes a database and runs `sql` in it. */
  create(database: string, sql?: string): Promise<void>;
  query<R extends pg.QueryResultRow>(database: string, sql: string, values?: unknown[]): Promise<R[]>;
  /** SIGKILL for the whole server, as a power cut of the process; the data stays. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

const run = promisify(execFile);
const CACHE = fileURLToPath(new URL('../../.cache', import.meta.url));
const PASSWORD = 'test-superuser';

/** Workers begin far from each other, and no port is given twice: its taker may not listen yet. */
let nextPort = 20_000 + Math.floor(Math.random() * 10_000);

/** A loopback port that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    nextPort += 1;
    if (await isFree(nextPort)) return nextPort;
  }
}

/**
 * Fills an empty `data` with a fresh cluster. Only the first time one is made, which takes some three times as long as to
 * copy it; its name tells by what and for whom.
 */
async function fillCluster(data: string, bin: string, account: Account, passwordFile: string): Promise<void> {
  const how = ['-U', 'postgres', '--auth=scram-sha-256', '--no-sync', '--locale=C.UTF-8'];
  const kept = join(CACHE, `cluster-${sha256(JSON.stringify([bin, how, PASSWORD, account.uid])).slice(0, 16)}`);
  if (existsSync(kept)) {
    await run('cp', ['-a', `${kept}/.`, data]);
    return;
  }
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  await run(join(bin, 'initdb'), ['-D', data, `--pwfile=${passwordFile}`, ...how], { ...spawnAs(account), cwd: '/' });
  const fresh = `${kept}-${randomUUID()}`;
  await mkdir(CACHE, { recursive: true });
  await run('cp', ['-a', data, fresh]);
  // Another test may have been faster; a copy that was not finished never gets the name.
  await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }));
}

/** Starts a throw-away cluster. Its files are not flushed: a test's data need not outlive the machine. */
export async function startPostgres(): Promise<TestPostgres> {
  const account = serverAccount();
  const root = await mkdtemp(join(tmpdir(), 'twokey-pg-'));
  if (account.switched) await chown(root, account.uid, account.gid);
  const data = ownedDirectory(join(root, 'data'), account, 0o700);
  const bin = debianBinaries();
  await fillCluster(data, bin, account, join(root, 'password'));
  const port = await freePort();
  const spec: ServerSpec = {
    postgres: join(bin, 'postgres'),
    data,
    account,
    settings: [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      'unix_socket_directories=',
      'fsync=off',
      'full_page_writes=off',
      'shared_buffers=32MB',
      'max_connections=120',
    ],
    logFile: join(root, 'server.log'),
    connection: { host: '127.0.0.1', port, user: 'postgres', password: PASSWORD, database: 'postgres' },
  };
  let { pid } = await adoptOrStart(spec);
  const url = (database: string) => `postgresql://postgres:${PASSWORD}@127.0.0.1:${port}/${database}`;

  async function query<R extends pg.QueryResultRow>(
    database: string,
    sql: string,
    values: unknown[] = [],
  ): Promise<R[]> {
    const client = new pg.Client({ connectionString: url(database) });
    await client.connect();
    try {
      const { rows } = await client.query<R>(sql, values);
      return rows;
    } finally {
      await client.end();
    }
  }

  return {
    port,
    bin,
    url,
    query,
    async create(database, sql = '') {
      await query('postgres', `create database "${database}"`);
      if (sql !== '') await query(database, sql);
    },
    async kill() {
      process.kill(pid, 'SIGKILL');
    },
    async start() {
      ({ pid } = await adoptOrStart(spec));
    },
    async [Symbol.asyncDispose]() {
      await stopServer(spec, 200);
      await rm(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}
