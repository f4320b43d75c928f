import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../../src/kernel/clock.ts';
import { CodedError } from '../../../src/kernel/errors.ts';
import { jitter } from '../../../src/kernel/ids.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { JobEvent } from '../../../src/shell/jobs.ts';
import { HELPER, helperCall } from '../../../src/shell/protocol.ts';
import type { JobEnd } from '../../../src/shell/state.ts';
import { collected, drained, told, unwrap } from '../../support/answers.ts';
import { openLink, type TestLink } from '../../support/link.ts';
import { TRANSPORTS } from '../../support/transports.ts';
import { until } from '../../support/until.ts';

/** Our transport and job client against a real sshd. */

describe.each(TRANSPORTS)('over $way', ({ create, cuts: wanted }) => {
  let link: TestLink;
  beforeAll(async () => {
    link = await openLink(create);
  });
  afterAll(() => link[Symbol.asyncDispose]());

  /** Follows to the end as a caller has to: whenever the link is lost, again from the next byte, at once. */
  async function followThrough(
    jid: string,
    onData: () => void,
    onLoss: (code: string) => void,
  ): Promise<{ output: Buffer; end: JobEnd }> {
    const pieces: Uint8Array[] = [];
    let offset = 0;
    for (;;) {
      try {
        for await (const event of link.jobs.follow(link.target, jid, offset)) {
          if (event.kind === 'end') return { output: Buffer.concat(pieces), end: event.end };
          if (event.kind !== 'data') continue;
          expect(event.offset).toBe(offset);
          onData();
          pieces.push(event.bytes);
          offset += event.bytes.length;
        }
      } catch (error) {
        if (!(error instanceof CodedError)) throw error;
        onLoss(error.code);
      }
    }
  }

  describe('jobs over ssh', () => {
    it('runs a job with parameters and a secret, and tells its output and its code', async () => {
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
      const body = 'echo "$P_site"; read -r secret; echo "${#secret}"; exit 3';
      const spec = { jid: 'whole', body, params: { site: "it's\n$(id)" }, stdin: new Secret('abcde\n'), lock: 'whole' };

      const first = unwrap(await link.jobs.start(link.target, spec));
      const again = unwrap(await link.jobs.start(link.target, spec));
      const { output, end } = await collected(link.jobs.follow(link.target, 'whole', 0));

      expect([first.fresh, again.fresh, first.dir]).toEqual([true, false, `${link.target.base}/whole`]);
      expect(output.toString()).toBe("it's\n$(id)\n5\n");
      expect(end).toEqual({ kind: 'exited', code: 3, size: output.length, truncated: false, cancelled: false });
      expect(unwrap(await link.jobs.state(link.target, 'whole'))).toEqual(end);
      expect(told(await link.jobs.remove(link.target, 'whole'))).toBe('ok');
      expect(unwrap(await link.jobs.state(link.target, 'whole'))).toEqual({ kind: 'none' });
    });

    it('kills, voids and probes', async () => {
      await link.jobs.start(link.target, { jid: 'long', body: 'sleep 331', params: {} });
      expect(unwrap(await link.jobs.kill(link.target, 'long', 2))).toEqual(
        expect.objectContaining({ kind: 'exited', code: 143, cancelled: true }),
      );
      expect(unwrap(await link.jobs.void(link.target, 'never'))).toEqual({ kind: 'lost', why: 'nostart', size: 0 });

      const probe = unwrap(await link.jobs.probe(link.target));
      expect(probe).toEqual(
        expect.objectContaining({ user: link.target.user, uid: link.sshd.uid, missing: [], baseWritable: true }),
      );
      expect(Math.abs(probe.clock * 1000 - Date.now())).toBeLessThan(5000);
      expect(probe.disk?.free).toBeGreaterThan(0);
    });

    it('delivers every byte once, whatever happens to the link, and runs each job once', async () => {
      const enough = join(link.target.base, 'enough');
      const body = `echo run >>"$TWOKEY_DIR/runs"; i=0
      while [ ! -f "$P_enough" ] && [ -d "$TWOKEY_DIR" ]; do
        i=$((i+1)); printf 'line %s grüße 😀\\n' $i
        [ $((i % 25)) = 0 ] && sleep 0.02
      done
      printf 'end after %s' $i; exit $P_code`;
      let losses = 0;
      let received = 0;
      let broken: unknown;
      const lost = (code: string): void => {
        expect(['host_unreachable', 'link_lost']).toContain(code);
        losses += 1;
        if (losses > 500) throw new Error('it never comes back');
      };
      const running = ['chaos1', 'chaos2'].map(async (jid, index) => {
        const spec = { jid, body, params: { enough, code: String(37 + index) } };
        for (;;) {
          const started = await link.jobs.start(link.target, spec);
          if (started.ok) break;
          lost(started.error.code);
        }
        return followThrough(jid, () => (received += 1), lost);
      });
      const all = Promise.all(running);
      all.catch((error: unknown) => {
        broken = error;
      });
      let cuts = 0;
      const patience = monotonicMs() + 20_000;
      while (cuts < wanted && (cuts < 8 || monotonicMs() < patience)) {
        // Only after something has come through again: otherwise a slow machine would never get a link at all.
        const before = received;
        await until('something comes through', () => received > before || broken !== undefined, 20_000);
        if (broken !== undefined) throw broken;
        const pause = monotonicMs() + jitter(80);
        await until('the pause is over', () => monotonicMs() > pause);
        cuts += (await link.sshd.cutConnections()) > 0 ? 1 : 0;
      }
      expect(losses).toBeGreaterThan(3);
      await writeFile(enough, '');

      for (const [index, { output, end }] of (await all).entries()) {
        const count = Number(/end after (\d+)$/.exec(output.toString())?.[1]);
        const lines = Array.from({ length: count }, (_, line) => `line ${line + 1} grüße 😀\n`).join('');
        expect(output.toString()).toBe(`${lines}end after ${count}`);
        expect(end).toEqual(expect.objectContaining({ kind: 'exited', code: 37 + index, size: output.length }));
        expect(await readFile(join(link.target.base, `chaos${index + 1}`, 'runs'), 'utf8')).toBe('run\n');
      }
    });

    it('runs nothing when the link is lost while the request is still being sent', async () => {
      const { text } = helperCall(link.target.base, 'cut', { verb: 'start', script: 'true', capBytes: 512, stdin: '' });
      const places = [20, 50, 90, 99.9].map((percent) => Math.floor((HELPER.length * percent) / 100));
      const betweenArguments = text.lastIndexOf("' 'END'") + 1;

      for (const place of [...places, betweenArguments]) {
        const stream = unwrap(await link.transport.exec(link.target, text.slice(0, place)));
        await drained(stream);
        await stream.closed;
      }

      expect(await readdir(link.target.base)).not.toContain('cut');
    });

    it('stops following when it is told to, without harm to the job', async () => {
      await link.jobs.start(link.target, { jid: 'quiet', body: 'echo up; sleep 332', params: {} });
      const stop = new AbortController();
      const seen: JobEvent[] = [];
      for await (const event of link.jobs.follow(link.target, 'quiet', 0, stop.signal)) {
        seen.push(event);
        stop.abort();
      }
      expect(seen.map((event) => event.kind)).toEqual(['data']);
      expect(unwrap(await link.jobs.state(link.target, 'quiet')).kind).toBe('running');
      await link.jobs.kill(link.target, 'quiet', 0);
    });
  });

  describe('the job directory', () => {
    it('may be deep, and made at the first job', async () => {
      const base = `${link.target.base}/deeper/still`;
      await link.jobs.start({ ...link.target, base }, { jid: 'j', body: 'echo hi', params: {} });
      expect((await collected(link.jobs.follow({ ...link.target, base }, 'j', 0))).output.toString()).toBe('hi\n');
    });

    it('is named when it cannot be written to', async () => {
      const base = join(link.sshd.dir, 'closed');
      await mkdir(base, { mode: 0o555 });
      expect(
        told(await link.jobs.start({ ...link.target, base: `${base}/jobs` }, { jid: 'j', body: 'true', params: {} })),
      ).toBe(`precheck_failed: the account on testhost cannot write to ${base}/jobs`);
    });
  });
});
