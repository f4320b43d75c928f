import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Lab, startLab } from '../../support/lab.ts';
import { backupsOf, ordered, unlessVersion } from '../../support/story.ts';

const manifestText = z.object({ site: z.string(), version: z.string(), rows: z.record(z.string(), z.number()) });

/** What pg_dump treats in its own way: partitions, odd names, tables without rows, other people's temporary tables. */
const ODDITIES = `
  create schema "Odd schema";
  create table "Odd schema"."Table with ""quotes""" (id integer primary key, "Größe" text, raw bytea, many integer[]);
  insert into "Odd schema"."Table with ""quotes""" select n, E'tab\\t, null \\\\N, "«»" ' || n, sha256(n::text::bytea), array[n, null, -n]
    from generate_series(1, 300) n;
  create table empty_one (id integer);
  create table visits (id integer, at date) partition by range (at);
  create table visits_1 partition of visits for values from ('2026-01-01') to ('2026-02-01');
  create table visits_2 partition of visits for values from ('2026-02-01') to ('2026-03-01');
  insert into visits select n, date '2026-01-01' + n % 50 from generate_series(1, 500) n;
  select nextval('ticket') from generate_series(1, 35);
`;

describe('P6 a backup is restored', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always' });
    await lab.postgres.query('acme', ODDITIES);
    await lab.bot();
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });

  /** Rows and a checksum over the ordered rows of every table, and the state of every sequence. */
  async function contents(database: string): Promise<Record<string, string>> {
    const tables = await lab.postgres.query<{ name: string }>(
      database,
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and c.relpersistence = 'p' and n.nspname !~ '^pg_|information_schema'`,
    );
    const sequences = await lab.postgres.query<{ name: string; state: string }>(
      database,
      `select format('%I.%I', schemaname, sequencename) as name, concat_ws('/', start_value, last_value, increment_by) as state from pg_sequences`,
    );
    const found: Record<string, string> = Object.fromEntries(sequences.map((one) => [one.name, one.state]));
    for (const { name } of tables) {
      const [sum] = await lab.postgres.query<{ sum: string }>(
        database,
        `select count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' order by t::text collate "C")), '') as sum from ${name} t`,
      );
      found[name] = sum?.sum ?? '';
    }
    return found;
  }

  async function newest(): Promise<{ path: string; manifest: z.output<typeof manifestText> }> {
    const path = join(lab.siteDir, 'db_backup', (await backupsOf(lab)).at(-1) ?? '');
    return { path, manifest: manifestText.parse(JSON.parse(await readFile(join(path, 'manifest.json'), 'utf8'))) };
  }

  async function restored(path: string, database: string): Promise<Record<string, string>> {
    await lab.postgres.create(database);
    const ran = spawnSync(
      join(lab.postgres.bin, 'pg_restore'),
      ['--exit-on-error', '--jobs=2', `--dbname=${lab.postgres.url(database)}`, join(path, 'data')],
      { encoding: 'utf8' },
    );
    expect(ran.stderr).toBe('');
    return contents(database);
  }

  it('into a fresh database, which then equals the source row by row; checksums and manifest agree', async () => {
    const stranger = new pg.Client({ connectionString: lab.postgres.url('acme') });
    await stranger.connect();
    await stranger.query('create temporary table scratch as select 1 as one');
    const id = await ordered(lab);
    await lab.untilState(id, 'succeeded');
    await stranger.end();
    const { path, manifest } = await newest();
    const sums = spawnSync('sha256sum', ['--check', '--strict', '--quiet', 'SHA256SUMS'], {
      cwd: path,
      encoding: 'utf8',
    });
    expect(`${sums.status}${sums.stdout}${sums.stderr}`).toBe('0');
    const listed = (await readFile(join(path, 'SHA256SUMS'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => line.slice(66));
    const files = spawnSync('find', ['.', '-type', 'f', '!', '-name', 'SHA256SUMS'], { cwd: path, encoding: 'utf8' });
    expect(listed.sort()).toEqual(files.stdout.trim().split('\n').sort());
    expect(await readFile(join(path, 'globals.sql'), 'utf8')).toContain('CREATE ROLE twokey_backup');
    expect(manifest).toMatchObject({ site: 'acme', version: '8.1.0' });
    expect(manifest.rows).toMatchObject({
      'public.users': 500,
      'public.events': 20_000,
      'public.empty_one': 0,
      'Odd schema.Table with "quotes"': 300,
    });
    const source = await contents('acme');
    expect(Object.keys(source).length).toBeGreaterThan(9);
    expect(source['public.ticket']).toBe('7/41/1');
    expect(await restored(path, 'copy')).toEqual(source);
  });

  it('rows are being written meanwhile: the manifest counts the very snapshot that was dumped', async () => {
    await lab.tools({ pg_dump: unlessVersion('sleep 0.7') });
    const writing = new AbortController();
    const writer = new pg.Client({ connectionString: lab.postgres.url('acme') });
    await writer.connect();
    const written = (async () => {
      while (!writing.signal.aborted) {
        await writer.query(`insert into events (actor, what, at) select 1, 'more', now() from generate_series(1, 20)`);
        await writer.query(`insert into users select max(id) + 1, 'x', 'y' from users`);
      }
    })();
    const id = await ordered(lab);
    await lab.untilState(id, 'succeeded');
    writing.abort();
    await written;
    await writer.end();
    const { path, manifest } = await newest();
    const copy = await restored(path, 'copy2');
    const now = await contents('acme');
    const rows = (all: Record<string, string>, name: string) => Number(all[name]?.split(' ')[0]);
    for (const name of ['public.events', 'public.users', 'public.projects']) {
      expect(rows(copy, name)).toBe(manifest.rows[name]);
    }
    expect(manifest.rows['public.events']).toBeGreaterThan(20_000);
    expect(rows(now, 'public.events')).toBeGreaterThan(manifest.rows['public.events'] ?? 0);
  });
});
