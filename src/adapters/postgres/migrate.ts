import { readdirSync, readFileSync } from 'node:fs';
import { CodedError } from '../../kernel/errors.ts';
import { sha256 } from '../../kernel/ids.ts';
import { inTransaction, type Pool } from './pool.ts';

const FOLDER = new URL('./migrations/', import.meta.url);

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

function shipped(): Migration[] {
  return readdirSync(FOLDER)
    .filter((file) => /^\d{6}-.*\.sql$/.test(file))
    .sort()
    .map((file) => ({
      version: Number(file.slice(0, 6)),
      name: file,
      sql: readFileSync(new URL(file, FOLDER), 'utf8'),
    }));
}

/**
 * Brings the schema up to date. An advisory lock makes two processes that start at once take turns; each migration is
 * one transaction. A migration that was changed after it ran, and a database newer than this program, are refused.
 * @returns the versions that were applied now
 */
export async function migrate(pool: Pool): Promise<number[]> {
  return inTransaction(pool, async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtextextended('twokey.migrate', 0))`);
    await client.query('create schema if not exists twokey');
    await client.query(
      'create table if not exists twokey.migration (version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default clock_timestamp())',
    );
    const { rows } = await client.query<{ version: number; sha256: string }>(
      'select version, sha256 from twokey.migration',
    );
    const applied = new Map(rows.map((row) => [row.version, row.sha256]));
    const all = shipped();
    const newest = Math.max(0, ...applied.keys());
    if (newest > Math.max(0, ...all.map((one) => one.version))) {
      throw new CodedError(
        'bad_configuration',
        `The database is at schema version ${newest}, newer than this program.`,
        {
          next: 'Start the newer version of Twokey.',
        },
      );
    }
    const done: number[] = [];
    for (const migration of all) {
      const before = applied.get(migration.version);
      if (before !== undefined && before !== sha256(migration.sql)) {
        throw new CodedError(
          'bad_configuration',
          `The migration ${migration.name} was changed after it had been applied.`,
        );
      }
      if (before !== undefined) continue;
      await client.query(migration.sql);
      await client.query('insert into twokey.migration (version, name, sha256) values ($1, $2, $3)', [
        migration.version,
        migration.name,
        sha256(migration.sql),
      ]);
      done.push(migration.version);
    }
    return done;
  });
}
