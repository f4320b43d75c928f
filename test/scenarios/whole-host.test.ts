import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  canRunWholeHosts,
  createAppDatabase,
  defaultCacheDir,
  type Engine,
  startEngine,
  startWholeHost,
  type WholeHost,
} from '../support/whole-host.ts';
import { run, until } from '../support/whole-host-run.ts';

const possible = await canRunWholeHosts();
if (!possible.ok) console.warn(`whole-host.test.ts is skipped: ${possible.why}`);

/** Processes, links, routes, control groups and mounts that name this engine or its network. */
async function tracesOf(engine: Pick<Engine, 'runDir' | 'cgroup'>, network: string): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry));
  const commands = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
  const groups = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => '')));
  const routes = (await run('ip', ['-4', 'route', 'show', 'table', 'all'])).stdout.split('\n');
  const links = (await run('ip', ['-4', 'address'])).stdout.split('\n');
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const hierarchies = await readdir('/sys/fs/cgroup');
  return [
    ...commands.filter((command) => command.includes(engine.runDir)),
    ...groups.filter((group) => group.includes(engine.cgroup)),
    ...[...routes, ...links].filter((line) => line.includes(network)),
    ...mounts.filter((mount) => mount.includes(engine.cgroup) || mount.includes(defaultCacheDir())),
    ...['', ...hierarchies].map((h) => join('/sys/fs/cgroup', h, engine.cgroup)).filter((dir) => existsSync(dir)),
    ...[engine.runDir].filter((dir) => existsSync(dir)),
  ];
}

/** The best of five, as this machine may be busy with other tests. */
async function quickestGreetingMs(address: string): Promise<number> {
  const all: number[] = [];
  for (let i = 0; i < 5; i++) all.push(await greetingMs(address));
  return Math.min(...all);
}

const doomedSchema = z.object({ address: z.string(), runDir: z.string(), cgroup: z.string() });

/** Ids of the processes whose command line has both words. */
async function processesWith(word: string, other: string): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(word) && command.includes(other)) found.push(Number(pid));
  }
  return found;
}

/** Milliseconds from the wish to connect until the SSH server has greeted. */
function greetingMs(address: string): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connect(22, address);
    socket.once('error', reject).once('data', () => {
      socket.destroy();
      resolve(performance.now() - begin);
    });
  });
}

