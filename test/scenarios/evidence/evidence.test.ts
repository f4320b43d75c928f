import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sha256 } from '../../../src/kernel/ids.ts';
import { hashOf } from '../../../src/operations/audit.ts';
import type { Human } from '../../../src/workspace/human.ts';
import type { UiMessage } from '../../../src/workspace/protocol.ts';
import { ask, cardSays, deny, press, said } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { evidenceDocument, runNode, runTool } from '../../support/evidence.ts';
import { DUMP_PASSWORD, type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { journalOf } from '../../support/story.ts';
import { until } from '../../support/until.ts';

const ROLES = { approver: ['S0APPR'] };
describe('P9 what approvers see and what can be shown later', () => {
  let lab: Lab;
  let bot: Bot;
  let third: Human;
  let guest: Human;
  let ran: string;
  const tool = (...words: string[]) => runTool(lab, ...words);
  const called = (who: Human, id: string) => who.sees('app').filter((one) => said(one).includes(id));
  const heads = () => lab.admin.sees('audit').filter((one) => one.text.startsWith('Audit log on '));
  const audited = (action: string, subject: string | null = null) =>
    lab.rows<{ actor: string; subject: string; data: Record<string, unknown> }>(
      'select actor, subject, data from twokey.audit where action = $1 and ($2::text is null or subject = $2) order by seq',
      [action, subject],
    );
  async function details(who: Human, card: UiMessage): Promise<string> {
    expect((await who.click('Details', { in: card })).ok).toBe(true);
    return who.waitFor((person) => {
      const view = person.view();
      const text = view === null ? '' : shown({ ...card, blocks: view.blocks });
      return view !== null && !text.includes('One moment') ? text : null;
    });
  }
  async function closed(who: Human): Promise<void> {
    const view = who.view();
    if (view) await who.close(view);
  }

  beforeAll(async () => {
    lab = await startLab({ roles: ROLES });
    third = lab.workspace.addUser('U0APC', 'approver-c');
    guest = lab.workspace.human('guest');
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APB', 'U0APC', 'U0REQ', guest.id]);
    bot = await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('each approver is called once when a request opens and once at half time, and nobody else ever', async () => {
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    const approvers = [lab.approverA, lab.approverB, third];
    for (const who of approvers) {
      const [call] = await until(`${who.id} is called`, () => (called(who, id).length > 0 ? called(who, id) : null));
      expect(call && said(call)).toMatch(/A request waits for your vote: .*Backup acme, production/);
      expect(call && said(call)).toContain(`/archives/C0OPS/p${card.ts.replace('.', '')}|Open the card>`);
    }
    expect(said(await press(lab.approverB, 'Approve', card))).toContain('1 of 2');
    await bot.kill();
    bot = await lab.bot();
    await lab.rows(`update twokey.operation set decide_by = clock_timestamp() + interval '29 minutes' where id = $1`, [
      id,
    ]);
    for (const who of [lab.approverA, third]) {
      const call = await until(`${who.id} is called again`, () => called(who, id)[1]);
      expect(said(call)).toContain('Half of the time is over');
    }
    expect(said(await deny(lab.approverA, await lab.card(id), 'Not before the fair is over.'))).toContain(
      'You denied it.',
    );
    expect(approvers.map((who) => called(who, id).length)).toEqual([2, 1, 2]);
    expect([lab.operator, guest, lab.admin].map((who) => called(who, id).length)).toEqual([0, 0, 0]);
  });

  it('a request that is decided calls nobody any more', async () => {
    const id = await lab.request('/ops backup acme');
    await until('all were called', () =>
      [lab.approverA, lab.approverB, third].every((who) => called(who, id).length === 1),
    );
    await ask(lab.operator, `/ops cancel ${id}`);
    await lab.rows(`update twokey.operation set decide_by = clock_timestamp() + interval '29 minutes' where id = $1`, [
      id,
    ]);
    ran = await lab.request('/ops backup acme');
    await until('the next request calls', () => called(third, ran).length === 1);
    expect(called(third, id)).toHaveLength(1);
    expect(await lab.rows('select kind from twokey.reminder where operation = $1', [id])).toEqual([{ kind: 'opened' }]);
  });

  it('a denial needs a reason, which everybody reads on the card and finds in the audit log', async () => {
    // Somebody else's, because the same person's would end the one that waits for the next test.
    const id = /Operation ([0-9a-z]{8})/.exec((await ask(lab.admin, '/ops backup acme')).text)?.[1] ?? '';
    const card = await lab.untilState(id, 'awaiting approval');
    await lab.approverA.click('Deny', { in: card });
    const form = await lab.approverA.waitFor((person) => person.view());
    expect((await lab.approverA.submit(form, { Reason: ' a  ' })).errors).toEqual({
      reason: 'Say why, in at least 3 characters.',
    });
    expect((await lab.approverA.submit(form, { Reason: 'x'.repeat(501) })).ok).toBe(false);
    expect(await audited('vote.deny', id)).toEqual([]);
    const reason = 'The <disk> is *nearly* full & slow.';
    expect((await lab.approverA.submit(form, { Reason: reason })).ok).toBe(true);
    expect(await cardSays(lab, id, /denied/)).toContain('The &lt;disk&gt; is *nearly* full &amp; slow.');
    expect(shown(await lab.card(id))).toContain('<@U0APA> denied');
    expect(await audited('vote.deny', id)).toMatchObject([{ actor: 'U0APA', data: { reason } }]);
  });

  it('Details shows the exact commands, secrets by name, the usual duration and the difference to the last run', async () => {
    const first = await details(lab.approverA, await lab.untilState(ran, 'awaiting approval'));
    for (const words of [
      'It has never been run on this site before',
      'never succeeded here',
      'Asked by <@U0REQ>',
      'This is outside working hours',
      'pg_dump --format=directory --jobs="$P_jobs"',
      "P_db_name='acme'",
      'nothing is overwritten or removed',
      '`acme-db`, on standard input',
      'Only after a failure',
    ])
      expect(first).toContain(words);
    expect(first).not.toContain(DUMP_PASSWORD);
    await closed(lab.approverA);
    expect(said(await press(lab.operator, 'Approve', await lab.card(ran)))).toContain('You asked for this');
    await lab.approve(ran);
    expect((await lab.untilState(ran, ['succeeded', 'failed', 'lost'])).text).toContain(': succeeded.');

    await lab.rows(`update twokey.site set document = jsonb_set(document, '{database,jobs}', '3') where name = 'acme'`);
    const next = await lab.request('/ops backup acme');
    const again = await details(lab.approverB, await lab.untilState(next, 'awaiting approval'));
    expect(again).toMatch(/step 2 db\.dump jobs: \d → 3/);
    expect(again).toContain(`Compared with the last run*  \`${ran}\``);
    expect(again).toMatch(/Usually takes\*\s+[\d.]+ s, the mean/);
    await closed(lab.approverB);
    await details(lab.outsider, await lab.card(next)).then((text) => expect(text).toContain('You have no role here'));
    await closed(lab.outsider);
    await ask(lab.operator, `/ops cancel ${next}`);
  });

  it('the evidence of an operation is one file for one person, and holds all that was decided and done', async () => {
    expect(said(await ask(lab.viewer, `/ops evidence ${ran}`))).toContain(
      '`evidence` is for operator, approver, admin',
    );
    const answer = said(await ask(lab.approverA, `/ops evidence ${ran}`));
    const sum = /sha256\*\s+`([0-9a-f]{64})`/.exec(answer)?.[1];
    const [message] = await until('the file', () => {
      const found = lab.approverA.sees('app').filter((one) => one.files.length > 0);
      return found.length > 0 ? found : null;
    });
    const response = await fetch(`${lab.workspace.url}/ui/file/${message?.files[0]?.id}`, {
      headers: { 'x-person': lab.approverA.id },
    });
    const text = await response.text();
    expect(sha256(text)).toBe(sum);
    expect(text).not.toContain(DUMP_PASSWORD);
    const evidence = evidenceDocument.parse(JSON.parse(text));
    expect(evidence.operation).toMatchObject({ id: ran, requestedBy: 'U0REQ', state: 'succeeded' });
    expect(evidence.plans.map((one) => [one.generation, one.planHash])).toEqual([[1, evidence.operation.planHash]]);
    expect(evidence.votes.map((one) => `${one.person} ${one.verdict}`).sort()).toEqual([
      'U0APA approve',
      'U0APB approve',
    ]);
    expect(evidence.refusals).toMatchObject([{ by: 'U0REQ', data: { code: 'self_approval' } }]);
    expect(evidence.clicks.map((one) => one.by).sort()).toEqual(['U0APA', 'U0APA', 'U0APB', 'U0REQ']);
    const inputs = { risk: 'routine', asProduction: true, quorum: 2, moment: { kind: 'outside' } };
    expect(evidence.verdicts).toMatchObject([
      { action: 'operation.requested', data: { inputs } },
      { action: 'operation.started', data: { inputs, verdict: { kind: 'votes' } } },
    ]);
    expect(evidence.steps.map((one) => one.exitCode)).toEqual([0, 0, 0, 0, 0]);
    for (const { jobs, secrets } of evidence.steps) {
      expect(secrets).toEqual(['acme-db']);
      for (const job of jobs) {
        const output = await journalOf(lab, job.jid);
        expect(job.output).toEqual({ bytes: output.length, sha256: sha256(output) });
        expect(sha256(job.script.body)).toBe(job.script.sha256);
        expect(job.parameters).toMatchObject({ site: 'acme', operation: ran });
      }
    }
    expect(evidence.steps[1]?.jobs[0]?.script.body).toContain('pg_dump --format=directory');
    expect(evidence.audit.rows.length).toBeGreaterThan(10);
    for (const row of evidence.audit.rows) expect(hashOf(row)).toBe(row.hash);
    expect(await audited('evidence.given', ran)).toMatchObject([{ actor: 'U0APA', data: { sha256: sum } }]);

    const file = join(lab.home, 'evidence.json');
    const made = await tool('evidence', ran, file);
    expect(made).toEqual({ code: 0, said: `written to ${file}, sha256 ${sha256(await readFile(file))}` });
    const { audit: _audit, ...rest } = evidenceDocument.parse(JSON.parse(await readFile(file, 'utf8')));
    const { audit: _other, ...same } = evidence;
    expect(rest).toEqual(same);
    expect(await tool('evidence', '00000000', file)).toMatchObject({
      code: 1,
      said: expect.stringContaining('no operation'),
    });
  });

  it('/ops audit shows the last rows readably, to approvers and admins', async () => {
    const about = said(await ask(lab.approverA, `/ops audit --subject ${ran}`));
    for (const words of [
      '*operation.requested*',
      'line backup acme',
      '*vote.approve*',
      '<@U0APB>',
      '*operation.succeeded*',
    ])
      expect(about).toContain(words);
    const votes = said(await ask(lab.admin, '/ops audit --action vote'));
    expect(votes).toContain('reason Not before the fair is over.');
    expect(votes).not.toContain('operation.requested');
    expect(said(await ask(lab.admin, '/ops audit --subject U0APB --since 2020-01-01'))).toContain('*button.clicked*');
    expect(said(await ask(lab.admin, '/ops audit --since 2999-01-01'))).toContain('No row of the audit log fits');
    expect(said(await ask(lab.admin, '/ops audit --since soon'))).toContain('a date looks like 2026-11-21');
    expect(said(await ask(lab.viewer, '/ops audit'))).toContain('`audit` is for approver, admin');
  });

  it('the head of the log is told once a day in the audit channel, whatever restarts', async () => {
    expect(heads()).toHaveLength(1);
    expect(heads()[0]?.text).toMatch(
      /^Audit log on \d{4}-\d\d-\d\d: \d+ rows, the last one with the hash [0-9a-f]{64}\.$/,
    );
    const other = await lab.bot();
    await lab.rows(`with day as (update twokey.audit_day set day = day - 1)
      update twokey.post set key = 'head:yesterday' where kind = 'head'`);
    await until('the next day is told', () => heads().length > 1);
    await bot.kill();
    bot = await lab.bot();
    await ask(lab.admin, '/ops whoami');
    await other.stop();
    expect(heads()).toHaveLength(2);
  });

  it('an export can be checked without the database, and a cut tail is named against the posted head', async () => {
    await bot.stop();
    const file = join(lab.home, 'audit.jsonl');
    expect((await tool('audit', 'export', file)).said).toMatch(/^\d+ rows written/);
    const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
    const whole = await tool('audit', 'verify', '--file', file);
    expect(whole.said).toMatch(new RegExp(`^intact: ${lines.length} rows, head [0-9a-f]{64}$`));
    expect((await tool('audit', 'verify')).said).toBe(whole.said);
    const [, rows = '', head = ''] =
      /: (\d+) rows, the last one with the hash ([0-9a-f]{64})/.exec(heads()[1]?.text ?? '') ?? [];
    const posted = ['--head', head, '--rows', rows];
    expect((await tool('audit', 'verify', '--file', file, ...posted)).code).toBe(0);
    expect((await tool('audit', 'verify', ...posted)).code).toBe(0);
    const cut = join(lab.home, 'cut.jsonl');
    await writeFile(cut, lines.slice(0, Number(rows) - 2).join('\n'));
    expect((await tool('audit', 'verify', '--file', cut)).code).toBe(0);
    expect(await tool('audit', 'verify', '--file', cut, ...posted)).toEqual({
      code: 1,
      said: `BROKEN at row ${Number(rows) - 1}: the end is cut off: rows ${Number(rows) - 1} to ${rows} are missing, ${rows} rows were posted and ${Number(rows) - 2} are there`,
    });
    await writeFile(cut, lines.map((line, n) => (n === 4 ? line.replace('"actor":"', '"actor":"x') : line)).join('\n'));
    expect(await tool('audit', 'verify', '--file', cut)).toEqual({
      code: 1,
      said: 'BROKEN at row 5: row 5 was changed',
    });
    await writeFile(cut, 'not a row');
    expect((await tool('audit', 'verify', '--file', cut)).said).toContain('Line 1 of');
    expect((await tool('audit', 'export', cut, '--since', '2999-01-01')).said).toContain('0 rows written');
    expect((await tool('audit', 'verify', '--rows', '3')).code).toBe(64);

    // The recipe that the handbook gives to outsiders, as it stands there.
    const handbook = readFileSync(new URL('../../../docs/operating.md', import.meta.url), 'utf8');
    const recipe = /```js\n(\/\/ recompute[\s\S]*?)```/.exec(handbook)?.[1] ?? '';
    const script = join(lab.home, 'recompute.mjs');
    await writeFile(script, recipe);
    expect((await runNode(script, file)).said).toBe(whole.said.replace('intact: ', ''));
    await writeFile(cut, lines.map((line, n) => (n === 4 ? line.replace('"actor":"', '"actor":"x') : line)).join('\n'));
    expect((await runNode(script, cut)).code).not.toBe(0);
  });

  it('a start says which parts of the configuration changed, and who gained or lost a role is noted', async () => {
    const before = await audited('process.started');
    expect(before.slice(1).every((row) => JSON.stringify(row.data.changed) === '[]')).toBe(true);
    const config = labConfiguration({ roles: { ...ROLES, viewer: [] }, policy: { decide_within: '30m' } });
    await writeFile(join(lab.home, 'twokey.yml'), stringify(config));
    bot = await lab.bot();
    const started = await audited('process.started');
    expect(started.at(-1)?.data).toMatchObject({
      changed: ['policy', 'roles'],
      config: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect((await audited('roles.changed')).at(-1)?.data).toMatchObject({ added: {}, removed: { viewer: ['U0VIEW'] } });
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APB', 'U0OUT']);
    const [, , change] = await until('the change is noted', async () => {
      const rows = await audited('roles.changed');
      return rows.length > 2 ? rows : null;
    });
    expect(change).toMatchObject({ actor: 'twokey', subject: 'roles', data: { added: { approver: ['U0OUT'] } } });
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
