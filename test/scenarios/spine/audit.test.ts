import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runTool } from '../../support/evidence.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { auditOf, ordered } from '../../support/story.ts';
import { until } from '../../support/until.ts';

describe('P9 the audit log', () => {
  let lab: Lab;
  let operation: string;
  const verify = () => runTool(lab, 'audit', 'verify');
  /** Changes the log as only a superuser can who switches the triggers off, asks for a verdict, and changes it back. */
  async function tampered(change: string, back: string) {
    const off = (sql: string) =>
      `begin; alter table twokey.audit disable trigger all; ${sql}; alter table twokey.audit enable trigger all; commit`;
    await lab.rows(off(change));
    const verdict = await verify();
    await lab.rows(off(back));
    return verdict;
  }

  beforeAll(async () => {
    lab = await startLab();
    const bot = await lab.bot();
    operation = await ordered(lab);
    await lab.operator.click('Approve', { in: await lab.card(operation) });
    // A click is acknowledged before it is judged.
    await until('the refusal is recorded', async () => (await auditOf(lab, operation)).includes('vote.refused'));
    await lab.approve(operation);
    await lab.untilState(operation, 'succeeded');
    expect(await bot.stop()).toBe(0);
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });

  it('tells the whole story, and its chain is intact', async () => {
    const told = await auditOf(lab, operation);
    expect(told.filter((action) => !action.startsWith('button.'))).toEqual([
      'operation.requested',
      'vote.refused',
      'vote.approve',
      'vote.approve',
      'operation.started',
      ...[1, 2, 3, 4, 5].flatMap((n) => [`step.started ${n}`, `step.succeeded ${n}`]),
      'operation.succeeded',
    ]);
    const [count] = await lab.rows<{ count: number }>('select count(*)::int as count from twokey.audit');
    expect(await verify()).toEqual({
      code: 0,
      said: expect.stringMatching(new RegExp(`^intact: ${count?.count} rows, head [0-9a-f]{64}$`)),
    });
  });

  it('PostgreSQL refuses to change, remove or empty it, also for its owner', async () => {
    for (const sql of [
      `update twokey.audit set actor = 'somebody else' where seq = 3`,
      'delete from twokey.audit where seq = 3',
      'truncate twokey.audit',
      'truncate twokey.audit cascade',
    ]) {
      await expect(lab.rows(sql)).rejects.toThrow('the audit log is append-only');
    }
  });

  it('a changed row is found and named', async () => {
    const verdict = await tampered(
      `update twokey.audit set data = data || '{"site":"other"}' where seq = 5`,
      `update twokey.audit set data = (data - 'site') || case when action = 'operation.requested' then '{"site":"acme"}'::jsonb else '{}' end where seq = 5`,
    );
    expect(verdict).toEqual({ code: 1, said: 'BROKEN at row 5: row 5 was changed' });
  });

  it('a changed row whose own hash was made to fit is found by the row after it', async () => {
    const verdict = await tampered(
      `create table public.kept as select * from twokey.audit where seq = 5;
       update twokey.audit set actor = 'U0EVIL' where seq = 5;
       update twokey.audit set hash = twokey.audit_hash(seq, at, actor, action, subject, data, previous) where seq = 5`,
      `update twokey.audit a set actor = k.actor, hash = k.hash from public.kept k where k.seq = a.seq; drop table public.kept`,
    );
    expect(verdict).toEqual({ code: 1, said: 'BROKEN at row 6: row 6 does not follow the row before it' });
  });

  it('a deleted row is found and named', async () => {
    const verdict = await tampered(
      'create table public.kept as select * from twokey.audit where seq = 4; delete from twokey.audit where seq = 4',
      'insert into twokey.audit select * from public.kept; drop table public.kept',
    );
    expect(verdict).toEqual({ code: 1, said: 'BROKEN at row 4: row 4 is missing' });
  });

  it('two rows that changed places are found', async () => {
    const swap = `update twokey.audit set seq = -6 where seq = 6; update twokey.audit set seq = 6 where seq = 7;
      update twokey.audit set seq = 7 where seq = -6`;
    const verdict = await tampered(swap, swap);
    expect(verdict).toEqual({ code: 1, said: 'BROKEN at row 6: row 6 does not follow the row before it' });
    // Everything was put back, and nothing else was touched.
    expect((await verify()).code).toBe(0);
  });
});
