import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PostgresLeftovers } from '../../../src/adapters/postgres/leftover-store.ts';
import { openPool } from '../../../src/adapters/postgres/pool.ts';
import { ask, said } from '../../support/ask.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

describe('P1 a production backup outside working hours', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('waits for two approvals, says why, runs, and ends with a backup on the host', async () => {
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    expect(shown(card)).toContain('0 of 2 approvals. This is outside working hours.');
    await lab.approve(id);
    const done = await lab.untilState(id, ['succeeded', 'failed', 'lost']);
    expect(done.text).toContain('succeeded');
    expect(shown(done)).toMatch(/Path.*db_backup\/acme-\d{8}T\d{6}Z-8\.1\.0/);
    expect(shown(done)).toMatch(/sha256.*[0-9a-f]{64}/);
    const thread = await until('the log file', () => {
      const replies = lab.operator.thread(done.channel, done.ts);
      return replies.some((reply) => reply.files.length > 0) ? replies : null;
    });
    expect(thread.map(shown).join('\n')).toContain('pg_dump: saving database definition');
    expect(lab.workspace.journal.violations).toEqual([]);
  });

  it('leaves no more than the end of its jobs on the host a week later, and still shows its log', async () => {
    const [operation] = await lab.rows<{ id: string }>('select id from twokey.operation');
    const id = operation?.id ?? '';
    const jobs = async () => (await lab.rows<{ jid: string }>('select jid from twokey.job')).map((row) => row.jid);
    const left = async () => {
      const files = (await jobs()).map((jid) => readdir(join(lab.sshd.target.base, jid)));
      return (await Promise.all(files)).filter((names) => names.join() !== 'rc');
    };
    expect(await left()).toHaveLength(5);
    await lab.rows(`update twokey.operation set ended_at = ended_at - interval '8 days' where id = $1`, [id]);
    // A step of which nobody saw the end keeps its folder, as cleaning up may in an operation that failed.
    const pool = openPool(lab.postgres.url('twokey'), () => undefined, 1);
    const due = async () => (await new PostgresLeftovers(pool).due()).length;
    const [step] = await lab.rows<{ state: string }>('select state from twokey.step where operation = $1 and n = 1', [
      id,
    ]);
    const mark = 'update twokey.step set state = $2 where operation = $1 and n = 1';
    await lab.rows(mark, [id, 'lost']);
    expect(await due()).toBe(4);
    await lab.rows(mark, [id, step?.state]);
    expect(await due()).toBe(5);
    await pool.end();
    // Looked for at each start.
    await lab.bot();
    await until('the folders are emptied', async () => (await left()).length === 0);
    await until(
      'that is noted',
      async () => (await lab.rows('select from twokey.job where removed_at is null')).length === 0,
    );
    expect(said(await ask(lab.operator, `/ops log ${id}`))).toContain('pg_dump');
  });
});
