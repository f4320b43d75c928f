import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, ownedDirectory, passwordIn, spawnAs } from '../src/adapters/postgres/embedded-places.ts';
import {
  adoptOrStart,
  presenceOf,
  type ServerSpec,
  stopServer,
  withSuperuser,
} from '../src/adapters/postgres/embedded-server.ts';
import type { Ports } from './ports.ts';
import { CONTENT_SQL, rolesSql } from './sql.ts';

const DEBIAN = '/usr/lib/postgresql';

/** A running PostgreSQL of the demonstration, with its application's database. */
export interface DemoDatabase {
  readonly how: 'adopted' | 'started' | 'initialised';
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** The directory of Debian's PostgreSQL programs, of the newest major version. */
export function debianBinaries(): string {
  const majors = existsSync(DEBIAN) ? readdirSync(DEBIAN).filter((major) => /^\d+$/.test(major)) : [];
  const complete = majors.filter((major) => existsSync(join(DEBIAN, major, 'bin/postgres')));
  const newest = complete.sort((a, b) => Number(b) - Number(a))[0];
  if (newest === undefined) throw new Error(`no PostgreSQL server under ${DEBIAN}: apt-get install postgresql`);
  return join(DEBIAN, newest, 'bin');
}

function initialise(directory: string, data: string, account: Account, bin: string, password: string): void {
  const fresh = join(directory, 'fresh');
  rmSync(fresh, { recursive: true, force: true });
  ownedDirectory(fresh, account, 0o700);
  const passwordFile = join(directory, 'initial-password');
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (account.switched) chownSync(passwordFile, account.uid, account.gid);
  const made = spawnSync(
    join(bin, 'initdb'),
    ['-D', fresh, '-U', 'postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--data-checksums'].concat([
      '--encoding=UTF8',
      '--locale=C.UTF-8',
    ]),
    { cwd: '/', env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', ...spawnAs(account) },
  );
  rmSync(passwordFile);
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
  renameSync(fresh, data);
}

async function fill(spec: ServerSpec, name: string, appPassword: string, backupPassword: string): Promise<void> {
  await withSuperuser(spec, async (client) => {
    await client.query(rolesSql(appPassword, backupPassword));
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (!rowCount) await client.query(`create database ${name} owner app`);
  });
  await withSuperuser({ ...spec, connection: { ...spec.connection, database: name } }, async (client) => {
    const { rows } = await client.query("select to_regclass('public.schema_version') is not null as filled");
    if (rows[0]?.filled === true) return;
    await client.query(`grant create on schema public to app; ${CONTENT_SQL}`);
    await client.query('analyze');
  });
}

/**
 * Starts a site's own PostgreSQL cluster on a loopback port out of `directory`, or adopts the one that an earlier
 * start left running, and fills the database `name` the first time. `backupPasswordFile` is made if absent.
 */
export async function startDatabase(
  directory: string,
  name: string,
  preferredPort: number,
  account: Account,
  backupPasswordFile: string,
  ports: Ports,
): Promise<DemoDatabase> {
  ownedDirectory(directory, account, 0o711);
  const run = ownedDirectory(join(directory, 'run'), account, 0o711);
  const data = join(directory, 'data');
  const bin = debianBinaries();
  const password = passwordIn(join(directory, 'superuser-password'));
  const made = !existsSync(join(data, 'PG_VERSION'));
  if (made) initialise(directory, data, account, bin, password);
  const on = (port: number): ServerSpec => ({
    postgres: join(bin, 'postgres'),
    data,
    account,
    settings: [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      // A socket's path is limited to 107 bytes; the demonstration needs none.
      Buffer.byteLength(run) < 80 ? `unix_socket_directories=${run}` : 'unix_socket_directories=',
      'shared_buffers=32MB',
      'max_connections=40',
      'wal_level=minimal',
      'max_wal_senders=0',
      'max_wal_size=192MB',
      'min_wal_size=32MB',
    ],
    logFile: join(directory, 'server.log'),
    connection: { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres' },
  });
  const last = ports.remembered(name);
  const presence = last === undefined ? 'absent' : await presenceOf(on(last));
  const keep = last !== undefined && (presence === 'ours' || presence === 'starting');
  const spec = on(keep ? last : await ports.choose(name, preferredPort));
  const { how, pid } = await adoptOrStart(spec);
  await fill(spec, name, passwordIn(join(directory, 'app-password')), passwordIn(backupPasswordFile));
  return {
    how: made ? 'initialised' : how,
    pid,
    port: spec.connection.port,
    async stop() {
      await stopServer(spec, 500);
    },
  };
}
