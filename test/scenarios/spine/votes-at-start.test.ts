import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Human } from '../../../src/workspace/human.ts';
import { cardSays, deny, press, said, untilRow } from '../../support/ask.ts';
import { runTool } from '../../support/evidence.ts';
import { holdSite } from '../../support/hold.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'lost'];

describe('P2 votes between the last click and the start', () => {
  let lab: Lab;
  let third: Human;
  beforeAll(async () => {
    lab = await startLab({ roles: { approver: ['S0APPR'] } });
    third = lab.workspace.addUser('U0APC', 'approver-c');
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APB', 'U0APC']);
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const operation = async (id: string) => {
    const [row] = await lab.rows<{ state: string; generation: number; plan_hash: string; started_at: Date | null }>(
      'select state, generation, plan_hash, started_at from twokey.operation where id = $1',
      [id],
    );
    return row;
  };
  const voidVotes = (id: string) =>
    lab.rows<{ person: string; void_reason: string }>(
      'select person, void_reason from twokey.vote where operation = $1 and void_reason is not null order by person',
      [id],
    );
  async function approved(...people: readonly Human[]): Promise<string> {
    const id = await lab.request('/ops backup acme');
    for (const person of people) await press(person, 'Approve', await lab.card(id));
    await untilRow(lab, id, 'queued', 'running');
    return id;
  }

  it('a withdrawn vote opens the request again, a denial ends it, and neither has touched the host', async () => {
    const held = await holdSite(lab);
    const id = await approved(lab.approverA, lab.approverB);
    expect(said(await press(lab.approverA, 'Withdraw', await lab.card(id)))).toContain('Your vote is withdrawn.');
    const open = await cardSays(lab, id, /1 of 2 approvals/);
    expect(open).toMatch(/<@U0APA> approved .*, withdrawn/);
    expect(said(await press(third, 'Approve', await lab.card(id)))).toContain('the last one needed');
    const queued = await lab.untilState(id, 'queued');
    expect(said(await deny(lab.approverA, queued, 'Not tonight'))).toContain('You denied it.');
    expect((await lab.untilState(id, ENDED)).text).toContain(': denied.');
    await held.release();
    expect(await untilRow(lab, held.operation, ...ENDED)).toBe('succeeded');
    await until('the queue has come past it', async () => {
      const runs = await lab.rows<{ status: string }>(
        'select status from dbos.workflow_status where workflow_uuid like $1',
        [`${id}:%`],
      );
      return runs.length === 2 && runs.every((run) => run.status === 'SUCCESS');
    });
    expect(await operation(id)).toMatchObject({ state: 'denied', started_at: null });
    expect(await lab.rows('select 1 from twokey.job where operation = $1', [id])).toEqual([]);
  });

  it('P1 the vote of somebody who may not approve any more is void at the start, and the card says so', async () => {
    const held = await holdSite(lab);
    const ids = [
      await approved(lab.approverA, lab.approverB),
      await approved(lab.approverA, third),
      await approved(lab.approverB, third),
    ];
    lab.workspace.updateUser('approver-a', { deactivated: true });
    lab.workspace.updateUser('approver-b', { guest: true });
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APB']);
    await held.release();
    for (const id of ids) {
      const card = await cardSays(lab, id, /A vote no longer counts/);
      expect(card).toContain('0 of 2 approvals');
      expect(card).toMatch(/<@U0AP[ABC]> approved .*, void: no longer an approver/);
      expect(await voidVotes(id)).toHaveLength(2);
      expect(await operation(id)).toMatchObject({ started_at: null });
    }
    lab.workspace.updateUser('approver-a', { deactivated: false });
    lab.workspace.updateUser('approver-b', { guest: false });
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APB', 'U0APC']);
    const [first = ''] = ids;
    expect(said(await press(lab.approverA, 'Approve', await lab.card(first)))).toContain('1 of 2');
    expect((await voidVotes(first)).map((vote) => vote.person)).toEqual(['U0APB']);
    for (const id of ids) await press(lab.operator, 'Cancel', await lab.card(id));
  });

  it('drift voids the votes, the card says what changed, and only the new plan runs once it is approved', async () => {
    const held = await holdSite(lab);
    const id = await approved(lab.approverA, lab.approverB);
    const before = await operation(id);
    const file = join(lab.home, 'estate-next.yml');
    const estate = await readFile(join(lab.home, 'estate.yml'), 'utf8');
    await writeFile(file, estate.replace('version: 8.1.0', 'version: 8.2.0'));
    expect((await runTool(lab, 'estate', 'import', file, '--yes')).said).toContain('imported');
    await held.release();
    const text = await cardSays(lab, id, /no longer what was approved/);
    expect(text).toContain('0 of 2 approvals');
    expect(text).toMatch(/no longer what was approved: .*version: 8\.1\.0 → 8\.2\.0/);
    expect(text).toContain('*Next:* 2 approvers other than <@U0REQ> press *Approve*.');
    expect(text).toContain('(version 2)');
    expect((await voidVotes(id)).map((vote) => vote.void_reason)).toEqual(['drift', 'drift']);
    expect(await operation(id)).toMatchObject({ generation: 2, started_at: null });
    expect((await operation(id))?.plan_hash).not.toBe(before?.plan_hash);
    expect(said(await press(lab.operator, 'Approve', await lab.card(id)))).toContain('your own approval cannot count');
    expect(said(await press(lab.approverA, 'Approve', await lab.card(id)))).toContain('1 of 2');
    expect(said(await press(third, 'Approve', await lab.card(id)))).toContain('the last one needed');
    const done = await lab.untilState(id, ENDED);
    expect(done.text).toContain(': succeeded.');
    expect(shown(done)).toMatch(/Path.*-8\.2\.0/);
    expect(shown(done)).not.toContain('*Next:*');
    expect((await readdir(join(lab.siteDir, 'db_backup'))).filter((name) => name.endsWith('-8.2.0'))).toHaveLength(1);
    expect(
      await lab.rows(`select 1 from twokey.audit where subject = $1 and action = 'operation.drifted'`, [id]),
    ).toHaveLength(1);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
