import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJobs } from '../../../src/adapters/ssh/jobs.ts';
import { monotonicMs } from '../../../src/kernel/clock.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { Jobs } from '../../../src/shell/jobs.ts';
import type { HostTarget, Transport } from '../../../src/shell/transport.ts';
import { told, unwrap } from '../../support/answers.ts';
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
      expect(told(slow)).toMatch(/^link_lost: testhost/);
      expect(monotonicMs() - began).toBeLessThan(3000);

      const pid = (await readFile(file, 'utf8')).trim();
      expect(pid).toMatch(/^\d+$/);
      await until('its processes are gone', async () => !(await readdir('/proc')).includes(pid));
    });

    it('leaves nothing running after an answer', async () => {
      const script = `for f in /proc/[0-9]*/cmdline; do tr '\\0' ' ' <"$f"; echo; done 2>/dev/null | grep -c '^sleep 7654 '`;
      const watchers = async (timeoutMs: number): Promise<number> => {
        const { output } = unwrap(await jobs.run(target, script, {}, { timeoutMs }));
        return Number(Buffer.from(output).toString());
      };
      expect(await watchers(7_654_000)).toBeGreaterThan(0); // its own
      await until('the watcher is gone', async () => (await watchers(20_000)) === 0);
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
      await writeFile(join(bin, 'sudo'), '#!/bin/sh\necho "$*" >"$SUDO_SAW"\nshift 3\nexec "$@"\n', { mode: 0o755 });
      const saw = join(bin, 'saw');
      await writeFile(saw, '');
      await chmod(saw, 0o666);
      await using wrapped = await startSshd({ environment: { PATH: `${bin}:/usr/bin:/bin`, SUDO_SAW: saw } });

      const result = unwrap(await jobs.run({ ...wrapped.target, sudo: 'app' }, 'echo done', {}));

      expect(Buffer.from(result.output).toString()).toBe('done\n');
      expect(await readFile(saw, 'utf8')).toBe('-n -u app /bin/sh -s\n');
      expect(told(await jobs.run({ ...wrapped.target, sudo: 'a; id' }, 'true', {}))).toMatch(/^bad_configuration/);
      await rm(bin, { recursive: true });
    });
  });
});
