import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createJobs } from '../../../src/adapters/ssh/jobs.ts';
import { createSsh2Transport } from '../../../src/adapters/ssh/ssh2-transport.ts';
import { monotonicMs } from '../../../src/kernel/clock.ts';
import { CodedError } from '../../../src/kernel/errors.ts';
import { jitter } from '../../../src/kernel/ids.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { JobEvent, Jobs } from '../../../src/shell/jobs.ts';
import { HELPER, helperCall } from '../../../src/shell/protocol.ts';
import type { JobEnd } from '../../../src/shell/state.ts';
import type { HostTarget, Transport } from '../../../src/shell/transport.ts';
import { collected, drained, told, valueOf } from '../../support/answers.ts';
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

    const first = valueOf(await jobs.start(target, spec));
    const again = valueOf(await jobs.start(target, spec));
    const { output, end } = await collected(jobs.follow(target, 'whole', 0));

    expect([first.fresh, again.fresh, first.dir]).toEqual([true, false, `${target.base}/whole`]);
    expect(output.toString()).toBe("it's\n$(id)\n5\n");
    expect(end).toEqual({ kind: 'exited', code: 3, size: output.length, truncated: false, cancelled: false });
    expect(valueOf(await jobs.state(target, 'whole'))).toEqual(end);
    expect(told(await jobs.remove(target, 'whole'))).toBe('ok');
    expect(valueOf(await jobs.state(target, 'whole'))).toEqual({ kind: 'none' });
  });

  it('kills, voids and probes', async () => {
    await jobs.start(target, { jid: 'long', body: 'sleep 331', params: {} });
    expect(valueOf(await jobs.kill(target, 'long', 2))).toEqual(
      expect.objectContaining({ kind: 'exited', code: 143, cancelled: true }),
    );
    expect(valueOf(await jobs.void(target, 'never'))).toEqual({ kind: 'lost', why: 'nostart', size: 0 });

    const probe = valueOf(await jobs.probe(target));
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
    let lossesSeen = 0;
    const finished = Promise.all(running).finally(() => {
      done = true;
    });
    while (!done && cuts < 40) {
      const pause = monotonicMs() + 40 + jitter(160);
      await until('the pause is over', () => done || monotonicMs() > pause);
      cuts += (await sshd.cutConnections()) > 0 ? 1 : 0;
    }

    for (const [index, { output, end, losses }] of (await finished).entries()) {
      expect(output.toString()).toBe(expected);
      expect(end).toEqual(expect.objectContaining({ kind: 'exited', code: 37 + index, size: output.length }));
      expect(await readFile(join(target.base, `chaos${index + 1}`, 'runs'), 'utf8')).toBe('run\n');
      lossesSeen += losses;
    }
    expect(cuts).toBeGreaterThan(9);
    expect(lossesSeen).toBeGreaterThan(3); // the others came while nobody was reading
  });

  it('runs nothing when the link is lost while the request is still being sent', async () => {
    const { text } = helperCall(target.base, 'cut', { verb: 'start', script: 'true', capBytes: 512, stdin: '' });
    const places = [20, 50, 90, 99.9].map((percent) => Math.floor((HELPER.length * percent) / 100));
    const betweenArguments = text.lastIndexOf("' 'END'") + 1;

    for (const place of [...places, betweenArguments]) {
      const stream = valueOf(await transport.exec(target, text.slice(0, place)));
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
    expect(valueOf(await jobs.state(target, 'quiet')).kind).toBe('running');
    await jobs.kill(target, 'quiet', 0);
  });
});

describe('the job directory', () => {
  it('may be deep, and made at the first job', async () => {
    const base = `${target.base}/deeper/still`;
    await jobs.start({ ...target, base }, { jid: 'j', body: 'echo hi', params: {} });
    expect((await collected(jobs.follow({ ...target, base }, 'j', 0))).output.toString()).toBe('hi\n');
  });

  it('is named when it cannot be written to', async () => {
    const base = join(sshd.dir, 'closed');
    await mkdir(base, { mode: 0o555 });
    expect(told(await jobs.start({ ...target, base: `${base}/jobs` }, { jid: 'j', body: 'true', params: {} }))).toBe(
      `precheck_failed: the account on testhost cannot write to ${base}/jobs`,
    );
  });
});
