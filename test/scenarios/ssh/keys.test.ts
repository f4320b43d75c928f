import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

import { createJobs } from '../../../src/adapters/ssh/jobs.ts';
import { readHostKey } from '../../../src/adapters/ssh/presented-key.ts';
import { ok } from '../../../src/kernel/result.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { Jobs } from '../../../src/shell/jobs.ts';
import type { HostTarget, Transport } from '../../../src/shell/transport.ts';
import { told, unwrap } from '../../support/answers.ts';
import { startSshd, type TestSshd } from '../../support/sshd.ts';
import { TRANSPORTS } from '../../support/transports.ts';
import { until } from '../../support/until.ts';
import { must } from '../../support/whole-host-run.ts';

const PASSPHRASE = 'Schlüssel "$(id)" mit %h';

let dir: string;
let readable: string;
let sshd: TestSshd;

/** A new key pair in the test's folder; the path of its private half. */
async function newKey(name: string, passphrase = ''): Promise<string> {
  const file = join(dir, name);
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', '', '-f', file]);
  return file;
}

/** Signs a public key with the test's authority; the path of the certificate. */
async function signed(authority: string, publicKey: string, ...how: string[]): Promise<string> {
  await must('ssh-keygen', ['-q', '-s', authority, '-I', 'test', ...how, publicKey]);
  return publicKey.replace(/\.pub$/, '-cert.pub');
}

const publicLine = async (file: string): Promise<string> => (await readFile(`${file}.pub`, 'utf8')).trim();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'keys-'));
  await newKey('authority');
  await newKey('other-authority');
  // A folder of its own: sshd runs as somebody who must not see the keys.
  readable = await mkdtemp(join(tmpdir(), 'trusted-'));
  const trusted = join(readable, 'authority.pub');
  await copyFile(join(dir, 'authority.pub'), trusted);
  await must('chmod', ['-R', 'a+rX', readable]);
  const certificate = join(readable, 'host-cert.pub');
  sshd = await startSshd({ config: [`TrustedUserCAKeys ${trusted}`, `HostCertificate ${certificate}`] });
  await must('cp', [join(sshd.dir, 'host_key.pub'), join(dir, 'host.pub')]);
  await copyFile(await signed(join(dir, 'authority'), join(dir, 'host.pub'), '-h', '-n', '127.0.0.1'), certificate);
  await must('chmod', ['a+r', certificate]);
  await sshd.restart();
});

afterAll(async () => {
  await sshd[Symbol.asyncDispose]();
  for (const folder of [dir, readable]) await rm(folder, { recursive: true });
});

