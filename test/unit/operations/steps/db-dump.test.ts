import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dbDump } from '../../../../src/operations/steps/db-dump.ts';
import { until } from '../../../support/until.ts';

/** How many processes carry this mark in their environment. */
function marked(mark: string): number {
  const holds = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && holds(name)).length;
}

it('leaves no process on the host, also when the signal to its meter is lost', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'dump-'));
  const bin = join(dir, 'bin');
  mkdirSync(bin);
  mkdirSync(join(dir, 'db_backup'));
  const program = (name: string, text: string) =>
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('psql', 'echo snapshot=1-1; cat >/dev/null');
  // It fails once the meter runs.
  program('pg_dump', 'sleep 0.7; exit 1');
  const deaf = 'kill() { [ "$1" != -0 ] || command kill "$@"; }\n';
  const { status, stdout } = spawnSync('/bin/sh', ['-c', deaf + dbDump.body], {
    encoding: 'utf8',
    input: '',
    env: {
      PATH: process.env.PATH,
      TWOKEY_DIR: dir,
      TWOKEY_PROGRESS: join(dir, 'progress'),
      P_bin_dir: bin,
      P_db_host: '127.0.0.1',
      P_db_port: '1',
      P_db_user: 'u',
      P_db_name: 'd',
      P_operation: 'op',
      P_site: 'acme',
      P_site_dir: dir,
      P_started: '20260302T100000Z',
      P_version: '1',
      P_jobs: '1',
      P_lock_wait_seconds: '1',
    },
  });
  expect([status, stdout]).toEqual([32, expect.stringContaining('pg_dump ended with exit code 1')]);
  await until('the meter has ended', () => marked(`TWOKEY_DIR=${dir}`) === 0);
  expect(readFileSync(join(dir, 'progress'), 'utf8')).toContain('MB written');
  rmSync(dir, { recursive: true });
});
