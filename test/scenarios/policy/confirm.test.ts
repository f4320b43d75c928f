import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { WebClient } from '@slack/web-api';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { Human } from '../../../src/workspace/human.ts';
import { answersTo, ask, cardSays, confirmForm, confirmTyped, press, said, untilRow } from '../../support/ask.ts';
import { type Bot, startBot } from '../../support/bot.ts';
import { runTool } from '../../support/evidence.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { auditOf } from '../../support/story.ts';
import { until } from '../../support/until.ts';

const BOT = fileURLToPath(new URL('../../support/disruptive-bot.ts', import.meta.url));
const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost'];
const ROLES = { approver: ['U0APA', 'U0APB', 'U0ADM'] };
const NAME = 'Name of the site';

/** A time so many hours from now, as the calendar's own clock shows it. */
function local(hours: number): string {
  const at = Temporal.Now.zonedDateTimeISO('Europe/Berlin').add({ hours });
  return at.toPlainDateTime().toString({ smallestUnit: 'minute' });
}

describe('what the requester has to do beyond asking', () => {
  let lab: Lab;
  let bot: Bot;
  const start = async () => {
    bot = await startBot(lab.env, ['start'], BOT);
  };
  beforeAll(async () => {
    lab = await startLab({ staging: true, roles: ROLES });
    // Nobody works, but tonight or tomorrow a freeze begins: the end of every window.
    const { calendars, ...rest } = labConfiguration({ roles: ROLES });
    const freezes = [{ from: local(2), to: local(30), reason: 'year end' }];
    lab.workspace.addUser('U0REQ2', 'operator-again');
    const people = { U0REQ: ['U0REQ2'] };
    const configuration = { ...rest, people, calendars: { office: { ...calendars.office, freezes } } };
    await writeFile(join(lab.home, 'twokey.yml'), stringify(configuration));
    await start();
  });
  afterAll(async () => {
    await bot.kill();
    await lab[Symbol.asyncDispose]();
  });

  const runs = async (id: string) => {
    const [row] = await lab.rows<{ run_number: number; started_at: Date | null; generation: number }>(
      'select run_number, started_at, generation from twokey.operation where id = $1',
      [id],
    );
    return row;
  };
  const calls = (id: string) => lab.admin.sees('app').filter((one) => shown(one).includes(id)).length;
  /** What the requester was told of it by direct message. */
  const toldRequester = (id: string) =>
    lab.operator
      .sees('app')
      .map(said)
      .filter((text) => text.includes(id));
  const confirmations = async (id: string) =>
    (await auditOf(lab, id)).filter((action) => action.startsWith('confirmation.'));

  it('P1 staging, disruptive: one click by the person who asked, whichever id they use, by nobody else', async () => {
    const answer = said(await ask(lab.operator, '/ops rehearse acme-staging'));
    expect(answer).toContain('Press Confirm on its card; it does not start before.');
    const id = /Operation ([0-9a-z]{8})/.exec(answer)?.[1] ?? '';
    const card = shown(await lab.untilState(id, 'awaiting confirmation'));
    expect(card).toContain('*Next:* <@U0REQ> presses *Confirm*.');
    expect(said(await press(lab.approverA, 'Confirm', await lab.card(id)))).toContain(
      'Only the person who asked for this',
    );
    expect(said(await press(lab.operator, 'Confirm', await drawnBefore(id)))).toMatch(
      /does not say which version of the plan it showed.*press again/s,
    );
    expect(await runs(id)).toMatchObject({ run_number: 0 });
    const sameAgain = lab.workspace.human('operator-again');
    expect(said(await press(sameAgain, 'Confirm', await lab.card(id)))).toContain('You confirmed it. It starts now.');
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await runs(id)).toMatchObject({ run_number: 1 });
    expect(
      await lab.rows(
        `select actor, data ->> 'account' as account from twokey.audit where subject = $1 and action = 'confirmation.given'`,
        [id],
      ),
    ).toEqual([{ actor: 'U0REQ', account: 'U0REQ2' }]);
    expect(await confirmations(id)).toEqual([
      'confirmation.asked',
      'confirmation.refused',
      'confirmation.refused',
      'confirmation.given',
    ]);
  });

  it('staging, break-glass: complete votes start nothing, not over a crash either; a wrong name changes nothing', async () => {
    const id = await lab.request('/ops demolish acme-staging');
    const card = shown(await lab.untilState(id, 'awaiting approval'));
    expect(card).toContain('<@U0REQ> presses *Confirm* and types the site’s name.');
    expect(card).toMatch(/:warning: \*It destroys.*\n• the unfinished backups of acme-staging/);
    await until('the admin was called', () => calls(id) === 1);
    await press(lab.approverA, 'Approve', await lab.card(id));
    expect(said(await press(lab.approverB, 'Approve', await lab.card(id)))).toContain(
      'Your approval counts: 2 of 2. It also waits for <@U0REQ> to type the site’s name.',
    );
    await bot.kill();
    await start();
    expect(await runs(id)).toMatchObject({ run_number: 0, started_at: null });
    // Somebody who loses the role before the start: the vote is void, the confirmation stands, and all are called again.
    lab.workspace.updateUser('approver-b', { guest: true });
    const form = await confirmForm(lab.operator, await cardSaying(id, /2 of 2 approvals/));
    expect(JSON.stringify(form.blocks)).toContain('the unfinished backups of acme-staging');
    for (const wrong of ['acme', 'Acme-staging', 'acme-staging '])
      expect(await lab.operator.submit(form, { [NAME]: wrong })).toMatchObject({
        ok: false,
        errors: { name: expect.stringContaining('acme-staging') },
      });
    expect(await runs(id)).toMatchObject({ run_number: 0 });
    expect(await lab.operator.submit(form, { [NAME]: 'acme-staging' })).toMatchObject({ ok: true });
    const reopened = await cardSays(lab, id, /A vote no longer counts/);
    expect(reopened).toContain('1 of 2 approvals');
    expect(reopened).toMatch(/\*Confirmed\* by <@U0REQ>/);
    await until('the admin is called again', () => calls(id) === 2);
    lab.workspace.updateUser('approver-b', { guest: false });
    await press(lab.admin, 'Approve', await lab.card(id));
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await confirmations(id)).toEqual([
      'confirmation.asked',
      ...Array.from({ length: 3 }, () => 'confirmation.refused'),
      'confirmation.given',
    ]);
    await reviewed(id);
  });

  it('P2 production, break-glass: a plan that is built anew and differs voids votes and confirmation', async () => {
    expect(said(await ask(lab.operator, '/ops can demolish acme'))).toContain(
      'It would wait for 2 approvals and you to type the site’s name, then start.',
    );
    const id = await lab.request('/ops demolish acme');
    await lab.untilState(id, 'awaiting approval');
    // Slack goes on showing the card as it is now: what is pressed there stands for the plan that it shows.
    lab.workspace.faults.add({ method: 'chat.update', error: 'internal_error', times: 1000 });
    const told = said(await confirmTyped(lab.operator, await lab.card(id), { [NAME]: 'acme' }));
    expect(told).toContain('It still waits for its 2 approvals.');
    await press(lab.approverA, 'Approve', await lab.card(id));
    expect(said(await press(lab.viewer, 'Re-plan', await lab.card(id)))).toContain(
      'Only those who may ask for it, an operator, an approver or an admin',
    );
    expect(said(await press(lab.operator, 'Re-plan', await lab.card(id)))).toContain('The plan is the same as before');
    expect(await runs(id)).toMatchObject({ generation: 1 });
    const file = join(lab.home, 'estate-next.yml');
    const estate = await readFile(join(lab.home, 'estate.yml'), 'utf8');
    await writeFile(file, estate.replace('version: 8.1.0', 'version: 8.2.0'));
    expect((await runTool(lab, 'estate', 'import', file, '--yes')).said).toContain('imported');
    await until('the admin was called', () => calls(id) === 1);
    expect(said(await press(lab.approverB, 'Re-plan', await lab.card(id)))).toContain('The plan has changed');
    const old = await lab.card(id);
    expect(said(await press(lab.admin, 'Approve', old))).toMatch(
      /changed since the card that you pressed: it showed version 1, and now it is version 2.*press again/s,
    );
    expect((await lab.operator.click('Confirm', { in: old })).ok).toBe(true);
    const refused = await lab.operator.waitFor((who) => {
      const view = who.view();
      return view && JSON.stringify(view.blocks).includes('since the card that you pressed') ? view : null;
    });
    await lab.operator.close(refused);
    lab.workspace.faults.clear();
    expect(
      await lab.rows(
        `select actor, action, data ->> 'code' as code from twokey.audit where subject = $1 and data ->> 'code' = 'drift' order by seq`,
        [id],
      ),
    ).toEqual([
      { actor: 'U0ADM', action: 'vote.refused', code: 'drift' },
      { actor: 'U0REQ', action: 'confirmation.refused', code: 'drift' },
    ]);
    await until('the requester is told', () => toldRequester(id).length === 1);
    expect(toldRequester(id)[0]).toMatch(
      /your confirmation is void.*version: 8\.1\.0 → 8\.2\.0.*It waits for you to type the site’s name/s,
    );
    const card = await cardSays(lab, id, /no longer what was approved: .*version: 8\.1\.0 → 8\.2\.0/);
    expect(card).toMatch(/0 of 2 approvals\..*<@U0REQ> presses \*Confirm\* and types the site’s name\./s);
    expect(card).toMatch(/<@U0APA> approved .*, void: drift/);
    expect(card).not.toContain('*Confirmed*');
    await until('the admin is called again', () => calls(id) === 2);
    expect(await auditOf(lab, id)).toContain('operation.replanned');
    await lab.approve(id);
    expect(await runs(id)).toMatchObject({ run_number: 0 });
    await lab.rows(`update twokey.operation set estimate_ms = 86400000 where id = $1`, [id]);
    await confirmTyped(lab.operator, await lab.card(id), { [NAME]: 'acme' });
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await runs(id)).toMatchObject({ generation: 2, run_number: 1 });
    expect(toldRequester(id)).toHaveLength(1);
    // What nobody knew when it was asked for was computed again at the start, and did not block it.
    const [started] = await lab.rows(`select verdict ->> 'warning' as warning from twokey.operation where id = $1`, [
      id,
    ]);
    expect(started).toMatchObject({
      warning: expect.stringContaining('It usually takes 24 h 00 min, but a freeze begins 1 h'),
    });
    await reviewed(id);
  });

  it('nobody is told to confirm again what they have confirmed meanwhile, or have had planned again themselves', async () => {
    const id = await lab.request('/ops demolish acme');
    await lab.untilState(id, 'awaiting approval');
    const confirmIt = async () => confirmTyped(lab.operator, await lab.card(id), { [NAME]: 'acme' });
    const drift = async (who: Human, version: string) => {
      await lab.rows(
        `update twokey.site set document = jsonb_set(document, '{version}', to_jsonb($1::text)) where name = 'acme'`,
        [version],
      );
      expect(said(await press(who, 'Re-plan', await lab.card(id)))).toContain('The plan has changed');
      await cardSays(lab, id, new RegExp(`→ ${version}`));
    };
    const notices = () =>
      lab.rows<{ state: string }>(`select state from twokey.post where operation = $1 and kind = 'reconfirm'`, [id]);
    lab.workspace.faults.add({ method: 'chat.getPermalink', error: 'internal_error', times: 1000 });
    await confirmIt();
    await drift(lab.approverB, '8.3.0');
    expect(await notices()).toEqual([{ state: 'new' }]);
    await confirmIt();
    lab.workspace.faults.clear();
    await until('the message is dropped', async () => (await notices())[0]?.state === 'dropped');
    await drift(lab.operator, '8.4.0');
    expect(await notices()).toEqual([{ state: 'dropped' }]);
    expect(toldRequester(id)).toEqual([]);
    await press(lab.operator, 'Cancel', await lab.card(id));
  });

  it('what would usually run on into a freeze is warned of: when it is asked about, in the answer, on the card', async () => {
    await lab.rows(
      `update twokey.operation set started_at = ended_at - interval '1 day' where site = 'acme' and command = 'demolish' and state = 'succeeded'`,
    );
    const warning = /\*Warning: ?\* ?It usually takes 24 h 00 min, but a freeze begins 1 h/;
    expect(said(await ask(lab.viewer, '/ops can demolish acme'))).toMatch(warning);
    const answer = said(await ask(lab.operator, '/ops demolish acme'));
    expect(answer).toMatch(warning);
    const id = /Operation ([0-9a-z]{8})/.exec(answer)?.[1] ?? '';
    await cardSays(lab, id, warning);
    await press(lab.operator, 'Cancel', await lab.card(id));
  });

  it('the same command again ends the one that waits; another person’s stays, a payload that comes twice asks once', async () => {
    const first = await lab.request('/ops backup acme');
    const others = /Operation ([0-9a-z]{8})/.exec((await ask(lab.admin, '/ops backup acme')).text)?.[1] ?? '';
    lab.workspace.faults.duplicateEnvelopes(1);
    const second = await lab.request('/ops backup acme');
    await until(
      'both deliveries are answered',
      () => answersTo(lab.operator).filter((one) => one.text.includes(second)).length === 2,
    );
    expect((await lab.untilState(first, ENDED)).text).toContain(
      `: cancelled. Operation ${first}. Superseded by operation ${second}.`,
    );
    const open = await lab.rows<{ id: string }>(
      `select id from twokey.operation where ended_at is null order by created_at`,
    );
    expect(open.map((one) => one.id)).toEqual([others, second]);
    for (const id of [others, second]) await press(lab.admin, 'Cancel', await lab.card(id));
  });

  it('the card does not go on naming a freeze that is over', async () => {
    await ask(lab.admin, '/ops freeze site:acme --until 23:59 --reason "the auditors are here"');
    const id = await lab.request('/ops rehearse acme');
    expect(shown(await lab.untilState(id, 'held'))).toContain('Changes are frozen (the auditors are here)');
    await ask(lab.admin, '/ops unfreeze acme');
    const card = shown(await lab.untilState(id, 'awaiting approval'));
    expect(card).toContain('0 of 2 approvals. This is outside working hours.');
    expect(card).not.toContain('auditors');
    await press(lab.operator, 'Cancel', await lab.card(id));
    expect(lab.workspace.journal.violations).toEqual([]);
  });

  /** An open review would bar the operator from the next break-glass. */
  async function reviewed(id: string) {
    expect(said(await ask(lab.approverA, `/ops review close ${id} looked at it`))).toContain('closed');
  }

  /** The button of a card as an earlier version of Twokey drew it. */
  async function drawnBefore(id: string) {
    const slack = new WebClient(lab.env.SLACK_BOT_TOKEN, { slackApiUrl: lab.env.SLACK_API_URL ?? '' });
    const text = { type: 'plain_text', text: 'Confirm' } as const;
    const elements = [{ type: 'button', action_id: 'confirm', value: id, text } as const];
    const blocks = [{ type: 'actions', block_id: `act:${id}:1`, elements } as const];
    await slack.chat.postMessage({ channel: 'C0OPS', text: `before ${id}`, blocks });
    return lab.operator.waitFor((who) => who.sees('operations').find((one) => one.text === `before ${id}`));
  }

  async function cardSaying(id: string, what: RegExp) {
    await cardSays(lab, id, what);
    return lab.card(id);
  }
});
