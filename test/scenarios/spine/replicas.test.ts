import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../../src/kernel/clock.ts';
import type { Bot } from '../../support/bot.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import {
  backupsOf,
  fiveJobs,
  jobsOf,
  journalOf,
  numberedLinesUntil,
  ordered,
  printed,
  shownOutput,
  unlessVersion,
  untilLogged,
  untilPrinted,
} from '../../support/story.ts';
import { until } from '../../support/until.ts';

/** A bot with the name under which the engine knows it. */
interface Replica {
  readonly bot: Bot;
  readonly executor: string;
}

const MIGRATIONS = new URL('../../../src/adapters/postgres/migrations/', import.meta.url);

describe('P3 two bots on one database', () => {
  let lab: Lab;
  const alive: Replica[] = [];

  async function enlist(): Promise<void> {
    const leases = async () =>
      (await lab.rows<{ executor: string }>('select executor from twokey.lease')).map((row) => row.executor);
    const before = await leases().catch((): string[] => []);
    const bot = await lab.bot();
    const executor = (await leases()).find((one) => !before.includes(one));
    if (executor === undefined) throw new Error('the new bot has no lease');
    alive.push({ bot, executor });
  }
  async function kill(replica: Replica): Promise<void> {
    alive.splice(alive.indexOf(replica), 1);
    await replica.bot.kill();
  }
  /** The replica that runs an operation. */
  const runnerOf = (operation: string): Promise<Replica> =>
    until(`somebody runs ${operation}`, async () => {
      const [row] = await lab.rows<{ executor_id: string }>(
        `select executor_id from dbos.workflow_status where workflow_uuid = $1 and status = 'PENDING'`,
        [`${operation}:1`],
      );
      return alive.find((one) => one.executor === row?.executor_id);
    });
  const announcers = async (): Promise<number> => {
    const rows = await lab.rows(
      `select from pg_locks where locktype = 'advisory' and granted
         and ((classid::bigint << 32) | objid::bigint) = hashtextextended('announcer', 11)`,
    );
    return rows.length;
  };

  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always', staging: true, moreSites: 2 });
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });

  it('start at once on an empty database: the schema is made once', async () => {
    await lab.postgres.create('empty');
    const bots = await Promise.all([1, 2].map(() => lab.bot({ DATABASE_URL: lab.postgres.url('empty') })));
    const applied = await lab.postgres.query('empty', 'select name from twokey.migration order by version');
    const shipped = (await readdir(MIGRATIONS)).filter((file) => file.endsWith('.sql')).sort();
    expect(applied).toEqual(shipped.map((name) => ({ name })));
    const leases = await lab.postgres.query('empty', 'select executor from twokey.lease');
    expect(leases).toHaveLength(2);
    await Promise.all(bots.map((bot) => bot.kill()));
    await until('Slack has noticed', () => lab.workspace.connections === 0);
  });

  it('the other one takes over when the one that runs an operation is killed, byte for byte', async () => {
    await enlist();
    await enlist();
    // It prints until it is let go, however long the kills and the new bots take.
    const enough = join(lab.sshd.dir, 'enough');
    await lab.tools({ pg_dump: unlessVersion(numberedLinesUntil(enough, 0.03)) });
    const id = await ordered(lab);
    const jid = `${id}-2-1`;
    for (const line of ['0020', '0070']) {
      await untilPrinted(lab, jid, `Zeile № ${line}`);
      const runner = await runnerOf(id);
      await kill(runner);
      const before = (await journalOf(lab, jid)).length;
      await until('the journal goes on', async () => (await journalOf(lab, jid)).length > before, 20_000);
      expect((await runnerOf(id)).executor).not.toBe(runner.executor);
      await enlist();
    }
    await writeFile(enough, '');
    await lab.untilState(id, 'succeeded');
    const thread = await untilLogged(lab, id);
    expect(await jobsOf(lab, id)).toEqual(fiveJobs(id));
    for (const one of fiveJobs(id)) {
      const out = await printed(lab, one);
      expect((await journalOf(lab, one)).equals(out)).toBe(true);
      expect(shownOutput(thread, one).toString()).toBe(out.toString());
    }
    expect(thread.flatMap((reply) => reply.files)).toHaveLength(1);
  });

  it('twenty operations and eight random kills: each succeeds, each command started once, one announcer at a time', async () => {
    const log = join(lab.siteDir, 'started');
    await lab.tools({ pg_dump: unlessVersion(`echo "$TWOKEY_JOB" >>'${log}'\nsleep 0.4`) });
    const already = (await backupsOf(lab)).length;
    const ids: string[] = [];
    // Work of one site waits for one another, so four of them keep both bots busy.
    const sites = ['acme', 'acme-staging', 'acme-2', 'acme-3'];
    for (let n = 0; n < 20; n += 1) ids.push(await lab.request(`/ops backup ${sites[n % sites.length]}`));
    let most = 0;
    for (let kills = 0; kills < 8; kills += 1) {
      // A spread of moments and victims that is the same in every run.
      await sleep((kills * 137) % 400);
      const victim = alive[(kills * 7 + 3) % alive.length];
      if (victim) await kill(victim);
      most = Math.max(most, await announcers());
      if (alive.length < 2) await enlist();
      most = Math.max(most, await announcers());
    }
    const states = await until(
      'all operations have ended',
      async () => {
        const rows = await lab.rows<{ state: string; ended: boolean }>(
          'select state, ended_at is not null as ended from twokey.operation where id = any($1)',
          [ids],
        );
        return rows.every((row) => row.ended) ? rows.map((row) => row.state) : null;
      },
      60_000,
    );
    expect(states).toEqual(ids.map(() => 'succeeded'));
    expect(most).toBe(1);
    const jobs = await lab.rows<{ operation: string; count: number }>(
      'select operation, count(*)::int as count from twokey.job where operation = any($1) group by operation',
      [ids],
    );
    expect(jobs.map((row) => row.count)).toEqual(ids.map(() => 5));
    const started = (await readFile(log, 'utf8')).trim().split('\n');
    expect(started.sort()).toEqual(
      ids
        .filter((_, n) => sites[n % sites.length] !== 'acme-staging')
        .map((id) => `${id}-2-1`)
        .sort(),
    );
    expect(await backupsOf(lab)).toHaveLength(already + 15);
    const cards = lab.operator.sees().filter((one) => !one.ephemeral);
    for (const id of ids) expect(cards.filter((card) => card.text.includes(`Operation ${id}`)).length).toBeLessThan(2);
  }, 120_000);
});
