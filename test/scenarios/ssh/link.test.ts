import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJobs } from '../../../src/adapters/ssh/jobs.ts';
import { createSsh2Transport, readHostKey } from '../../../src/adapters/ssh/ssh2-transport.ts';
import { monotonicMs } from '../../../src/kernel/clock.ts';
import { CodedError } from '../../../src/kernel/errors.ts';
import { jitter } from '../../../src/kernel/ids.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { JobEvent, Jobs } from '../../../src/shell/jobs.ts';
import { HELPER, helperCall } from '../../../src/shell/protocol.ts';
import type { JobEnd } from '../../../src/shell/state.ts';
import type { HostTarget, ShellStream, Transport } from '../../../src/shell/transport.ts';
import { startSshd, type TestSshd } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

/** Our transport and job client against a real sshd. */

let sshd: TestSshd;
let transport: Transport;
let jobs: Jobs;
let target: HostTarget;

beforeAll(async () => {
  sshd = await startSshd();
  target = sshd.target;
  transport = createSsh2Transport();
  jobs = createJobs(transport);
});

afterAll(async () => {
  await transport.close();
  await sshd[Symbol.asyncDispose]();
});

/** One line of a refusal, for comparisons. */
function told(result: { ok: true } | { ok: false; error: { code: string; message: string } }): string {
  return result.ok ? 'ok' : `${result.error.code}: ${result.error.message}`;
}

async function collect(events: AsyncIterable<JobEvent>): Promise<{ output: Buffer; end: JobEnd | null }> {
  const pieces: Uint8Array[] = [];
  let end: JobEnd | null = null;
  for await (const event of events) {
    if (event.kind === 'data') pieces.push(event.bytes);
    if (event.kind === 'end') end = event.end;
  }
  return { output: Buffer.concat(pieces), end };
}

async function drained(stream: ShellStream): Promise<number> {
  let total = 0;
  for await (const chunk of stream.stdout) total += chunk.length;
  return total;
}

const value = <T>(result: { ok: true; value: T } | { ok: false; error: { message: string } }): T => {
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
};

/** Follows to the end as a caller has to: whenever the link is lost, again from the next byte, at once. */
async function followThrough(jid: string): Promise<{ output: Buffer; end: JobEnd; losses: number }> {
  const pieces: Uint8Array[] = [];
  let offset = 0;
  let losses = 0;
  for (;;) {
    try {
      for await (const event of jobs.follow(target, jid, offset)) {
        if (event.kind === 'end') return { output: Buffer.concat(pieces), end: event.end, losses };
        if (event.kind !== 'data') continue;
        expect(event.offset).toBe(offset);
        pieces.push(event.bytes);
        offset += event.bytes.length;
      }
    } catch (error) {
      if (!(error instanceof CodedError && error.code === 'host_unreachable')) throw error;
      losses += 1;
    }
  }
}

