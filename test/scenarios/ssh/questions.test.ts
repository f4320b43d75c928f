import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJobs } from '../../../src/adapters/ssh/jobs.ts';
import { monotonicMs } from '../../../src/kernel/clock.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { Jobs } from '../../../src/shell/jobs.ts';
import type { HostTarget, Transport } from '../../../src/shell/transport.ts';
import { told, unwrap } from '../../support/answers.ts';
import { alive, written } from '../../support/processes.ts';
import { startSshd, type TestSshd } from '../../support/sshd.ts';
import { TRANSPORTS } from '../../support/transports.ts';
import { until } from '../../support/until.ts';

describe.each(TRANSPORTS)('over $way', ({ create }) => {
  let sshd: TestSshd;
  let transport: Transport;
  let jobs: Jobs;
  let target: HostTarget;

  beforeAll(async () => {
    sshd = await startSshd();
    target = sshd.target;
    transport = create();
    jobs = createJobs(transport);
  });

  afterAll(async () => {
    await transport.close();
    await sshd[Symbol.asyncDispose]();
  });

  /** What wrote its number to that file has ended on the host. */
  async function ended(file: string): Promise<void> {
    const pid = Number(await readFile(file, 'utf8'));
    expect(pid).toBeGreaterThan(1);
    await until('its processes are gone', async () => !(await alive(pid)));
  }

  /** The process that answers. */
  async function shellOf(of: HostTarget, script = ''): Promise<number> {
    return Number(unwrap(await jobs.run(of, `${script} echo $$`, {})).output.toString());
  }

  describe('the shell that stays', () => {
    it('is asked one question after another, and never waits for a slow one', async () => {
      await using host = await startSshd();
      const first = await shellOf(host.target);
      expect(await shellOf(host.target, 'cd /; exec 2>&-; trap "" EXIT;')).toBe(first);

      const file = `${host.target.base}/go`;
      const slow = jobs.run(host.target, 'until [ -f "$P_file" ]; do sleep 0.05; done; echo $$', { file });
      const second = await until('another one answers', async () => {
        const other = await shellOf(host.target);
        return other !== first && other;
      });
      await writeFile(file, '');
      expect(Number(unwrap(await slow).output.toString())).toBe(first);
      // One is enough: what came second to the same connection goes when both are idle.
      await until('one of them has gone', async () => !((await alive(first)) && (await alive(second))));
      expect(told(await jobs.run(host.target, 'true', {}))).toBe('ok');
    });

    it('gives its session to whoever needs it', async () => {
      await using host = await startSshd({ maxSessions: 1 });
      const first = await shellOf(host.target);
      unwrap(await jobs.start(host.target, { jid: 'j', body: 'echo up; sleep 334', params: {} }));
      expect(await alive(first)).toBe(false);
      await shellOf(host.target);
      for await (const event of jobs.follow(host.target, 'j', 0)) if (event.kind === 'data') break;
      await shellOf(host.target);
      expect(unwrap(await jobs.kill(host.target, 'j', 0))).toMatchObject({ kind: 'exited', cancelled: true });
    });

    it('is replaced without a word when it has died, alone or with its host', async () => {
      await using host = await startSshd();
      const first = await shellOf(host.target);
      process.kill(first, 'SIGKILL');
      const second = await shellOf(host.target);
      await host.restart();
      const third = await shellOf(host.target);
      expect(new Set([first, second, third]).size).toBe(3);
    });

    it('tells a link lost after the question was written, and never asks it again', async () => {
      await using host = await startSshd();
      await shellOf(host.target);
      const file = `${host.target.base}/asked`;
      const asked = jobs.run(host.target, 'echo $$ >>"$P_file"; sleep 335', { file });
      await until('it runs', () => written(file));
      await host.cutConnections();
      expect(told(await asked)).toBe('link_lost: testhost: the link was lost');
      await ended(file);
      expect(await shellOf(host.target)).toBeGreaterThan(1);
      expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(1);
    });

    it('ends with its question when nobody wants the answer any more', async () => {
      const file = `${target.base}/unwanted`;
      const stop = new AbortController();
      const script = '(sleep 336; :) & echo $! >"$P_file"; wait';
      const asked = jobs.run(target, script, { file }, { signal: stop.signal });
      await until('it runs', () => written(file));
      stop.abort();
      expect(told(await asked)).toBe('link_lost: testhost: given up');
      await ended(file);
      expect(told(await jobs.run(target, 'true', {}, { signal: stop.signal }))).toMatch(
        /^host_unreachable: .*given up$/,
      );
    });

    it('ends with the idle time of its connection', async () => {
      const brief = create({ idleMs: 100 });
      const answer = unwrap(await createJobs(brief).run(target, 'echo $$', {}));
      await until('it has gone', async () => !(await alive(Number(answer.output.toString()))));
      await brief.close();
    });
  });

  describe('questions over ssh', () => {
    it('tells output and code of a short script', async () => {
      const script = 'cat; echo "$P_a" >&2; exit 7';
      const result = unwrap(await jobs.run(target, script, { a: '*' }, { stdin: new Secret('in ') }));
      expect([result.code, Buffer.from(result.output).toString(), result.truncated]).toEqual([7, 'in *\n', false]);
    });

    it('keeps at most 1 MiB', async () => {
      const result = unwrap(await jobs.run(target, 'head -c 3000000 /dev/zero', {}));
      expect([result.code, result.output.length, result.truncated]).toEqual([0, 1024 * 1024, true]);
    });

    it('gives up in time, and so does the host', async () => {
      const began = monotonicMs();
      const file = `${target.base}/slow`;
      const slow = await jobs.run(target, 'sleep 333 & echo $! >"$P_file"; wait', { file }, { timeoutMs: 400 });
      expect(told(slow)).toBe('link_lost: testhost: the script took too long');
      expect(monotonicMs() - began).toBeLessThan(3000);
      await ended(file);
    });

    it('answers 30 at once', async () => {
      const results = await Promise.all(
        Array.from({ length: 30 }, (_, n) => jobs.run(target, 'echo "$P_n"', { n: String(n) })),
      );
      expect(results.map((result) => Buffer.from(unwrap(result).output).toString())).toEqual(
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

      const result = unwrap(await jobs.run(noisy.target, 'echo "$HOME"', {}));
      const raw = unwrap(await transport.exec(noisy.target, 'echo up; exit 0\n'));
      let text = '';
      for await (const chunk of raw.stdout) text += Buffer.from(chunk).toString();

      expect(Buffer.from(result.output).toString()).toBe(`${home}\n`);
      // Only a login shell that reads its rc file makes this a test of anything.
      if (text.length > 4) expect(text).toContain('welcome');
      await rm(home, { recursive: true });
    });

    it('says what an account that runs something else answered', async () => {
      await using closed = await startSshd({ config: ['ForceCommand echo "This account is closed."; exit 1'] });
      // Such a command ends while we still write to it; under load the link may go before the exit code has come.
      const answer = await until('an answer', async () => {
        const said = told(await jobs.probe(closed.target));
        return said.startsWith('link_lost') ? null : said;
      });
      expect(answer).toBe('protocol_error: testhost does not run our shell script (exit 1): This account is closed.');
    });

    it('wraps everything in sudo when asked to', async () => {
      const bin = await mkdtemp(join(tmpdir(), 'bin-'));
      await chmod(bin, 0o755);
      await writeFile(join(bin, 'sudo'), '#!/bin/sh\necho "$*" >>"$SUDO_SAW"\nshift 3\nexec "$@"\n', { mode: 0o755 });
      const saw = join(bin, 'saw');
      await writeFile(saw, '');
      await chmod(saw, 0o666);
      await using wrapped = await startSshd({ environment: { PATH: `${bin}:/usr/bin:/bin`, SUDO_SAW: saw } });

      const app = { ...wrapped.target, sudo: 'app' };
      const own = await shellOf(wrapped.target);
      const shells = [await shellOf(app), await shellOf(app), await shellOf(wrapped.target)];

      expect(shells).toEqual([shells[0], shells[0], own]);
      expect(shells[0]).not.toBe(own);
      expect(await readFile(saw, 'utf8')).toBe('-n -u app /bin/sh -s\n');
      expect(told(await jobs.run({ ...wrapped.target, sudo: 'a; id' }, 'true', {}))).toMatch(/^bad_configuration/);
      await rm(bin, { recursive: true });
    });
  });
});
