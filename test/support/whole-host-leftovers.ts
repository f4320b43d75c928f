import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { run, until } from './whole-host-run.ts';

const CGROUPS = '/sys/fs/cgroup';

/** What one engine puts on the machine outside its data directory; written down before the engine starts. */
export interface Traces {
  /** Sockets, pid file, log; its random name stands in the command line of every process of the engine. */
  readonly runDir: string;
  /** Parent of all containers' control groups, without slashes. */
  readonly cgroup: string;
  /** Directory with one empty file for every 10.77.N.0/30 in use, named N. */
  readonly claims: string;
}

export function linkName(n: number): string {
  return `twokey${n}`;
}

/** The route that keeps packets for an absent host on this machine; having added it is the claim on network N. */
export function claimRoute(n: number): string[] {
  return ['unreachable', `10.77.${n}.0/30`, 'metric', '4096'];
}

/** Takes down network `n`, if it is still this engine's: once given up, it may be somebody else's. */
export async function releaseNetwork(claims: string, n: number): Promise<void> {
  if (!existsSync(join(claims, String(n)))) return;
  await run('ip', ['link', 'delete', linkName(n)]);
  await run('ip', ['route', 'delete', ...claimRoute(n)]);
  await rm(join(claims, String(n)), { force: true });
}

async function cgroupDirs(name: string): Promise<string[]> {
  const hierarchies = existsSync(join(CGROUPS, 'cgroup.controllers'))
    ? [CGROUPS]
    : (await readdir(CGROUPS)).map((entry) => join(CGROUPS, entry));
  return hierarchies.map((hierarchy) => join(hierarchy, name)).filter((dir) => existsSync(dir));
}

/** All directories below and including `dir`, children first. A control group that goes meanwhile is no error. */
async function deepestFirst(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  const below = await Promise.all(entries.filter((e) => e.isDirectory()).map((e) => deepestFirst(join(dir, e.name))));
  return [...below.flat(), dir];
}

async function processesOf(traces: Traces): Promise<number[]> {
  const found = new Set<number>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const words = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    if (words.includes(traces.runDir)) found.add(Number(entry));
  }
  for (const top of await cgroupDirs(traces.cgroup)) {
    for (const dir of await deepestFirst(top)) {
      const pids = await readFile(join(dir, 'cgroup.procs'), 'utf8').catch(() => '');
      for (const pid of pids.split('\n')) if (Number(pid) > 0) found.add(Number(pid));
    }
  }
  // The keeper, which runs this, and the lock holder above it carry the directory's name too.
  found.delete(process.pid);
  found.delete(process.ppid);
  return [...found];
}

/**
 * Takes away everything an engine may have left, whether it was stopped or killed: its processes (known by the random
 * directory name and by the control group, so never anybody else's), links, routes, control groups, its directory.
 */
export async function removeTraces(traces: Traces): Promise<void> {
  await until('the processes of the engine end', 15_000, async () => {
    const pids = await processesOf(traces);
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it ended by itself between the look and the kill
      }
    }
    return pids.length === 0 ? true : undefined;
  });
  for (const name of await readdir(traces.claims).catch(() => [])) await releaseNetwork(traces.claims, Number(name));
  await until('the control groups of the engine go', 5_000, async () => {
    for (const top of await cgroupDirs(traces.cgroup)) {
      for (const dir of await deepestFirst(top)) await rmdir(dir).catch(() => {});
    }
    return (await cgroupDirs(traces.cgroup)).length === 0 ? true : undefined;
  });
  await rm(traces.runDir, { recursive: true, force: true });
}