describe('jobs over ssh', () => {
  it('runs a job with parameters and a secret, and tells its output and its code', async () => {
    const body = 'echo "$P_site"; read -r secret; echo "${#secret}"; exit 3';
    const spec = { jid: 'whole', body, params: { site: "it's\n$(id)" }, stdin: new Secret('abcde\n'), lock: 'whole' };

    const first = value(await jobs.start(target, spec));
    const again = value(await jobs.start(target, spec));
    const { output, end } = await collect(jobs.follow(target, 'whole', 0));

    expect([first.fresh, again.fresh, first.dir]).toEqual([true, false, `${target.base}/whole`]);
    expect(output.toString()).toBe("it's\n$(id)\n5\n");
    expect(end).toEqual({ kind: 'exited', code: 3, size: output.length, truncated: false, cancelled: false });
    expect(value(await jobs.state(target, 'whole'))).toEqual(end);
    expect(told(await jobs.remove(target, 'whole'))).toBe('ok');
    expect(value(await jobs.state(target, 'whole'))).toEqual({ kind: 'none' });
  });

  it('kills, voids and probes', async () => {
    await jobs.start(target, { jid: 'long', body: 'sleep 331', params: {} });
    expect(value(await jobs.kill(target, 'long', 2))).toEqual(
      expect.objectContaining({ kind: 'exited', code: 143, cancelled: true }),
    );
    expect(value(await jobs.void(target, 'never'))).toEqual({ kind: 'lost', why: 'nostart', size: 0 });

    const probe = value(await jobs.probe(target));
    expect(probe).toEqual(
      expect.objectContaining({ user: target.user, uid: sshd.uid, missing: [], baseWritable: true }),
    );
    expect(Math.abs(probe.clock * 1000 - Date.now())).toBeLessThan(5000);
    expect(probe.disk?.free).toBeGreaterThan(0);
  });

  it('delivers every byte once, whatever happens to the link, and runs each job once', async () => {
    const lines = 1500;
    const body = `echo run >>"$TWOKEY_DIR/runs"; i=0
      while [ $i -lt ${lines} ]; do i=$((i+1)); printf 'line %s grüße 😀\\n' $i; [ $((i % 25)) = 0 ] && sleep 0.05; done
      printf 'end without newline'; exit $P_code`;
    const expected = `${Array.from({ length: lines }, (_, index) => `line ${index + 1} grüße 😀\n`).join('')}end without newline`;
    const running = ['chaos1', 'chaos2'].map(async (jid, index) => {
      const spec = { jid, body, params: { code: String(37 + index) } };
      for (;;) {
        const started = await jobs.start(target, spec);
        if (started.ok) break;
        expect(started.error.code).toBe('host_unreachable');
      }
      return followThrough(jid);
    });
    let done = false;
    let cuts = 0;
    const finished = Promise.all(running).finally(() => {
      done = true;
    });
    while (!done && cuts < 40) {
      const pause = monotonicMs() + 20 + jitter(120);
      await until('the pause is over', () => done || monotonicMs() > pause);
      cuts += (await sshd.cutConnections()) > 0 ? 1 : 0;
    }

    for (const [index, { output, end, losses }] of (await finished).entries()) {
      expect(output.toString()).toBe(expected);
      expect(end).toEqual(expect.objectContaining({ kind: 'exited', code: 37 + index, size: output.length }));
      expect(await readFile(join(target.base, `chaos${index + 1}`, 'runs'), 'utf8')).toBe('run\n');
      expect(losses).toBeGreaterThan(3);
    }
  });

  it('runs nothing when the link is lost while the request is still being sent', async () => {
    const { text } = helperCall(target.base, 'cut', { verb: 'start', script: 'true', capBytes: 512, stdin: '' });
    const places = [20, 50, 90, 99.9].map((percent) => Math.floor((HELPER.length * percent) / 100));
    const betweenArguments = text.lastIndexOf("' 'END'") + 1;

    for (const place of [...places, betweenArguments]) {
      const stream = value(await transport.exec(target, text.slice(0, place)));
      await drained(stream);
      await stream.closed;
    }

    expect(await readdir(target.base)).not.toContain('cut');
  });

  it('stops following when it is told to, without harm to the job', async () => {
    await jobs.start(target, { jid: 'quiet', body: 'echo up; sleep 332', params: {} });
    const stop = new AbortController();
    const seen: JobEvent[] = [];
    for await (const event of jobs.follow(target, 'quiet', 0, stop.signal)) {
      seen.push(event);
      stop.abort();
    }
    expect(seen.map((event) => event.kind)).toEqual(['data']);
    expect(value(await jobs.state(target, 'quiet')).kind).toBe('running');
    await jobs.kill(target, 'quiet', 0);
  });
});

