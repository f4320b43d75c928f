import { spawnSync } from 'node:child_process';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { debianBinaries } from '../../demo/database.ts';
import { isFree } from '../../demo/ports.ts';
import { ownedDirectory, serverAccount, spawnAs } from '../../src/adapters/postgres/embedded-places.ts';
import { adoptOrStart, type ServerSpec, stopServer } from '../../src/adapters/postgres/embedded-server.ts';

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

/** Starts a throw-away cluster. Its files are not flushed: a test's data need not outlive the machine. */
export async function startPostgres(): Promise<TestPostgres> {
  const account = serverAccount();
  const root = await mkdtemp(join(tmpdir(), 'twokey-pg-'));
  if (account.switched) await chown(root, account.uid, account.gid);
  const data = ownedDirectory(join(root, 'data'), account, 0o700);
  const bin = debianBinaries();
  const passwordFile = join(root, 'password');
  await writeFile(passwordFile, PASSWORD, { mode: 0o644 });
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync', '--locale=C.UTF-8'],
    { ...spawnAs(account), cwd: '/', encoding: 'utf8' },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
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
