import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ask, said, untilRow } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { holdingDump, holdSite } from '../../support/hold.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';

const ENDED = ['succeeded', 'failed', 'cancelled', 'lost'];

interface Row extends Record<string, unknown> {
  readonly state: string;
  readonly quorum: number;
  readonly verdict: { readonly kind: string; readonly why: string };
  readonly votes: number;
}

async function row(lab: Lab, id: string): Promise<Row | undefined> {
  const rows = await lab.rows<Row>(
    `select state, quorum, verdict, (select count(*)::int from twokey.vote where operation = o.id) as votes
       from twokey.operation o where id = $1`,
    [id],
  );
  return rows[0];
}

describe('P1 outside working hours', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('a request that the approvers who are left cannot decide is refused, naming who could approve', async () => {
    lab.workspace.updateUser('approver-b', { deactivated: true });
    const before = await lab.rows('select id from twokey.operation');
    const refused = said(await ask(lab.operator, '/ops backup acme'));
    expect(refused).toContain('needs 2 approvals');
    expect(refused).toContain('only <@U0APA> can approve');
    expect(refused).toMatch(/Next:/);
    expect(await lab.rows('select id from twokey.operation')).toEqual(before);
    expect(await lab.rows(`select 1 from twokey.audit where data->>'code' = 'quorum_unreachable'`)).toHaveLength(1);
    lab.workspace.updateUser('approver-b', { deactivated: false });
    const id = await lab.request('/ops backup acme');
    expect(said(await ask(lab.operator, `/ops cancel ${id}`))).toContain('cancelled before it started');
    expect((await lab.untilState(id, 'cancelled')).text).toContain(': cancelled.');
  });

  it('a configuration whose approvers can never be enough does not start', async () => {
    const file = join(lab.home, 'too-few.yml');
    await writeFile(file, stringify(labConfiguration({ policy: { quorum: 3 } })));
    await expect(lab.bot({ TWOKEY_CONFIG: file })).rejects.toThrow(/3 approvals can never be reached: U0APA, U0APB/);
  });

  it('leaves nothing that Slack would not forgive', () => expect(lab.workspace.journal.violations).toEqual([]));
});

describe('P1 in working hours', () => {
  let lab: Lab;
  let bot: Bot;
  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always' });
    bot = await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('routine work on production runs at once and is recorded', async () => {
    const id = await lab.request('/ops backup acme');
    expect((await lab.untilState(id, ENDED)).text).toContain(': succeeded.');
    expect(await row(lab, id)).toMatchObject({ quorum: 0, votes: 0 });
    const audit = await lab.rows<{ actor: string; action: string; why: string | null }>(
      `select actor, action, data->'verdict'->>'why' as why from twokey.audit
        where subject = $1 and action like 'operation.%' order by seq`,
      [id],
    );
    expect(audit).toEqual([
      {
        actor: 'U0REQ',
        action: 'operation.requested',
        why: 'Routine work in working hours runs at once and is recorded.',
      },
      {
        actor: 'twokey',
        action: 'operation.started',
        why: 'Routine work in working hours runs at once and is recorded.',
      },
      { actor: 'twokey', action: 'operation.succeeded', why: null },
    ]);
  });

  it('P2 what was asked for in working hours and finds another plan at its start does not run', async () => {
    const held = await holdSite(lab);
    const id = await lab.request('/ops backup acme');
    await lab.tools({
      pg_dump: `[ "$*" = --version ] && { echo 'pg_dump (PostgreSQL) 99.1'; exit; }\n${holdingDump(lab)}`,
    });
    await held.release();
    const card = await lab.untilState(id, ENDED);
    expect(card.text).toContain(': failed.');
    expect(shown(card)).toMatch(/no longer what was asked for: .*tool_version: \d+\.\d+ → 99\.1/);
    expect(shown(card)).toContain('Retry');
    expect(await lab.rows('select 1 from twokey.job where operation = $1', [id])).toEqual([]);
  });

  it('what waited in the queue until working hours were over needs the two approvals after all', async () => {
    const held = await holdSite(lab);
    const id = await lab.request('/ops backup acme');
    await untilRow(lab, id, 'queued');
    expect(await bot.stop()).toBe(0);
    await writeFile(join(lab.home, 'twokey.yml'), stringify(labConfiguration({})));
    bot = await lab.bot();
    await held.release();
    const card = await lab.untilState(id, 'awaiting approval');
    expect(shown(card)).toContain('0 of 2 approvals');
    expect(shown(card)).toContain('outside working hours');
    await lab.approve(id);
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await row(lab, id)).toMatchObject({ quorum: 2, votes: 2, verdict: { kind: 'votes' } });
    expect(await untilRow(lab, held.operation, ...ENDED)).toBe('succeeded');
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});

describe('P1 where the policy lets the requester be one of the approvers', () => {
  it('the requester’s own vote counts, once, and still at the start', async () => {
    await using lab = await startLab({ policy: { requester_counts: true } });
    await lab.bot();
    const id = await lab.request('/ops backup acme');
    await lab.operator.click('Approve', { in: await lab.card(id) });
    await lab.told(lab.operator, /Your approval counts: 1 of 2/);
    await lab.approverA.click('Approve', { in: await lab.card(id) });
    await lab.untilState(id, 'succeeded');
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
