import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { DelayLine } from './whole-host-delay.ts';
import type { Engine } from './whole-host-engine.ts';
import { claimRoute, linkName } from './whole-host-leftovers.ts';
import { must, run } from './whole-host-run.ts';

/** Networks 10.77.N.0/30 an engine may hand out; engines that run at once have different ranges. */
const NETWORKS_PER_SLOT = 64;

const routesSchema = z.array(z.object({ dst: z.string() }));

function asNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** Whether `cidr` ("10.0.0.0/8", "10.1.2.3", "default") shares addresses with 10.77.N.0/30. */
function touches(cidr: string, n: number): boolean {
  if (cidr === 'default') return false;
  const [address = '', bits = '32'] = cidr.split('/');
  const size = 2 ** (32 - Math.min(Number(bits), 30));
  const start = (network: number) => Math.floor(network / size);
  return start(asNumber(address)) === start(asNumber(`10.77.${n}.0`));
}

/**
 * Takes a network that nothing on this machine has a route to. Adding the route is what claims it: two runs cannot
 * both succeed. It also stays while the host is down, so that packets for the host never follow the default route out.
 */
export async function claimNetwork(engine: Engine): Promise<number> {
  const first = engine.slot * NETWORKS_PER_SLOT;
  for (let n = first; n < first + NETWORKS_PER_SLOT; n++) {
    const routes = routesSchema.parse(JSON.parse(await must('ip', ['-4', '-json', 'route', 'show', 'table', 'all'])));
    if (routes.some((route) => touches(route.dst, n))) continue;
    if ((await run('ip', ['route', 'add', ...claimRoute(n)])).code !== 0) continue;
    await writeFile(join(engine.claims, String(n)), '');
    return n;
  }
  throw new Error('no network 10.77.N.0/30 is free on this machine');
}

/** The host's address in network `n`; the test's own end is the one before it. */
export function addressIn(n: number): string {
  return `10.77.${n}.2`;
}

function inNamespaceOf(pid: number, ...command: string[]): Promise<string> {
  return must('nsenter', ['--target', String(pid), '--net', ...command]);
}

/** Joins the network namespace of process `pid` to this one by a new cable, which runs through `line` if given. */
export async function plugIn(n: number, pid: number, line?: DelayLine): Promise<void> {
  const near = ['link', 'add', linkName(n), 'type', 'veth', 'peer', 'name'];
  if (line) {
    await must('ip', [...near, 'm0', 'netns', String(line.pid)]);
    const far = ['link', 'add', 'm1', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid)];
    await inNamespaceOf(line.pid, 'ip', ...far);
    for (const end of ['m0', 'm1']) await inNamespaceOf(line.pid, 'ip', 'link', 'set', end, 'up');
  } else {
    await must('ip', [...near, 'eth0', 'netns', String(pid)]);
  }
  await must('ip', ['address', 'add', `10.77.${n}.1/30`, 'dev', linkName(n)]);
  await must('ip', ['link', 'set', linkName(n), 'up']);
  await inNamespaceOf(pid, 'ip', 'address', 'add', `${addressIn(n)}/30`, 'dev', 'eth0');
  await inNamespaceOf(pid, 'ip', 'link', 'set', 'eth0', 'up');
  await line?.ready;
}

/** Takes the host's cable away, whatever it runs through. Connections stay, as the addresses come back with the next. */
export async function unplug(n: number, pid?: number): Promise<void> {
  await run('ip', ['link', 'delete', linkName(n)]);
  // Gone with the other end unless a delay line lies between; `pid` is of no use once the host is down.
  if (pid) await run('nsenter', ['--target', String(pid), '--net', 'ip', 'link', 'delete', 'eth0']);
}

/**
 * Pulls the plug at the host's end, or puts it back. At this end the route would go with the interface, and packets
 * would look for another way; with the far end down they just vanish, as they do when a cable is cut.
 */
export async function setLink(pid: number, state: 'up' | 'down'): Promise<void> {
  await inNamespaceOf(pid, 'ip', 'link', 'set', 'eth0', state);
}