describe.skipIf(!possible.ok)('a whole Debian host', () => {
  const undo = new AsyncDisposableStack();
  let engine: Engine;
  let host: WholeHost;
  let knownHosts: string;

  /** Logs in with the system's own client, which trusts the pinned keys only. */
  const ssh = (command: string, seconds = 5) =>
    run(
      'ssh',
      [
        ['-F', 'none', '-i', host.keyFile, '-o', 'BatchMode=yes', '-o', `ConnectTimeout=${seconds}`],
        ['-o', 'StrictHostKeyChecking=yes', '-o', `UserKnownHostsFile=${knownHosts}`],
        ['-o', 'GlobalKnownHostsFile=none', `${host.user}@${host.address}`, command],
      ].flat(),
    );

  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), 'twokey-known-'));
    undo.defer(() => rm(dir, { recursive: true }));
    engine = undo.use(await startEngine(defaultCacheDir()));
    host = undo.use(await startWholeHost(engine, { name: 'host-a' }));
    knownHosts = join(dir, 'known_hosts');
    await writeFile(knownHosts, host.hostKeys.map((key) => `${host.address} ${key}\n`).join(''));
  }, 900_000);

  afterAll(async () => {
    const { runDir, cgroup } = engine;
    await undo.disposeAsync();
    expect(await tracesOf({ runDir, cgroup }, host.address.replace(/\d+$/, ''))).toEqual([]);
  }, 60_000);

  it('runs under systemd, with no unit failed', async () => {
    expect((await host.exec(['systemctl', '--failed', '--no-legend', '--plain'])).stdout).toBe('');
    expect((await host.exec(['systemctl', 'is-system-running'])).stdout).toBe('running\n');
    expect((await host.exec(['cat', '/proc/1/comm'])).stdout).toBe('systemd\n');
    const unit = await host.exec([
      'systemd-run',
      '--wait',
      '--pipe',
      '--quiet',
      'sh',
      '-c',
      'getent hosts $(hostname); exit 7',
    ]);
    expect(unit).toMatchObject({ code: 7, stdout: expect.stringMatching(/^127\.0\.1\.1 +host-a\n/) });
  });

  it('lets its user in by SSH, and shows the pinned host key', async () => {
    expect(await ssh('id -un; hostname')).toMatchObject({ code: 0, stdout: 'ops\nhost-a\n' });
    const right = await readFile(knownHosts, 'utf8');
    await writeFile(knownHosts, right.replaceAll(/[A-Za-z0-9+/]{8}(=*)$/gm, 'AAAAAAAA$1'));
    const refused = await ssh('true');
    await writeFile(knownHosts, right);
    expect(refused.code).toBe(255);
    expect(refused.stderr).toContain('HOST IDENTIFICATION HAS CHANGED');
  });

  it('has a PostgreSQL cluster with the application’s rows, open to the backup role', async () => {
    const made = await createAppDatabase(host, { password: `p'w "x"` });
    expect((await host.exec(['systemctl', 'is-active', 'postgresql@15-main'])).stdout).toBe('active\n');
    const query = `psql -h 127.0.0.1 -U ${made.role} -At -d ${made.database} -c 'select count(*) from studio.version'`;
    expect(await ssh(`PGPASSWORD="p'w \\"x\\"" ${query}`)).toMatchObject({ code: 0, stdout: `${made.rows}\n` });
    expect((await ssh(`PGPASSWORD=wrong ${query}`)).code).toBe(2);
  });

  it.each([{ hard: false }, { hard: true }])(
    'comes back from a restart (hard: $hard) with its data, its keys and a new first process',
    async ({ hard }) => {
      const started = async () => (await ssh("awk '{print $22}' /proc/1/stat")).stdout;
      const before = await started();
      expect((await host.exec(['sh', '-c', 'echo kept > /home/ops/kept; sync'])).code).toBe(0);
      await host.restart({ hard });
      const after = await started();
      expect(Number(after)).toBeGreaterThan(Number(before));
      expect((await ssh('cat kept')).stdout).toBe('kept\n');
      const rows = await host.exec(['runuser', '-u', 'postgres', '--', 'psql', '-At', 'app', '-c', 'select 1']);
      expect(rows.stdout).toBe('1\n');
    },
    60_000,
  );

  it('cuts the link under a running session, which goes on when it is healed', async () => {
    const session = ssh('touch /tmp/begun; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo survived', 5);
    await until(
      'the session runs',
      5_000,
      async () => (await host.exec(['test', '-e', '/tmp/begun'])).code === 0 || undefined,
    );
    await host.cutLink();
    expect((await ssh('true', 1)).code).toBe(255);
    expect((await host.exec(['touch', '/tmp/go'])).code).toBe(0);
    await host.healLink();
    expect(await session).toMatchObject({ code: 0, stdout: 'survived\n' });
    expect((await ssh('true')).code).toBe(0);
  }, 30_000);

  it('delays every round trip, under a session that goes on', async () => {
    const payload = 'for i in 1 2 3 4 5 6 7 8; do head -c 1000000 /dev/zero | tr "\\0" $i; done';
    const whole = await ssh(payload);
    const session = ssh('touch /tmp/delayed; while [ ! -e /tmp/go-on ]; do sleep 0.05; done; echo survived');
    await until('the session runs', 5_000, async () =>
      (await host.exec(['test', '-e', '/tmp/delayed'])).code === 0 ? true : undefined,
    );
    const quick = await quickestGreetingMs(host.address);
    await host.delay(200);
    const first = await greetingMs(host.address);
    const again = await greetingMs(host.address);
    const slow = await ssh(payload);
    await host.delay(0);
    const healed = await quickestGreetingMs(host.address);
    await host.exec(['touch', '/tmp/go-on']);
    expect((await session).stdout).toBe('survived\n');
    // One round trip to connect, one to be greeted; the first time one more to find the hardware address.
    expect(quick).toBeLessThan(200);
    expect(first).toBeGreaterThanOrEqual(400);
    expect(again).toBeGreaterThanOrEqual(300);
    expect(healed).toBeLessThan(200);
    expect(whole.stdout.length).toBe(8_000_000);
    expect(slow.stdout === whole.stdout).toBe(true);
  }, 60_000);

  it('keeps packets for a host that is down on this machine', async () => {
    const route = async () => (await run('ip', ['-4', 'route', 'get', host.address])).stdout;
    expect(await route()).toContain('dev twokey');
    const restarting = host.restart();
    await until('the host is down', 20_000, async () => ((await route()).includes('dev twokey') ? undefined : true));
    expect((await run('ip', ['-4', 'route', 'get', host.address])).stderr).toContain('No route to host');
    await restarting;
    expect(await route()).toContain('dev twokey');
  }, 60_000);

  it('leaves nothing that lasts when the test process and its keeper are killed', async () => {
    await using cleanUp = new AsyncDisposableStack();
    const cache = await mkdtemp(join(tmpdir(), 'twokey-cache-'));
    cleanUp.defer(() => rm(cache, { recursive: true }));
    // A cache of its own, so that the next engine gets the very place of the killed one; the image is borrowed.
    for (const name of await readdir(defaultCacheDir())) {
      if (name.endsWith('.tar')) await symlink(join(defaultCacheDir(), name), join(cache, name));
    }
    const program = `
      import { startEngine, startWholeHost } from ${JSON.stringify(new URL('../support/whole-host.ts', import.meta.url))};
      const { docker, ...engine } = await startEngine(process.argv[1]);
      const { address } = await startWholeHost({ docker, ...engine }, { name: 'doomed' });
      console.log(JSON.stringify({ address, runDir: engine.runDir, cgroup: engine.cgroup }));
      setInterval(() => {}, 1000);`;
    const victim = spawn(process.execPath, ['--input-type=module', '--eval', program, cache], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(victim.stdout), 'line');
    const doomed = doomedSchema.parse(JSON.parse(String(line)));
    const network = doomed.address.replace(/\d+$/, '');
    expect((await tracesOf(doomed, network)).length).toBeGreaterThan(5);

    const keepers = await processesWith('whole-host-keeper', doomed.runDir);
    expect(keepers).toHaveLength(2);
    for (const pid of [...keepers, victim.pid ?? 0]) process.kill(pid, 'SIGKILL');
    {
      await using _next = await startEngine(cache);
      expect(await tracesOf(doomed, network)).toEqual([]);
    }
  }, 120_000);

  it('goes away by itself when only the test process is killed', async () => {
    const cache = await mkdtemp(join(tmpdir(), 'twokey-cache-'));
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(() => rm(cache, { recursive: true }));
    const program = `
      import { startEngine } from ${JSON.stringify(new URL('../support/whole-host.ts', import.meta.url))};
      const { runDir, cgroup } = await startEngine(process.argv[1]);
      console.log(JSON.stringify({ address: '10.77.255.2', runDir, cgroup }));
      setInterval(() => {}, 1000);`;
    const victim = spawn(process.execPath, ['--input-type=module', '--eval', program, cache], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(createInterface(victim.stdout), 'line');
    const doomed = doomedSchema.parse(JSON.parse(String(line)));
    expect(await tracesOf(doomed, '10.77.255.')).not.toEqual([]);
    victim.kill('SIGKILL');
    await until('every trace is gone', 20_000, async () =>
      (await tracesOf(doomed, '10.77.255.')).length === 0 ? true : undefined,
    );
  }, 60_000);
});
