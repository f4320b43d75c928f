import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DUMP_PASSWORD, type Lab, shown, startLab } from '../../support/lab.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';
import {
  auditOf,
  download,
  fiveJobs,
  jobsOf,
  journalOf,
  numberedLines,
  ordered,
  printed,
  type Reply,
  shownOutput,
  threadOf,
  unlessVersion,
  untilLogged,
  untilPrinted,
} from '../../support/story.ts';
import { until } from '../../support/until.ts';

const SITE = `
  create table users (id integer primary key); create table projects (id integer); create table media (id integer);
  create table events (id integer); insert into users select generate_series(1, 1000);
  create role twokey_backup login password '${DUMP_PASSWORD}'; grant pg_read_all_data to twokey_backup;`;

describe('P3 P4 what Twokey leans on goes away', () => {
  let lab: Lab;
  let own: TestPostgres;
  beforeAll(async () => {
    // The site's database on a server of its own, so that Twokey's can be killed alone.
    own = await startPostgres();
    await own.create('acme', SITE);
    lab = await startLab({ workingHours: 'always', database: { port: own.port } });
    await lab.bot();
  });
  beforeEach(() => until('Twokey is connected', () => lab.workspace.connections > 0));
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
    await own[Symbol.asyncDispose]();
  });

  /** The thread shows every byte of every job in order and once, and the log file hangs in it once. */
  async function expectWhole(id: string): Promise<Reply[]> {
    const thread = await untilLogged(lab, id);
    expect(await jobsOf(lab, id)).toEqual(fiveJobs(id));
    for (const jid of fiveJobs(id)) {
      const out = await printed(lab, jid);
      expect((await journalOf(lab, jid)).equals(out)).toBe(true);
      expect(shownOutput(thread, jid).toString()).toBe(out.toString());
    }
    const keys = thread.map((reply) => reply.key).filter((key) => key !== '');
    expect(new Set(keys).size).toBe(keys.length);
    expect(thread.flatMap((reply) => reply.files)).toHaveLength(1);
    const cards = lab.operator.sees().filter((one) => !one.ephemeral && one.text.includes(`Operation ${id}`));
    expect(cards).toHaveLength(1);
    return thread;
  }

  it('Twokey’s own PostgreSQL is killed twice in the middle of a dump: the operation succeeds, nothing lost or doubled', async () => {
    await lab.tools({ pg_dump: unlessVersion(numberedLines(160, 0.03)) });
    const id = await ordered(lab);
    for (const line of ['0020', '0080']) {
      await untilPrinted(lab, `${id}-2-1`, `Zeile № ${line}`);
      await lab.postgres.kill();
      const later = String(Number(line) + 25).padStart(4, '0');
      await untilPrinted(lab, `${id}-2-1`, `Zeile № ${later}`);
      await lab.postgres.start();
    }
    await lab.untilState(id, 'succeeded', 40_000);
    await expectWhole(id);
    const audit = await auditOf(lab, id);
    expect(audit.filter((action) => action.startsWith('step.started'))).toHaveLength(5);
    expect(audit.filter((action) => action.startsWith('step.succeeded'))).toHaveLength(5);
  });

  it('Slack is down while output goes on, then back: the thread goes on in order, without a gap or a double', async () => {
    await lab.tools({ pg_dump: unlessVersion(numberedLines(200, 0.03)) });
    const id = await ordered(lab);
    await until('the thread shows the dump', async () => {
      const thread = await threadOf(lab, id);
      return thread.some((reply) => reply.jid === `${id}-2-1`);
    });
    await lab.untilState(id, 'running');
    lab.workspace.faults.down();
    await untilPrinted(lab, `${id}-2-1`, 'Zeile № 0200');
    await until('the whole operation is over meanwhile', async () =>
      (await auditOf(lab, id)).includes('operation.succeeded'),
    );
    const seen = await lab.card(id);
    expect(seen.text).toContain(': running.');
    expect(lab.operator.thread(seen.channel, seen.ts).map(shown).join('\n')).not.toContain('Zeile № 0200');
    lab.workspace.faults.up();
    const card = await lab.untilState(id, 'succeeded');
    expect(shown(card)).toMatch(/sha256/);
    await expectWhole(id);
  });

  it('Slack does what it was asked and then breaks its answer, or asks for patience: no message twice, none missing', async () => {
    await lab.tools({ pg_dump: unlessVersion(numberedLines(40, 0.01)) });
    const { faults } = lab.workspace;
    faults.add({ method: 'chat.postMessage', dropConnection: true, afterEffect: true, times: 2 });
    faults.add({ method: 'chat.postMessage', error: 'internal_error', afterEffect: true, times: 1 });
    faults.add({ method: 'chat.postMessage', httpStatus: 502, afterEffect: true, times: 1 });
    faults.add({ method: 'chat.postMessage', retryAfterSec: 1, times: 1 });
    faults.add({ method: 'chat.update', retryAfterSec: 1, times: 2 });
    faults.add({ method: 'files.getUploadURLExternal', httpStatus: 503, times: 1 });
    faults.add({ method: 'files.completeUploadExternal', dropConnection: true, afterEffect: true, times: 1 });
    const id = await lab.request('/ops backup acme');
    await lab.untilState(id, 'succeeded');
    await expectWhole(id);
    const broken = lab.workspace.journal.calls().filter((call) => call.fault);
    expect(broken.filter((call) => call.method === 'chat.postMessage')).toHaveLength(5);
    expect(broken.filter((call) => call.method.startsWith('files.'))).toHaveLength(2);
    await until('the log is settled', async () => {
      const [row] = await lab.rows<{ log_done: boolean }>('select log_done from twokey.card where operation = $1', [
        id,
      ]);
      return row?.log_done;
    });
    expect((await threadOf(lab, id)).flatMap((reply) => reply.files)).toHaveLength(1);
  });

  it('a tool floods the log with 5 MB: the thread says how many lines it skips, the file has every byte', async () => {
    const flood = `awk 'BEGIN { for (n = 1; n <= 90000; n++) printf "line %06d größe ✓ ........................................\\n", n }'`;
    await lab.tools({ pg_dump: unlessVersion(flood) });
    const id = await ordered(lab);
    await lab.untilState(id, 'succeeded');
    const thread = await untilLogged(lab, id, 40_000);
    const jid = `${id}-2-1`;
    const out = await printed(lab, jid);
    const journal = await journalOf(lab, jid);
    expect(out.length).toBeGreaterThan(5_000_000);
    expect(journal.equals(out)).toBe(true);

    // What is not skipped is shown as it is; what is skipped is counted right, line for line.
    const pictured = shownOutput(thread, jid);
    expect(pictured.length).toBe(out.length);
    let skipped = 0;
    for (const reply of thread.filter((one) => one.jid === jid)) {
      const span = out.subarray(reply.start, reply.start + reply.length);
      if (reply.output === null) {
        const said = /^(\d+) lines \((\d+) bytes\) of step 2 are skipped here/.exec(reply.text);
        expect(Number(said?.[2])).toBe(reply.length);
        expect(Number(said?.[1])).toBe(span.toString('latin1').split('\n').length - 1);
        expect(out.subarray(reply.start + reply.length - 1, reply.start + reply.length).toString()).toBe('\n');
        skipped += reply.length;
      } else expect(pictured.subarray(reply.start, reply.start + reply.length).equals(span)).toBe(true);
    }
    expect(skipped).toBeGreaterThan(4_000_000);
    expect(thread.length).toBeLessThan(40);

    const file = thread.flatMap((reply) => reply.files)[0];
    expect(file?.name).toBe(`twokey-${id}.log.gz`);
    const whole = gunzipSync(await download(lab, file?.id ?? ''));
    const at = whole.indexOf(`(${jid}, ${out.length} bytes) ────\n`);
    const from = whole.indexOf('\n', at) + 1;
    expect(whole.subarray(from, from + out.length).equals(out)).toBe(true);
  });
});
