import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DBOS } from '@dbos-inc/dbos-sdk';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type EmbeddedPostgres, openEmbedded } from '../../src/adapters/postgres/embedded.ts';

const Said = z.object({ how: z.string(), pid: z.number(), connectionString: z.string() });
const said: string[] = [];
const log = (msg: string): void => {
  said.push(msg);
};
let home = '';
let top = '';
const holders: ChildProcess[] = [];

async function open(): Promise<EmbeddedPostgres> {
  return openEmbedded(home, log);
}

async function ask(connectionString: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

async function holder(): Promise<{ child: ChildProcess; opened: z.infer<typeof Said> }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../support/embedded-holder.ts'), home], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  holders.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, opened: Said.parse(JSON.parse(z.string().parse(line))) };
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'twokey-embedded-'));
  // The account of the server must be able to pass through, as through any ordinary directory.
  chmodSync(home, 0o755);
  top = home;
  said.length = 0;
});

afterEach(async () => {
  for (const child of holders.splice(0)) if (child.exitCode === null && child.signalCode === null) await killed(child);
  if (existsSync(join(home, 'postgres'))) await openEmbedded(home, log).then((server) => server.stop());
  rmSync(top, { recursive: true, force: true });
});

describe('the embedded PostgreSQL', () => {
  it('is made at the first opening, keeps its data over a stop, and listens on a socket only', async () => {
    const first = await open();
    expect(first.how).toBe('initialised');
    expect(await ask(first.connectionString, 'create table kept as select 42 as answer; ')).toBeDefined();
    expect(
      await ask(
        first.connectionString,
        `select setting from pg_settings where name in
         ('listen_addresses', 'data_checksums', 'fsync', 'password_encryption', 'server_encoding') order by name`,
      ),
    ).toEqual(['on', 'on', '', 'scram-sha-256', 'UTF8']);
    expect(await ask(first.connectionString, 'select current_database()')).toEqual(['twokey']);
    expect(statSync(join(home, 'postgres/password')).mode & 0o777).toBe(0o600);
    await expect(ask(first.connectionString.replace(/:[0-9a-f]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
    await first.stop();
    expect(existsSync(join(home, 'postgres/data/postmaster.pid'))).toBe(false);
    const second = await open();
    expect(second.how).toBe('started');
    expect(await ask(second.connectionString, 'select answer from kept')).toEqual([42]);
  });

  it('is adopted after its parent was killed, and answers the same password', async () => {
    const { child, opened: theirs } = await holder();
    expect(theirs.how).toBe('initialised');
    await ask(theirs.connectionString, 'create table kept as select 7 as answer');
    await killed(child);
    const mine = await open();
    expect(mine.how).toBe('adopted');
    expect(mine.pid).toBe(theirs.pid);
    expect(mine.connectionString).toBe(theirs.connectionString);
    expect(await ask(mine.connectionString, 'select answer from kept')).toEqual([7]);
  });

  it('comes back with every committed row after parent and postmaster were killed', async () => {
    const { child, opened: theirs } = await holder();
    await ask(theirs.connectionString, 'create table kept as select generate_series(1, 1000) as n');
    await killed(child);
    process.kill(theirs.pid, 'SIGKILL');
    const mine = await open();
    expect(mine.how).toBe('started');
    expect(mine.pid).not.toBe(theirs.pid);
    expect(await ask(mine.connectionString, 'select count(*)::int from kept')).toEqual([1000]);
  });

  it('is one server when two processes open a new data directory at once', async () => {
    const [one, two] = await Promise.all([holder(), holder()]);
    expect(one.opened.pid).toBe(two.opened.pid);
    expect([one.opened.how, two.opened.how]).toContain('initialised');
    expect(one.opened.connectionString).toBe(two.opened.connectionString);
    expect(await ask(two.opened.connectionString, 'select 1')).toEqual([1]);
  });

  it('stays up when it is told to stop while another process is connected', async () => {
    const mine = await open();
    const other = new pg.Client({ connectionString: mine.connectionString });
    other.on('error', () => {});
    await other.connect();
    await mine.stop();
    expect((await other.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    expect(said.at(-1)).toMatch(/another process uses it/);
    await other.end();
  });

  it('reaches its socket through a short directory when its own path is too long', async () => {
    home = join(home, 'a-directory-with-a-very-long-name'.repeat(4), 'twokey');
    const mine = await open();
    expect(await ask(mine.connectionString, 'select 1')).toEqual([1]);
    const [socket] = z.array(z.string()).parse(await ask(mine.connectionString, 'show unix_socket_directories'));
    expect(Buffer.byteLength(`${socket}/.s.PGSQL.5432`)).toBeLessThan(107);
    await mine.stop();
    rmSync(z.string().parse(socket), { recursive: true, force: true });
    rmSync(join(home, 'postgres'), { recursive: true, force: true });
  });

  it('refuses a data directory of another major version by name', async () => {
    await (await open()).stop();
    const file = join(home, 'postgres/data/PG_VERSION');
    const version = readFileSync(file, 'utf8');
    writeFileSync(file, '15\n');
    await expect(openEmbedded(home, log)).rejects.toThrow(/written by PostgreSQL 15, this Twokey brings 18/);
    writeFileSync(file, version);
  });

  it('gives a URL that the durable engine accepts', async () => {
    const { connectionString } = await open();
    DBOS.setConfig({ name: 'embedded', systemDatabaseUrl: connectionString, applicationVersion: 'test' });
    await DBOS.launch();
    try {
      expect(await ask(connectionString, 'select count(*) > 0 from dbos.workflow_status')).toEqual([false]);
    } finally {
      await DBOS.shutdown();
    }
  });
});
