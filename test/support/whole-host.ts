import { readdir, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { newCredentials, USER } from './whole-host-credentials.ts';
import { type DelayLine, startDelayLine } from './whole-host-delay.ts';
import type { Engine } from './whole-host-engine.ts';
import { type HostImage, hostImage } from './whole-host-image.ts';
import { releaseNetwork } from './whole-host-leftovers.ts';
import { addressIn, claimNetwork, plugIn, setLink, unplug } from './whole-host-network.ts';
import { type Ran, type RunOptions, until } from './whole-host-run.ts';

export { createAppDatabase } from './whole-host-database.ts';
export { defaultCacheDir, type Engine, startEngine } from './whole-host-engine.ts';
export { canRunWholeHosts } from './whole-host-possible.ts';

const BOOT_MS = 60_000;

export interface WholeHostOptions {
  /** Host name, as `hostname` says it. */
  readonly name: string;
  /** Debian packages besides those every host has; see whole-host-image.ts. */
  readonly packages?: readonly string[];
}

/** A Debian host with systemd as process 1, in its own network, disposed with all it has. */
export interface WholeHost extends AsyncDisposable {
  readonly name: string;
  /** IPv4 address, reachable from this machine only; the same after a restart. SSH is on port 22. */
  readonly address: string;
  /** Public host keys without the name, `ssh-ed25519 AAAA...`; the same after a restart. */
  readonly hostKeys: readonly string[];
  /** Private key with which `user` may log in. */
  readonly keyFile: string;
  readonly user: string;
  /** Its process 1 as this machine numbers it, another one after each restart: for cables of a network of one's own. */
  firstProcess(): number;
  /** Runs a command as root, not by SSH: works while the link is cut. */
  exec(command: readonly string[], options?: RunOptions): Promise<Ran>;
  /**
   * Restarts the whole host and waits until it is up again: orderly, or as after a loss of power (`hard`). The boot id
   * stays, being the kernel's; the start time of process 1 changes.
   */
  restart(options?: { readonly hard?: boolean }): Promise<void>;
  /** From now on nothing passes in either direction, and nobody is told. */
  cutLink(): Promise<void>;
  healLink(): Promise<void>;
  /** Adds `ms` to every round trip from now on, half each way; 0 for none. Connections stay. A restart ends the delay. */
  delay(ms: number): Promise<void>;
}

async function must(engine: Engine, args: readonly string[], options?: RunOptions): Promise<string> {
  const ran = await engine.docker(args, options);
  if (ran.code !== 0) throw new Error(`docker ${args[0]} ended with ${ran.code}: ${ran.stderr.trim()}`);
  return ran.stdout;
}

const loading = new WeakMap<Engine, Map<string, Promise<void>>>();

/** Hands the image to the engine unless it has it; hosts started at the same time share the one import. */
function loadImage(engine: Engine, image: HostImage): Promise<void> {
  const ofEngine = loading.get(engine) ?? new Map<string, Promise<void>>();
  loading.set(engine, ofEngine);
  const load = async (): Promise<void> => {
    if ((await engine.docker(['image', 'inspect', image.name])).code === 0) return;
    await must(engine, ['import', image.tar, image.name], { timeoutMs: 120_000 });
  };
  const loaded = ofEngine.get(image.name) ?? load();
  ofEngine.set(image.name, loaded);
  return loaded;
}

/** Process 1 of a container as this machine numbers it; the engine, in a namespace of its own, knows another number. */
async function firstProcess(id: string): Promise<number | undefined> {
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const [status, cgroup] = await Promise.all(
      ['status', 'cgroup'].map((file) => readFile(`/proc/${entry}/${file}`, 'utf8').catch(() => '')),
    );
    if (cgroup?.includes(id) && /^NSpid:.*\t1$/m.test(status ?? '')) return Number(entry);
  }
  return undefined;
}

function answersSsh(address: string): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port: 22, timeout: 2_000 });
    const end = (value: true | undefined) => {
      socket.destroy();
      resolve(value);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-2.0-') || undefined));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(undefined));
  });
}

function creation(engine: Engine, name: string, image: HostImage): string[] {
  return [
    ['create', '--hostname', name, '--add-host', `${name}:127.0.1.1`, '--network', 'none'],
    ['--cap-add', 'SYS_ADMIN', '--cap-add', 'NET_ADMIN'],
    ['--security-opt', 'seccomp=unconfined', '--security-opt', 'apparmor=unconfined'],
    ['--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp', '--env', 'container=docker'],
    ['--volume', '/sys/fs/cgroup:/sys/fs/cgroup:rw', '--cgroupns', 'host', '--cgroup-parent', `/${engine.cgroup}`],
    // systemd's word for an orderly halt; with the usual signal every stop would last until the engine loses patience.
    ['--stop-signal', 'SIGRTMIN+3', '--entrypoint', '/lib/systemd/systemd', image.name],
  ].flat();
}

/**
 * Boots a whole host and returns when systemd has finished starting and SSH answers (seconds; the first time on a
 * machine the image is built, about a minute). Its login is a user without privileges; `exec` is root.
 */
export async function startWholeHost(engine: Engine, options: WholeHostOptions): Promise<WholeHost> {
  const { name } = options;
  const image = await hostImage(engine.cacheDir, options.packages);
  await using undo = new AsyncDisposableStack();
  const [credentials] = await Promise.all([newCredentials(engine.runDir), loadImage(engine, image)]);
  undo.use(credentials);
  const network = await claimNetwork(engine);
  undo.defer(() => releaseNetwork(engine.claims, network));
  const address = addressIn(network);

  const id = (await must(engine, creation(engine, name, image))).trim();
  undo.defer(async () => void (await engine.docker(['rm', '--force', '--volumes', id])));
  await must(engine, ['cp', '--archive', '-', `${id}:/`], { input: await readFile(credentials.tar) });

  const exec = (command: readonly string[], execOptions?: RunOptions) =>
    engine.docker(['exec', '--interactive', id, ...command], execOptions);
  let pid = 0;
  let line: DelayLine | undefined;
  const endDelay = async (): Promise<void> => {
    await line?.[Symbol.asyncDispose]();
    line = undefined;
  };
  undo.defer(endDelay);
  const comeUp = async (): Promise<void> => {
    await must(engine, ['start', id]);
    pid = await until(`${name} has a first process`, 5_000, () => firstProcess(id));
    await plugIn(network, pid);
    await until(`${name} has started`, BOOT_MS, async () => {
      const state = (await exec(['systemctl', 'is-system-running', '--wait'])).stdout.trim();
      return state === 'running' || state === 'degraded' || undefined;
    });
    await until(`SSH of ${name} answers`, BOOT_MS, () => answersSsh(address));
  };
  await comeUp();

  const owned = undo.move();
  return {
    name,
    address,
    hostKeys: credentials.hostKeys,
    keyFile: credentials.keyFile,
    user: USER,
    firstProcess: () => pid,
    exec,
    restart: async ({ hard = false } = {}) => {
      await must(engine, hard ? ['kill', id] : ['stop', '--time', '20', id]);
      await endDelay();
      await unplug(network);
      await comeUp();
    },
    cutLink: () => setLink(pid, 'down'),
    healLink: () => setLink(pid, 'up'),
    delay: async (ms) => {
      await unplug(network, pid);
      await endDelay();
      if (ms > 0) line = await startDelayLine(ms / 2);
      await plugIn(network, pid, line);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