describe.each(TRANSPORTS)('over $way', ({ create }) => {
  let transport: Transport;
  let jobs: Jobs;

  beforeAll(() => {
    transport = create();
    jobs = createJobs(transport);
  });
  afterAll(() => transport.close());

  it('P8 opens a key file with its passphrase, which no process list and no environment shows', async () => {
    const file = join(dir, `locked-${create.name}`);
    await copyFile('file' in sshd.target.key ? sshd.target.key.file : '', file);
    await must('ssh-keygen', ['-q', '-p', '-P', '', '-N', PASSPHRASE, '-f', file]);
    const locked: HostTarget = { ...sshd.target, key: { file } };
    const seen = watchProcesses(PASSPHRASE);

    const right = await jobs.run({ ...locked, passphrase: async () => ok(new Secret(PASSPHRASE)) }, 'true', {});

    expect(told(right)).toBe('ok');
    expect(await seen()).toEqual([]);
    const other = create();
    const strangers = createJobs(other);
    const wrong = await strangers.probe({ ...locked, passphrase: async () => ok(new Secret('wrong')) });
    expect(told(wrong)).toMatch(/^host_auth_failed: the key for testhost cannot be used: .*passphrase/);
    expect(told(await strangers.probe(locked))).toMatch(
      /^host_auth_failed: the key for testhost cannot be used: .*passphrase/,
    );
    await other.close();
  });

  it('takes the key from an agent, and says when there is none', async () => {
    const socket = join(dir, `agent-${create.name}`);
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    try {
      await until('the agent listens', () => stat(socket).catch(() => null));
      const key = 'file' in sshd.target.key ? sshd.target.key.file : '';
      await must('ssh-add', ['-q', key], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      expect(told(await jobs.run({ ...sshd.target, key: { agent: socket } }, 'true', {}))).toBe('ok');
    } finally {
      agent.kill();
    }
    expect(told(await jobs.probe({ ...sshd.target, key: { agent: null } }))).toMatch(
      /^host_auth_failed: .*in an ssh-agent, and there is none/,
    );
  });

  it('R13 goes over two bastions, and every failure names the hop where it is', async () => {
    await using near = await startSshd();
    await using far = await startSshd();
    const first: HostTarget = { ...near.target, name: 'near' };
    const second: HostTarget = { ...far.target, name: 'far', jump: first };
    const behind: HostTarget = { ...sshd.target, jump: second };

    expect(unwrap(await jobs.run(behind, 'echo here', {})).output.toString()).toBe('here\n');

    const wrongPin = { ...behind, jump: { ...second, hostKeys: sshd.target.hostKeys } };
    expect(told(await jobs.probe(wrongPin))).toMatch(/^host_key_changed: the bastion of testhost: far presents/);
    const wrongFirst = { ...behind, jump: { ...second, jump: { ...first, hostKeys: [] } } };
    expect(told(await jobs.probe(wrongFirst))).toMatch(
      /^host_key_unknown: the bastion of testhost: the bastion of far: no host key of near is pinned/,
    );
    await far.stop();
    expect(told(await jobs.probe(behind))).toMatch(
      /^host_unreachable: the bastion of testhost: far .*the bastion near finds no way to it/,
    );
    await near.stop();
    const down = await jobs.probe(behind);
    expect(told(down)).toMatch(/^host_unreachable: the bastion of testhost: the bastion of far: near .*refused/i);
    expect(down.ok ? '' : down.error.next).toBe('Check the bastion near: that it is up and that SSH answers there.');
  });
});

describe('certificates, over openssh', () => {
  const create = TRANSPORTS.find(({ way }) => way === 'openssh')?.create ?? expect.fail();
  let transport: Transport;
  let jobs: Jobs;

  beforeAll(() => {
    transport = create();
    jobs = createJobs(transport);
  });
  afterAll(() => transport.close());

  it('opens the account with a certificate, where the key alone does not, nor one that has run out', async () => {
    const file = await newKey('person');
    const { user } = sshd.target;
    const certified: HostTarget = { ...sshd.target, key: { file } };
    expect(told(await jobs.probe(certified))).toMatch(/^host_auth_failed: testhost does not let/);

    const authority = join(dir, 'authority');
    const certificate = await signed(authority, `${file}.pub`, '-n', user, '-V', '+1h');
    expect(unwrap(await jobs.run({ ...certified, certificate }, 'id -un', {})).output.toString()).toBe(`${user}\n`);

    const late = await newKey('late');
    const ended = await signed(authority, `${late}.pub`, '-n', user, '-V', '20200101:20200102');
    expect(told(await jobs.probe({ ...certified, key: { file: late }, certificate: ended }))).toMatch(
      /^host_auth_failed: testhost does not let/,
    );
    expect(told(await jobs.probe({ ...certified, certificate: '/nowhere/cert' }))).toMatch(
      /^host_auth_failed: .*ENOENT/,
    );
  });

  it('P8 shows the key of a new host behind a bastion that wants a certificate, and behind another one after it', async () => {
    await using inner = await startSshd();
    await using second = await startSshd();
    const file = await newKey('gatekeeper');
    const certificate = await signed(join(dir, 'authority'), `${file}.pub`, '-n', sshd.target.user, '-V', '+1h');
    const gate: HostTarget = { ...sshd.target, name: 'gate', transport: 'openssh', key: { file }, certificate };
    const fresh: HostTarget = { ...inner.target, name: 'fresh', hostKeys: [] };
    const { hostKeys } = inner.target;
    expect(unwrap(await readHostKey({ ...fresh, jump: gate }))).toBe(hostKeys[0]);
    // Nobody logs in there, so that our key for it need not be at hand, nor be one that ssh could take.
    expect(unwrap(await readHostKey({ ...fresh, key: { file: '/no/"such" key' }, jump: gate }))).toBe(hostKeys[0]);
    const library: HostTarget = { ...second.target, name: 'second', jump: gate };
    expect(unwrap(await readHostKey({ ...fresh, jump: library }))).toBe(hostKeys[0]);

    const { certificate: _none, ...plain } = gate;
    const shut: HostTarget = { ...plain, key: { file: await newKey('stranger') } };
    expect(told(await readHostKey({ ...fresh, jump: shut }))).toMatch(/^host_auth_failed: the bastion of fresh: gate/);
    const wrong = { ...gate, hostKeys };
    expect(told(await readHostKey({ ...fresh, jump: wrong }))).toMatch(/^host_key_changed: the bastion of fresh: gate/);
    await inner.stop();
    expect(told(await readHostKey({ ...fresh, jump: gate }))).toMatch(/^host_unreachable: fresh .*bastion gate/);
  });

  it('believes a host that its authority vouches for, under its own name only, and no other authority', async () => {
    const vouched = { ...sshd.target, hostKeys: [], hostAuthorities: [await publicLine(join(dir, 'authority'))] };
    expect(told(await jobs.run(vouched, 'true', {}))).toBe('ok');

    const stranger = { ...vouched, hostAuthorities: [await publicLine(join(dir, 'other-authority'))] };
    expect(told(await jobs.probe(stranger))).toMatch(/^host_key_changed: testhost presents/);
    // The certificate is for 127.0.0.1, which is not what this name says.
    expect(told(await jobs.probe({ ...vouched, address: 'localhost' }))).toMatch(
      /^host_key_changed: testhost presents the certificate .*principal/,
    );
  });

  it('keeps its files from everybody else, and leaves none', async () => {
    // A directory for temporary files of its own: other tests run beside this one.
    const own = await mkdtemp(join(dir, 't'));
    vi.stubEnv('TMPDIR', own);
    const another = create();
    expect(told(await createJobs(another).run(sshd.target, 'true', {}))).toBe('ok');
    vi.unstubAllEnvs();
    const [mine = expect.fail()] = await readdir(own);
    expect((await stat(join(own, mine))).mode & 0o777).toBe(0o700);
    expect(await commandLines(mine)).not.toEqual([]);
    await another.close();
    expect(await readdir(own)).toEqual([]);
    expect(await commandLines(mine)).toEqual([]);
  });
});

/** What the command lines and environments of all processes say, where they hold this text. */
async function commandLines(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)) {
    for (const file of ['cmdline', 'environ']) {
      const said = await readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
      if (said.includes(text)) found.push(said.replaceAll('\0', ' '));
    }
  }
  return found;
}

/** Looks at all processes again and again until asked what it saw. */
function watchProcesses(text: string): () => Promise<string[]> {
  let over = false;
  const looking = (async () => {
    const found = new Set<string>();
    while (!over) for (const line of await commandLines(text)) found.add(line);
    return [...found];
  })();
  return () => {
    over = true;
    return looking;
  };
}
