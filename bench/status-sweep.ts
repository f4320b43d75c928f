import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createJobs } from '../src/adapters/ssh/jobs.ts';
import { createTransport } from '../src/adapters/ssh/transport.ts';
import type { HostTarget } from '../src/shell/transport.ts';
import { startSshd } from '../test/support/sshd.ts';
import { run } from '../test/support/whole-host-run.ts';
import { percentile, type Row } from './row.ts';

const HOSTS = 200;
/** One sshd listens at 16 addresses at most, one of which is 127.0.0.1. */
const ADDRESSES_EACH = 15;
const ROUNDS = 5;
/** Forks of ansible, parallel processes of pssh. */
const PARALLEL = 50;
const QUESTION = 'uname -a';

/** One question to 200 hosts: ours over open connections, ansible over its own, and pssh, which has none. */
export async function measureStatusSweep(): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'sweep-'));
  stack.defer(() => rm(dir, { recursive: true, force: true }));
  process.setMaxListeners(50); // each sshd is ended with us
  const targets = await startHosts(stack);
  const ours = await sweepOurs(targets);
  const files = await describeHosts(dir, targets);
  const ansible = await sweepAnsible(files);
  const pssh = await sweepPssh(files);
  return [
    compare('ansible -m raw, ControlPersist warm', ours, ansible, 10, 'ansible-core'),
    compare('pssh', ours, pssh, 20, 'pssh'),
  ];
}

async function startHosts(stack: AsyncDisposableStack): Promise<HostTarget[]> {
  const servers = Array.from({ length: Math.ceil(HOSTS / ADDRESSES_EACH) }, async (_, server) => {
    const addresses = Array.from({ length: ADDRESSES_EACH }, (__, n) => `127.77.${server}.${n + 1}`);
    const config = addresses.map((address) => `ListenAddress ${address}`);
    const sshd = stack.use(await startSshd({ maxStartups: '1000:30:1000', config }));
    return addresses.map((address) => ({ ...sshd.target, name: `host-${address}`, address }));
  });
  return (await Promise.all(servers)).flat().slice(0, HOSTS);
}

/** Milliseconds of each warm sweep. Throws when a host does not answer. */
async function sweepOurs(targets: readonly HostTarget[]): Promise<number[]> {
  const transport = createTransport();
  const jobs = createJobs(transport);
  try {
    return await timed(async () => {
      const answers = await Promise.all(targets.map((target) => jobs.run(target, QUESTION, {})));
      for (const answer of answers) {
        if (!answer.ok) throw new Error(answer.error.message);
        if (!answer.value.output.toString().startsWith('Linux')) throw new Error('a host did not answer the question');
      }
    });
  } finally {
    await transport.close();
  }
}

interface Files {
  readonly dir: string;
  readonly inventory: string;
  readonly list: string;
  readonly config: string;
  /** An empty configuration, so that the machine's own is not read. */
  readonly ansible: string;
}

/** The same hosts for the other two: the same keys, the same pins, no configuration of the machine's. */
async function describeHosts(dir: string, targets: readonly HostTarget[]): Promise<Files> {
  const files = {
    dir,
    inventory: join(dir, 'inventory'),
    list: join(dir, 'list'),
    config: join(dir, 'config'),
    ansible: join(dir, 'ansible.cfg'),
  };
  const keyOf = ({ key }: HostTarget): string => ('file' in key ? key.file : '');
  const pins = targets.map(({ address, port, hostKeys }) => `[${address}]:${port} ${hostKeys[0]}\n`).join('');
  await mkdir(join(dir, 'control'), { mode: 0o700 });
  await writeFile(join(dir, 'known_hosts'), pins);
  await writeFile(
    files.inventory,
    targets.map(({ address, port, user }) => `${address} ansible_port=${port} ansible_user=${user}\n`).join(''),
  );
  await writeFile(files.list, targets.map(({ address, port, user }) => `${address}:${port} ${user}\n`).join(''));
  const each = targets.map((target) => `Host ${target.address}\n  IdentityFile ${keyOf(target)}\n`).join('');
  const all = `Host *\n  UserKnownHostsFile ${join(dir, 'known_hosts')}\n  IdentitiesOnly yes\n  BatchMode yes\n  LogLevel ERROR\n`;
  await writeFile(files.config, each + all);
  await writeFile(files.ansible, '');
  return files;
}

async function sweepAnsible({ dir, inventory, config, ansible }: Files): Promise<number[] | null> {
  if ((await run('ansible', ['--version'])).code !== 0) return null;
  const env = {
    ...process.env,
    ANSIBLE_HOME: dir,
    ANSIBLE_CONFIG: ansible,
    // These sshd have no privileges, and give nobody a terminal.
    ANSIBLE_SSH_USETTY: 'False',
    ANSIBLE_SSH_ARGS: `-F ${config} -o ControlMaster=auto -o ControlPersist=120s`,
    ANSIBLE_SSH_CONTROL_PATH_DIR: join(dir, 'control'),
  };
  const args = ['all', '-i', inventory, '-m', 'raw', '-a', QUESTION, '-f', String(PARALLEL)];
  return timed(() => answered('ansible', args, env, /^Linux /gm));
}

async function sweepPssh({ list, config }: Files): Promise<number[] | null> {
  const programs = ['parallel-ssh', 'pssh'];
  for (const program of programs) {
    if ((await run(program, ['--version'])).code !== 0) continue;
    const args = ['-h', list, '-p', String(PARALLEL), '-i', '-x', `-F ${config}`, QUESTION];
    return timed(() => answered(program, args, process.env, /^Linux /gm));
  }
  return null;
}

async function answered(program: string, args: string[], env: NodeJS.ProcessEnv, answer: RegExp): Promise<void> {
  const ran = await run(program, args, { env, timeoutMs: 300_000 });
  const answers = ran.stdout.match(answer)?.length ?? 0;
  if (ran.code !== 0 || answers !== HOSTS)
    throw new Error(
      `${program}: ${answers} of ${HOSTS} answered, exit ${ran.code}: ${(ran.stderr + ran.stdout).slice(0, 600)}`,
    );
}

/** Once to warm up, uncounted; then the rounds. */
async function timed(sweep: () => Promise<void>): Promise<number[]> {
  await sweep();
  const took: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const begin = performance.now();
    await sweep();
    took.push(performance.now() - begin);
  }
  return took;
}

function compare(other: string, ours: number[], theirs: number[] | null, times: number, debian: string): Row {
  const seconds = (samples: number[]): string => `${(percentile(samples, 0.5) / 1000).toFixed(2)} s`;
  const row = { what: `status of ${HOSTS} warm hosts, against ${other}`, target: `>= ${times}x faster` };
  if (theirs === null) {
    const figure = `${seconds(ours)}; not compared: it is not installed here (Debian: ${debian})`;
    return { ...row, figure, held: false };
  }
  const ratio = percentile(theirs, 0.5) / percentile(ours, 0.5);
  const figure = `median ${seconds(ours)} / ${seconds(theirs)} of ${ROUNDS} = ${ratio.toFixed(1)}x`;
  return { ...row, figure, held: ratio >= times };
}
