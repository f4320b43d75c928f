import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import { stringify } from 'yaml';
import {
  type Account,
  fallbackPlace,
  ownedDirectory,
  reachablePlace,
  serverAccount,
} from '../src/adapters/postgres/embedded-places.ts';
import { monotonicMs } from '../src/kernel/clock.ts';
import { debianBinaries, startDatabase } from './database.ts';
import { startDemoSshd } from './demo-sshd.ts';
import { Ports } from './ports.ts';
import { APPLICATION_VERSION, TABLES } from './sql.ts';

type Log = (msg: string, fields?: object) => void;

const SITES = [
  { name: 'demo-production', environment: 'production', sshPort: 40_022, databasePort: 54_401 },
  { name: 'demo-staging', environment: 'staging', sshPort: 40_023, databasePort: 54_402 },
] as const;

/** The scripts by which the profile `script` operates a site, as far as the demonstration has something to operate. */
const SCRIPTS = {
  restart: 'date >log/restarted && echo "restarted, $(cat log/restarted)"',
  healthcheck: 'test -e log/restarted',
  maintenance:
    'case $1 in on) : >maintenance ;; off) rm -f maintenance ;; *) test -e maintenance && echo on || echo off ;; esac',
} as const;

/** The running demonstration estate. */
export interface Demo {
  /** The estate document that describes it, for Twokey to import. */
  readonly estateFile: string;
  /** The servers by name: what was done to have them and their process ids. */
  readonly servers: readonly {
    readonly name: string;
    readonly how: string;
    readonly pid: number;
    readonly port: number;
  }[];
  /** Ends every server; their data stays. */
  stop(): Promise<void>;
}

function loginName(account: Account): string {
  if (!account.switched) return userInfo().username;
  return spawnSync('id', ['-un', String(account.uid)], { encoding: 'utf8' }).stdout.trim();
}

function writeSite(directory: string, account: Account): string {
  const site = ownedDirectory(join(directory, 'site'), account, 0o755);
  for (const folder of ['db_backup', 'media', 'log', 'twokey']) ownedDirectory(join(site, folder), account, 0o755);
  const settings = join(site, 'settings.ini');
  if (!existsSync(settings)) writeFileSync(settings, `[application]\nversion = ${APPLICATION_VERSION}\nworkers = 4\n`);
  for (const [name, text] of Object.entries(SCRIPTS)) {
    const file = join(site, 'twokey', name);
    if (!existsSync(file)) writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return site;
}

interface Surroundings {
  readonly account: Account;
  readonly place: string;
  readonly secrets: string;
  readonly clientKeys: string;
  readonly ports: Ports;
  readonly log: Log;
}

async function startSite(
  spec: (typeof SITES)[number],
  { account, place, secrets, clientKeys, ports, log }: Surroundings,
) {
  const { name, environment, sshPort, databasePort } = spec;
  const began = monotonicMs();
  const directory = ownedDirectory(join(place, name), account, 0o755);
  const site_dir = writeSite(directory, account);
  const secret = `${name}-db`;
  const key_file = join(clientKeys, name);
  const sshd = await startDemoSshd(join(directory, 'ssh'), `${name}-ssh`, sshPort, account, key_file, ports);
  const database = await startDatabase(
    join(directory, 'postgres'),
    name.replaceAll('-', '_'),
    databasePort,
    account,
    join(secrets, secret),
    ports,
  );
  log(`${name}: sshd ${sshd.how} on port ${sshd.port}, PostgreSQL ${database.how} on port ${database.port}`, {
    ms: Math.round(monotonicMs() - began),
  });
  const host = {
    name: `${name}-app`,
    address: '127.0.0.1',
    port: sshd.port,
    user: loginName(account),
    roles: ['app', 'db'],
    base: ownedDirectory(join(directory, 'jobs'), account, 0o700),
    host_keys: [sshd.hostKey],
    key_file,
  };
  const site = {
    name,
    environment,
    profile: 'script',
    host: host.name,
    site_dir,
    version: APPLICATION_VERSION,
    database: {
      host: '127.0.0.1',
      port: database.port,
      name: name.replaceAll('-', '_'),
      user: 'twokey_backup',
      password_secret: secret,
      must_have_tables: [...TABLES],
      bin_dir: debianBinaries(),
    },
  };
  return { name, host, site, sshd, database };
}

/**
 * Brings up the demonstration estate of the data directory `home` (TWOKEY_HOME): two sites, each with its own sshd and
 * PostgreSQL on loopback. What an earlier start left running is adopted, what exists is kept. Writes
 * `<home>/demo/estate.yml` and the password files under `<home>/secrets`.
 */
export async function startDemo(home: string, log: Log): Promise<Demo> {
  const account = serverAccount(
    ...[resolve(home), fallbackPlace(home)].map((place) => join(place, 'demo/demo-production/postgres/data')),
  );
  const place = ownedDirectory(join(reachablePlace(home, account, log), 'demo'), account, 0o755);
  const own = join(resolve(home), 'demo');
  mkdirSync(own, { recursive: true });
  const secrets = join(resolve(home), 'secrets');
  mkdirSync(secrets, { recursive: true, mode: 0o700 });
  chmodSync(secrets, 0o700);
  const clientKeys = join(own, 'keys');
  mkdirSync(clientKeys, { recursive: true, mode: 0o700 });
  const ports = new Ports(join(own, 'ports.json'));
  const surroundings = { account, place, secrets, clientKeys, ports, log };
  const running = await Promise.all(SITES.map((site) => startSite(site, surroundings)));
  const estateFile = join(own, 'estate.yml');
  const document = {
    clusters: [{ name: 'demo', hosts: running.map(({ host }) => host), sites: running.map(({ site }) => site) }],
  };
  writeFileSync(
    `${estateFile}.new`,
    `# Written at each start of the demonstration.\n${stringify(document, { lineWidth: 0 })}`,
  );
  renameSync(`${estateFile}.new`, estateFile);
  return {
    estateFile,
    servers: running.flatMap(({ name, sshd, database }) => [
      { name: `${name} sshd`, how: sshd.how, pid: sshd.pid, port: sshd.port },
      { name: `${name} PostgreSQL`, how: database.how, pid: database.pid, port: database.port },
    ]),
    async stop() {
      await Promise.all(running.flatMap(({ sshd, database }) => [sshd.stop(), database.stop()]));
    },
  };
}