describe('questions over ssh', () => {
  it('tells output and code of a short script', async () => {
    const script = 'cat; echo "$P_a" >&2; exit 7';
    const result = value(await jobs.run(target, script, { a: '*' }, { stdin: new Secret('in ') }));
    expect([result.code, Buffer.from(result.output).toString(), result.truncated]).toEqual([7, 'in *\n', false]);
  });

  it('keeps at most 1 MiB', async () => {
    const result = value(await jobs.run(target, 'head -c 3000000 /dev/zero', {}));
    expect([result.code, result.output.length, result.truncated]).toEqual([0, 1024 * 1024, true]);
  });

  it('gives up in time', async () => {
    const began = monotonicMs();
    expect(told(await jobs.run(target, 'sleep 333', {}, { timeoutMs: 400 }))).toMatch(/^host_unreachable: testhost/);
    expect(monotonicMs() - began).toBeLessThan(5000);
  });

  it('answers 30 at once', async () => {
    const results = await Promise.all(
      Array.from({ length: 30 }, (_, n) => jobs.run(target, 'echo "$P_n"', { n: String(n) })),
    );
    expect(results.map((result) => Buffer.from(value(result).output).toString())).toEqual(
      Array.from({ length: 30 }, (_, n) => `${n}\n`),
    );
  });

  it('works with a host that takes one session a connection', async () => {
    await using small = await startSshd({ maxSessions: 1 });
    const results = await Promise.all(
      Array.from({ length: 8 }, () => jobs.run(small.target, 'sleep 0.1; echo hi', {})),
    );
    expect(results.map(told)).toEqual(Array(8).fill('ok'));
  });

  it('gets through to a host that drops handshakes', async () => {
    await using busy = await startSshd({ maxSessions: 1, maxStartups: '2:50:20' });
    const results = await Promise.all(Array.from({ length: 12 }, () => jobs.run(busy.target, 'true', {})));
    expect(results.map(told)).toEqual(Array(12).fill('ok'));
  });

  it('tells them from what the login prints', async () => {
    const home = await mkdtemp(join(tmpdir(), 'home-'));
    await chmod(home, 0o755);
    await writeFile(join(home, '.bashrc'), 'echo "welcome, S now running"; printf "no newline"\n', { mode: 0o644 });
    await using noisy = await startSshd({ environment: { HOME: home } });

    const result = value(await jobs.run(noisy.target, 'echo "$HOME"', {}));
    const raw = value(await transport.exec(noisy.target, 'echo up; exit 0\n'));
    let text = '';
    for await (const chunk of raw.stdout) text += Buffer.from(chunk).toString();

    expect(Buffer.from(result.output).toString()).toBe(`${home}\n`);
    // Only a login shell that reads its rc file makes this a test of anything.
    if (text.length > 4) expect(text).toContain('welcome');
    await rm(home, { recursive: true });
  });

  it('says what an account that runs something else answered', async () => {
    await using closed = await startSshd({ config: ['ForceCommand echo "This account is closed."; exit 1'] });
    expect(told(await jobs.probe(closed.target))).toBe(
      'protocol_error: testhost does not run our shell script (exit 1): This account is closed.',
    );
  });

  it('wraps everything in sudo when asked to', async () => {
    const bin = await mkdtemp(join(tmpdir(), 'bin-'));
    await chmod(bin, 0o755);
    await writeFile(join(bin, 'sudo'), '#!/bin/sh\necho "$*" >"$SUDO_SAW"\nshift 3\nexec "$@"\n', { mode: 0o755 });
    const saw = join(bin, 'saw');
    await writeFile(saw, '');
    await chmod(saw, 0o666);
    await using wrapped = await startSshd({ environment: { PATH: `${bin}:/usr/bin:/bin`, SUDO_SAW: saw } });

    const result = value(await jobs.run({ ...wrapped.target, sudo: 'app' }, 'echo done', {}));

    expect(Buffer.from(result.output).toString()).toBe('done\n');
    expect(await readFile(saw, 'utf8')).toBe('-n -u app /bin/sh -s\n');
    expect(told(await jobs.run({ ...wrapped.target, sudo: 'a; id' }, 'true', {}))).toMatch(/^bad_configuration/);
    await rm(bin, { recursive: true });
  });
});

describe('hosts that must not or cannot be reached', () => {
  it('refuses a changed key, with both fingerprints', async () => {
    await using host = await startSshd();
    expect(told(await jobs.run(host.target, 'true', {}))).toBe('ok');
    await host.changeHostKey();
    await host.restart();

    expect(told(await jobs.run(host.target, 'true', {}))).toMatch(
      /^host_key_changed: testhost presents the key ssh-ed25519 SHA256:\S{43}, but pinned is ssh-ed25519 SHA256:\S{43}$/,
    );
  });

  it('refuses a host without a pin, and shows what it presents', async () => {
    const unknown = { ...target, hostKeys: [] };
    expect(told(await jobs.probe(unknown))).toMatch(/^host_key_unknown: .*it presents ssh-ed25519 SHA256:\S{43}$/);
    expect(value(await readHostKey(unknown))).toBe(target.hostKeys[0]);
  });

  it('refuses a pin that is none, rather than skip it', async () => {
    const hostKeys = [...target.hostKeys, 'ssh-ed25519 bm9uc2Vuc2U='];
    expect(told(await jobs.probe({ ...target, hostKeys }))).toMatch(/^bad_configuration/);
  });

  it('says that the key does not open the account, or cannot be read', async () => {
    await using other = await startSshd();
    expect(told(await jobs.probe({ ...target, key: other.target.key }))).toMatch(
      /^host_auth_failed: testhost does not let/,
    );
    expect(told(await jobs.probe({ ...target, key: { file: '/nowhere/key' } }))).toMatch(/^host_auth_failed: .*ENOENT/);
    expect(told(await jobs.probe({ ...target, key: { file: '/etc/passwd' } }))).toMatch(
      /^host_auth_failed: .*cannot be used/,
    );
  });

  it('says that nobody listens, and that a peer is no ssh server', async () => {
    await using stopped = await startSshd();
    await stopped.stop();
    expect(told(await jobs.probe(stopped.target))).toMatch(/^host_unreachable: testhost .*ECONNREFUSED/);

    const server = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(told(await jobs.probe({ ...target, port }))).toMatch(/^(host_unreachable|protocol_error): testhost/);
    server.close();
  });

  it('finds a silent peer out in time', async () => {
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const result = await transport.exec({ ...target, port }, 'true\n', { timeoutMs: 300 });
    expect(told(result)).toMatch(/^host_unreachable/);
    server.close();
  });
});

