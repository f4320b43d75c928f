import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Demo, startDemo } from '../../demo/estate.ts';
import { freePort } from '../support/postgres.ts';
import { until } from '../support/until.ts';

const Estate = z.object({
  clusters: z.array(
    z.object({
      hosts: z.array(
        z.object({
          port: z.number(),
          user: z.string(),
          base: z.string(),
          host_keys: z.array(z.string()),
          key_file: z.string(),
        }),
      ),
      sites: z.array(
        z.object({
          site_dir: z.string(),
          database: z.object({ port: z.number(), name: z.string(), user: z.string(), password_secret: z.string() }),
        }),
      ),
    }),
  ),
});
let home = '';
let demo: Demo;

function production() {
  const { clusters } = Estate.parse(parse(readFileSync(demo.estateFile, 'utf8')));
  const host = clusters[0]?.hosts[0];
  const site = clusters[0]?.sites[0];
  if (!host || !site) throw new Error('the estate has no production');
  return { host, site };
}

async function answers(sql: string): Promise<unknown[]> {
  const { database } = production().site;
  const password = readFileSync(join(home, 'secrets', database.password_secret), 'utf8').trim();
  const client = new pg.Client({
    host: '127.0.0.1',
    port: database.port,
    user: database.user,
    password,
    database: database.name,
  });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

/** Runs a command on production over SSH with the host key of the estate pinned. */
function remote(command: string) {
  const { host } = production();
  const known = join(home, 'known_hosts');
  writeFileSync(known, host.host_keys.map((key) => `[127.0.0.1]:${host.port} ${key}\n`).join(''));
  const options = [`UserKnownHostsFile=${known}`, 'GlobalKnownHostsFile=/dev/null', 'StrictHostKeyChecking=yes'];
  const args = [...options, 'BatchMode=yes', 'IdentitiesOnly=yes'].flatMap((option) => ['-o', option]);
  return spawnSync(
    'ssh',
    ['-F', '/dev/null', ...args, '-i', host.key_file, '-p', `${host.port}`, `${host.user}@127.0.0.1`, command],
    { encoding: 'utf8' },
  );
}

const hows = (): string[] => demo.servers.map(({ how }) => how);
const pids = (): number[] => demo.servers.map(({ pid }) => pid);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'twokey-demo-'));
  chmodSync(home, 0o755);
  // Ports of its own: another start of the demonstration would take the usual ones while this one is stopped.
  const ports: Record<string, number> = {};
  for (const name of ['demo-production-ssh', 'demo-staging-ssh', 'demo_production', 'demo_staging']) {
    ports[name] = await freePort();
  }
  mkdirSync(join(home, 'demo'));
  writeFileSync(join(home, 'demo', 'ports.json'), JSON.stringify(ports));
  demo = await startDemo(home, () => {});
});

afterAll(async () => {
  await demo.stop();
  // A server takes its pid file away, which is what stop waits for, an instant before it ends.
  for (const pid of pids()) await until(`process ${pid} has ended`, () => !existsSync(`/proc/${pid}/exe`));
  rmSync(home, { recursive: true, force: true });
});

describe('the demonstration estate', () => {
  it('holds an application of about 50 MB that the backup role can read and cannot change', async () => {
    expect(hows()).toEqual(['started', 'initialised', 'started', 'initialised']);
    const [bytes] = z.array(z.coerce.number()).parse(await answers('select pg_database_size(current_database())'));
    expect(bytes).toBeGreaterThan(40e6);
    expect(bytes).toBeLessThan(70e6);
    expect(await answers('select version from schema_version')).toEqual(['8.1.0']);
    expect(
      await answers(
        `select (select count(*)::int from users), (select count(*)::int from events),
                (select count(*)::int from projects), (select count(*)::int from media)`,
      ),
    ).toEqual([5000, 210_000, 2000, 20_000]);
    await expect(answers('delete from events')).rejects.toThrow(/permission denied/);
    const { site } = production();
    expect(statSync(join(home, 'secrets', site.database.password_secret)).mode & 0o777).toBe(0o600);
  });

  it('answers over SSH with the pinned key, as an account that is not root and may write its site', () => {
    const { site, host } = production();
    const ran = remote(`id -u; touch ${site.site_dir}/db_backup/kept && touch ${host.base}/probe && echo written`);
    expect(ran.stderr).toBe('');
    const [uid, written] = ran.stdout.split('\n');
    expect(Number(uid)).toBeGreaterThan(0);
    expect(written).toBe('written');
  });

  it('is the same servers at a second start', async () => {
    const before = pids();
    const estate = readFileSync(demo.estateFile, 'utf8');
    demo = await startDemo(home, () => {});
    expect(hows()).toEqual(['adopted', 'adopted', 'adopted', 'adopted']);
    expect(pids()).toEqual(before);
    expect(readFileSync(demo.estateFile, 'utf8')).toBe(estate);
  });

  it('comes back with everything it held on the same ports after all servers were killed', async () => {
    const estate = readFileSync(demo.estateFile, 'utf8');
    for (const pid of pids()) process.kill(pid, 'SIGKILL');
    demo = await startDemo(home, () => {});
    expect(hows()).toEqual(['started', 'started', 'started', 'started']);
    expect(readFileSync(demo.estateFile, 'utf8')).toBe(estate);
    expect(await answers('select count(*)::int from events')).toEqual([210_000]);
    expect(remote(`ls ${production().site.site_dir}/db_backup`).stdout).toBe('kept\n');
  });
});
