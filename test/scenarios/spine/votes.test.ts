import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { WebClient } from '@slack/web-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Human } from '../../../src/workspace/human.ts';
import { answersTo, ask, cardSays, deny, press, said } from '../../support/ask.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const ENDED = ['succeeded', 'failed', 'cancelled', 'lost'];

describe('P1 votes', () => {
  let lab: Lab;
  let third: Human;
  beforeAll(async () => {
    lab = await startLab({ roles: { approver: ['S0APPR'] } });
    third = lab.workspace.addUser('U0APC', 'approver-c');
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APB', 'U0APC']);
    // Two replicas: Slack gives each click to one of them, and neither knows what the other was given.
    await Promise.all([lab.bot(), lab.bot()]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const votes = (id: string) =>
    lab.rows<{ person: string; verdict: string }>(
      'select person, verdict from twokey.vote where operation = $1 and withdrawn_at is null and void_reason is null order by person',
      [id],
    );
  const audits = (id: string, action: string) =>
    lab.rows('select actor from twokey.audit where subject = $1 and action = $2', [id, action]);
  const backups = () => readdir(join(lab.siteDir, 'db_backup')).catch(() => []);

  it('only another approver counts, and only once; everybody else is told why not and what to do', async () => {
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    expect(said(await press(lab.operator, 'Approve', card))).toMatch(/You asked for this.*\n*.*Somebody else/);
    expect(said(await press(lab.approverA, 'Approve', card))).toContain('Your approval counts: 1 of 2.');
    expect(said(await press(lab.approverA, 'Approve', await lab.card(id)))).toContain('Your vote counts already');
    const viewer = said(await press(lab.viewer, 'Approve', card));
    expect(viewer).toContain('You are not an approver.');
    expect(viewer).toContain('Ask <@U0APA> or <@U0APB> or <@U0APC>');
    expect(said(await press(lab.outsider, 'Approve', card))).toMatch(/You have no role here.*Ask an admin/);
    for (const stranger of ['guest', 'foreign']) {
      const told = said(await press(lab.workspace.human(stranger), 'Approve', card));
      expect(told).toContain('members of other workspaces cannot use Twokey');
    }
    expect(said(await deny(lab.viewer, await lab.card(id), 'I do not like it'))).toContain('You are not an approver.');
    for (const word of ['Cancel', 'Withdraw'])
      expect(said(await press(lab.viewer, word, await lab.card(id)))).toMatch(/Next:/);
    expect(await votes(id)).toEqual([{ person: 'U0APA', verdict: 'approve' }]);
    await cardSays(lab, id, /1 of 2 approvals/);
    expect((await audits(id, 'vote.refused')).length).toBe(5);
    expect((await audits(id, 'button.refused')).length).toBe(4);
    expect(said(await deny(lab.approverB, await lab.card(id), 'The disk is nearly full.'))).toContain('You denied it.');
    const denied = await lab.untilState(id, 'denied');
    expect(shown(denied)).toContain('<@U0APB> denied');
    expect(shown(denied)).toContain('The disk is nearly full.');
    expect(await audits(id, 'operation.started')).toEqual([]);
  });

  it('P3 fifty clicks at once from three people start exactly one run, and each click is answered', async () => {
    const before = await backups();
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    const people = [lab.approverA, lab.approverB, third];
    const told = () => people.flatMap((one) => answersTo(one)).filter((one) => !earlier.has(one.ts));
    const earlier = new Set(people.flatMap((one) => answersTo(one)).map((one) => one.ts));
    const clicks = Array.from({ length: 50 }, (_, n) => (people[n % 3] ?? third).click('Approve', { in: card }));
    expect((await Promise.all(clicks)).every((done) => done.ok)).toBe(true);
    expect((await lab.untilState(id, ENDED)).text).toContain(': succeeded.');
    await until('all fifty are answered', () => told().length >= 50);
    expect(told()).toHaveLength(50);
    expect(told().filter((one) => said(one).includes('the last one needed'))).toHaveLength(1);
    expect(await audits(id, 'operation.started')).toHaveLength(1);
    expect(await audits(id, 'vote.approve')).toHaveLength(2);
    const jobs = await lab.rows<{ jid: string }>('select jid from twokey.job where operation = $1 order by n', [id]);
    expect(jobs.map(({ jid }) => jid)).toEqual([1, 2, 3, 4, 5].map((n) => `${id}-${n}-1`));
    const directories = (await readdir(lab.sshd.target.base)).filter((name) => name.startsWith(id));
    expect(directories.sort()).toEqual(jobs.map(({ jid }) => jid));
    expect(await backups()).toHaveLength(before.length + 1);
    expect(await lab.rows('select 1 from dbos.workflow_status where workflow_uuid like $1', [`${id}:%`])).toHaveLength(
      1,
    );
  });

  it('a click on a card that Slack still shows as it was gets an answer, and changes nothing', async () => {
    const id = await lab.request('/ops backup acme');
    const stale = await lab.untilState(id, 'awaiting approval');
    lab.workspace.faults.add({ method: 'chat.update', error: 'internal_error', times: 1000 });
    expect(said(await ask(lab.operator, `/ops cancel ${id}`))).toContain('cancelled before it started');
    for (const [who, label] of [
      [lab.approverA, 'Approve'],
      [third, 'Withdraw'],
    ] as const)
      expect(said(await press(who, label, stale))).toMatch(/has been cancelled\..*Send the command again/);
    expect(said(await deny(lab.approverB, stale, 'Too late'))).toMatch(/has been cancelled\..*Send the command again/);
    expect(said(await press(lab.operator, 'Cancel', stale))).toContain('has ended: cancelled');
    expect(await votes(id)).toEqual([]);
    lab.workspace.faults.clear();
    expect(shown(await lab.untilState(id, 'cancelled'))).toContain('cancelled before it started');
  });

  it('a button that another version has posted is answered as well', async () => {
    const slack = new WebClient(lab.env.SLACK_BOT_TOKEN, { slackApiUrl: lab.env.SLACK_API_URL ?? '' });
    const text = { type: 'plain_text', text: 'Shelve' } as const;
    for (const [action_id, value] of [
      ['shelve', '7k3m9q2x'],
      ['approve', 'what an id was once'],
    ] as const) {
      const elements = [{ type: 'button', action_id, value, text } as const];
      await slack.chat.postMessage({ channel: 'C0OPS', text: value, blocks: [{ type: 'actions', elements }] });
      const old = await lab.operator.waitFor((who) => who.sees('operations').find((one) => one.text === value));
      expect((await press(lab.operator, 'Shelve', old)).text).toContain('does nothing here any more');
    }
  });

  it('P3 a payload that Slack delivers twice counts once', async () => {
    const count = async () => (await lab.rows('select id from twokey.operation')).length;
    const before = await count();
    lab.workspace.faults.duplicateEnvelopes(1);
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    lab.workspace.faults.duplicateEnvelopes(1);
    await lab.approverA.click('Approve', { in: card });
    await until('the second vote is refused', async () => (await audits(id, 'vote.refused')).length === 1);
    expect(await votes(id)).toEqual([{ person: 'U0APA', verdict: 'approve' }]);
    lab.workspace.faults.duplicateEnvelopes(1);
    await lab.operator.click('Cancel', { in: card });
    const ended = await lab.untilState(id, 'cancelled');
    lab.workspace.faults.duplicateEnvelopes(1);
    await lab.operator.click('Retry', { in: ended });
    await until('the retry is recorded', async () => (await count()) === before + 2);
    lab.workspace.faults.duplicateEnvelopes(1);
    expect((await lab.operator.slash('/ops backup')).ok).toBe(true);
    const form = await lab.operator.waitFor((person) => person.view());
    lab.workspace.faults.duplicateEnvelopes(1);
    expect(await lab.operator.submit(form, { Site: 'acme' })).toEqual({ ok: true });
    await until('the form is recorded', async () => (await count()) === before + 3);
    await until('both deliveries were handled', () => {
      const recorded = answersTo(lab.operator).filter((one) => one.text.includes('is recorded:'));
      const ids = recorded.map((one) => one.text.slice(0, 18));
      return ids.length - new Set(ids).size >= 3;
    });
    expect(await count()).toBe(before + 3);
    for (const open of await lab.rows<{ id: string }>(`select id from twokey.operation where state = 'awaiting'`))
      await ask(lab.operator, `/ops cancel ${open.id}`);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