describe('a bastion', () => {
  it('leads to the host behind it, and its own failures name it', async () => {
    await using gate = await startSshd();
    const bastion: HostTarget = { ...gate.target, name: 'gate' };
    const behind: HostTarget = { ...target, jump: bastion };

    const results = await Promise.all(Array.from({ length: 12 }, () => jobs.run(behind, 'echo "$SSH_CONNECTION"', {})));
    expect(results.map(told)).toEqual(Array(12).fill('ok'));

    const wrongGate = { ...bastion, hostKeys: target.hostKeys };
    expect(told(await jobs.probe({ ...target, jump: wrongGate }))).toMatch(
      /^host_key_changed: the bastion of testhost: gate presents/,
    );
    expect(told(await jobs.probe({ ...behind, hostKeys: gate.target.hostKeys }))).toMatch(
      /^host_key_changed: testhost presents/,
    );
    await using deaf = await startSshd();
    await deaf.stop();
    expect(told(await jobs.probe({ ...behind, port: deaf.target.port }))).toMatch(
      /^host_unreachable: testhost .*the bastion gate finds no way to it/,
    );
    expect(told(await jobs.probe({ ...target, jump: { ...deaf.target, name: 'gate' } }))).toMatch(
      /^host_unreachable: the bastion of testhost: gate .*ECONNREFUSED/,
    );
  });
});

describe('floods', () => {
  it('is not held up by a flood on stderr', async () => {
    const stream = value(await transport.exec(target, 'head -c 6000000 /dev/zero >&2; echo ok; exit 5\n'));
    expect(await drained(stream)).toBe(3);
    expect(await stream.closed).toEqual({ code: 5 });
  });

  it('keeps memory bounded when nobody takes the bytes, and loses none', async () => {
    const size = 200 * 1024 * 1024;
    const stream = value(await transport.exec(target, `head -c ${size} /dev/zero; exit 0\n`));
    const before = process.memoryUsage().rss;
    const reader = stream.stdout[Symbol.asyncIterator]();
    let total = (await reader.next()).value?.length ?? 0;
    // Other sessions of the same connection go on meanwhile.
    for (let round = 0; round < 10; round += 1) expect(told(await jobs.run(target, 'true', {}))).toBe('ok');
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(40);
    for (let next = await reader.next(); !next.done; next = await reader.next()) total += next.value.length;
    expect(total).toBe(size);
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(120);
  });

  it('says null for a shell that was killed, and for a link that was lost', async () => {
    const killed = value(await transport.exec(target, 'kill -9 $$\n'));
    await drained(killed);
    expect(await killed.closed).toEqual({ code: null });

    const lost = value(await transport.exec(target, 'echo up; sleep 3\n'));
    for await (const _chunk of lost.stdout) await sshd.cutConnections();
    expect(await lost.closed).toEqual({ code: null });
  });
});

describe('the job directory', () => {
  it('may be deep, and made at the first job', async () => {
    const base = `${target.base}/deeper/still`;
    await jobs.start({ ...target, base }, { jid: 'j', body: 'echo hi', params: {} });
    expect((await collect(jobs.follow({ ...target, base }, 'j', 0))).output.toString()).toBe('hi\n');
  });

  it('is named when it cannot be written to', async () => {
    const base = join(sshd.dir, 'closed');
    await mkdir(base, { mode: 0o555 });
    expect(told(await jobs.start({ ...target, base: `${base}/jobs` }, { jid: 'j', body: 'true', params: {} }))).toBe(
      `precheck_failed: the account on testhost cannot write to ${base}/jobs`,
    );
  });
});
