/**
 * Program: keeps one container engine for as long as its standard input stays open, then takes it down without a
 * trace. A test process that is killed closes the input too, so its engine does not outlive it. Started under `flock`
 * by whole-host-engine.ts with: slot directory, run directory (without it, only what a killed engine left in that slot
 * is removed). Says `ready`, or `failed` and why, on standard output.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { removeTraces, type Traces } from './whole-host-leftovers.ts';
import { until } from './whole-host-run.ts';

/**
 * First process of the engine's process and mount namespaces. When it ends, whether told to or killed, the kernel ends
 * everything in them: daemon, shims, hosts and mounts. The daemon itself is not first, as it would not reap orphans.
 */
const FIRST_PROCESS = `exec 3<&0
dockerd "$@" </dev/null & d=$!
(cat <&3 >/dev/null; kill -TERM $d) &
wait $d`;

const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];

const tracesSchema = z.object({ runDir: z.string(), cgroup: z.string(), claims: z.string() });
const containersSchema = z.array(z.object({ Id: z.string() }));

const [slotDir = '', runDir = ''] = process.argv.slice(2);
const stateFile = join(slotDir, 'state.json');
const socket = join(runDir, 'docker.sock');
const logFile = join(runDir, 'engine.log');
const configFile = join(runDir, 'daemon.json');

/** One call of the engine's own interface; undefined when it does not answer or refuses. */
function ask(method: string, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const call = request({ socketPath: socket, method, path, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve((response.statusCode ?? 500) < 300 ? body : undefined));
    });
    call.on('timeout', () => call.destroy());
    call.on('error', () => resolve(undefined));
    call.end();
  });
}

async function removeContainers(): Promise<void> {
  const listed = await ask('GET', '/containers/json?all=1');
  const containers = listed === undefined ? [] : containersSchema.parse(JSON.parse(listed));
  await Promise.all(containers.map(({ Id }) => ask('DELETE', `/containers/${Id}?force=1`)));
}

function earlierTraces(): Traces | undefined {
  try {
    return tracesSchema.parse(JSON.parse(readFileSync(stateFile, 'utf8')));
  } catch {
    return undefined;
  }
}

const stopped = new Promise<void>((resolve) => {
  process.stdin.on('end', resolve).on('close', resolve).resume();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
});
// The test process may be gone when something is said to it.
process.stdout.on('error', () => {});

const earlier = earlierTraces();
if (earlier) await removeTraces(earlier);
if (runDir === '') {
  rmSync(stateFile, { force: true });
  process.exit(0);
}

const traces: Traces = { runDir, cgroup: basename(runDir), claims: join(slotDir, 'claims') };
mkdirSync(traces.claims, { recursive: true });
writeFileSync(stateFile, JSON.stringify(traces));
// The machine's own engine may have a configuration; this one must not read it.
writeFileSync(configFile, '{}');

const log = openSync(logFile, 'w');
const engine = spawn(
  'unshare',
  [
    [...NAMESPACES, 'sh', '-c', FIRST_PROCESS, 'engine'],
    ['--iptables=false', '--ip6tables=false', '--ip-forward=false', '--bridge=none', '--storage-driver=overlay2'],
    ['--exec-opt', 'native.cgroupdriver=cgroupfs', '--config-file', configFile],
    // Should the machine's own containerd be used, then not in the name space of the machine's own engine.
    ['--containerd-namespace', traces.cgroup, '--containerd-plugins-namespace', `${traces.cgroup}-plugins`],
    ['--data-root', join(slotDir, 'data'), '--exec-root', join(runDir, 'exec')],
    ['-H', `unix://${socket}`, '-p', join(runDir, 'pid')],
  ].flat(),
  { stdio: ['pipe', log, log] },
);
closeSync(log);
engine.stdin?.on('error', () => {});
let over = false;
const engineEnded = once(engine, 'exit').then(() => {
  over = true;
});

try {
  const answer = await until('the engine answers', 60_000, async () => over || ask('GET', '/_ping'), 50);
  if (answer === true) throw new Error('it ended at once');
  await removeContainers();
  process.stdout.write('ready\n');
  await Promise.race([stopped, engineEnded]);
  await removeContainers();
} catch (error) {
  const tail = readFileSync(logFile, 'utf8').split('\n').slice(-6).join(' | ');
  process.stdout.write(`failed ${error instanceof Error ? error.message : String(error)}: ${tail}\n`);
}
engine.stdin?.end();
const patience = setTimeout(() => engine.kill('SIGKILL'), 10_000);
await engineEnded;
clearTimeout(patience);
await removeTraces(traces);
rmSync(stateFile, { force: true });
process.exit(0);
