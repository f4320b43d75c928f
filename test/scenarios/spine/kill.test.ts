import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../../support/bot.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import {
  auditOf,
  backupsOf,
  fiveJobs,
  jobsOf,
  journalOf,
  numberedLines,
  ordered,
  printed,
  shownOutput,
  unlessVersion,
  untilLogged,
  untilPrinted,
} from '../../support/story.ts';
import { until } from '../../support/until.ts';

const STEPS = [1, 2, 3, 4, 5];

describe('P3 P4 kill -9 of the bot', () => {
  let lab: Lab;
  let bot: Bot;
  const again = async (): Promise<void> => {
    await bot.kill();
    bot = await lab.bot();
  };
  beforeAll(async () => {
    lab = await startLab();
    bot = await lab.bot();
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });

  /** Everything that must hold of a backup, however often the bot died meanwhile. */
  async function expectOneWholeBackup(id: string): Promise<void> {
    expect(await jobsOf(lab, id)).toEqual(fiveJobs(id));
    const thread = await untilLogged(lab, id);
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
    const steps = await lab.rows(
      'select n, state, exit_code, attempt from twokey.step where operation = $1 order by n',
      [id],
    );
    expect(steps).toEqual(STEPS.map((n) => ({ n, state: 'succeeded', exit_code: 0, attempt: 1 })));
    const audit = await auditOf(lab, id);
    for (const n of STEPS) {
      expect(audit.filter((action) => action === `step.started ${n}`)).toHaveLength(1);
      expect(audit.filter((action) => action === `step.succeeded ${n}`)).toHaveLength(1);
    }
    expect(audit.filter((action) => action === 'operation.started')).toHaveLength(1);
    expect(audit.at(-1)).toBe('operation.succeeded');
  }

  it('in the middle of the output: the same job is re-attached, and not a byte is lost or doubled', async () => {
    const log = join(lab.siteDir, 'started');
    await lab.tools({
      pg_dump: unlessVersion(
        `echo "$TWOKEY_JOB" >>'${log}'\n${numberedLines(400, 0.008)}\nprintf 'no line feed ends this: 尾'; sleep 1; echo`,
      ),
    });
    const id = await ordered(lab);
    await lab.approve(id);
    const jid = `${id}-2-1`;
    await untilPrinted(lab, jid, 'Zeile № 0120');
    const before = (await journalOf(lab, jid)).length;
    expect(before).toBeGreaterThan(0);
    await again();
    const readyAt = performance.now();
    await until('the journal goes on', async () => (await journalOf(lab, jid)).length > before);
    const took = Math.round(performance.now() - readyAt);
    console.info(`measured: one replica restarted, ready to next journal byte ${took} ms`);
    expect(took).toBeLessThan(3_000);
    await untilPrinted(lab, jid, 'ends this: 尾');
    await again();
    await lab.untilState(id, 'succeeded');
    await expectOneWholeBackup(id);
    expect(await readFile(log, 'utf8')).toBe(`${jid}\n`);
    expect(await backupsOf(lab)).toHaveLength(1);
  });

  it('right after the deciding vote and right after each step began or ended: one backup, each step once', async () => {
    await lab.tools({});
    const before = await backupsOf(lab);
    const id = await ordered(lab);
    await using client = await watcher();
    await lab.approve(id);
    // A click is acknowledged before it is recorded.
    await until('both votes are recorded', async () => {
      const votes = (await auditOf(lab, id)).filter((action) => action === 'vote.approve');
      return votes.length === 2;
    });
    await again();
    const killedAt: string[] = [];
    for (const event of STEPS.flatMap((n) => [`step.started ${n}`, `step.succeeded ${n}`])) {
      const seen = await client.next(id, event);
      if (seen === 'last') {
        killedAt.push(event);
        await again();
      }
    }
    await lab.untilState(id, 'succeeded');
    console.info(`measured: killed at ${killedAt.length} of 10 boundaries`);
    expect(killedAt.length).toBeGreaterThanOrEqual(6);
    await expectOneWholeBackup(id);
    expect(await backupsOf(lab)).toHaveLength(before.length + 1);
  }, 90_000);

  it('between the messages of the thread: each appears once, in order', async () => {
    await lab.tools({ pg_dump: unlessVersion(numberedLines(150, 0.02)) });
    const id = await ordered(lab);
    await lab.approve(id);
    let posted = lab.workspace.journal.calls('chat.postMessage').length;
    for (let kills = 0; kills < 3; kills += 1) {
      const want = posted + 1;
      posted = await until('the next message', () => {
        const count = lab.workspace.journal.calls('chat.postMessage').length;
        return count >= want ? count : null;
      });
      await again();
    }
    await lab.untilState(id, 'succeeded');
    await expectOneWholeBackup(id);
  });

  /** Looks without pause, so that the kill comes right after the row. */
  async function watcher() {
    const client = new pg.Client({ connectionString: lab.postgres.url('twokey') });
    await client.connect();
    return {
      /** Waits for an event; `last` when nothing has been recorded after it. */
      async next(id: string, event: string): Promise<'last' | 'passed'> {
        const deadline = performance.now() + 20_000;
        while (performance.now() < deadline) {
          const { rows } = await client.query<{ name: string }>(
            `select action || ' ' || (data ->> 'n') as name from twokey.audit where subject = $1 and action like 'step.%' order by seq`,
            [id],
          );
          const at = rows.findIndex(({ name }) => name === event);
          if (at >= 0) return at === rows.length - 1 ? 'last' : 'passed';
        }
        throw new Error(`${event} never came`);
      },
      [Symbol.asyncDispose]: () => client.end(),
    };
  }
});
