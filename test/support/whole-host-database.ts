import type { WholeHost } from './whole-host.ts';

export interface AppDatabase {
  readonly database: string;
  readonly role: string;
  /** Rows of table `version`, half of which have text outside ASCII. */
  readonly rows: number;
}

const ROWS = 5_000;

/**
 * Makes database `app` with some thousand rows in the host's PostgreSQL 15, and role `twokey_backup`, which may read
 * all of it and logs in with `password` over TCP on the host's loopback. Throws with what PostgreSQL said.
 */
export async function createAppDatabase(
  host: Pick<WholeHost, 'exec'>,
  options: { readonly password: string },
): Promise<AppDatabase> {
  const literal = `'${options.password.replaceAll("'", "''")}'`;
  // By standard input, so that the password is in no process list.
  const script = `
    SET standard_conforming_strings = on;
    CREATE ROLE app LOGIN;
    CREATE ROLE twokey_backup LOGIN PASSWORD ${literal} IN ROLE pg_read_all_data;
    CREATE DATABASE app OWNER app;
    \\connect app
    SET ROLE app;
    CREATE SCHEMA studio;
    CREATE TABLE studio.version (
      id integer PRIMARY KEY, code text NOT NULL UNIQUE, note text, made timestamptz NOT NULL, frames integer[]);
    INSERT INTO studio.version
      SELECT n, 'shot_' || lpad(n::text, 5, '0'), CASE n % 2 WHEN 0 THEN 'Größe ' || n || E'\\t\\\\N "«»"' END,
             timestamptz '2026-01-01 00:00+00' + n * interval '1 minute', ARRAY[n, n + 1]
      FROM generate_series(1, ${ROWS}) AS n;
    CREATE INDEX version_made ON studio.version (made);
    RESET ROLE;
    ANALYZE;
  `;
  const psql = ['runuser', '-u', 'postgres', '--', 'psql', '--no-psqlrc', '--quiet', '--set', 'ON_ERROR_STOP=1'];
  const ran = await host.exec([...psql, '--file', '-'], { input: script });
  if (ran.code !== 0) throw new Error(`the database could not be made: ${ran.stderr.trim()}`);
  return { database: 'app', role: 'twokey_backup', rows: ROWS };
}
