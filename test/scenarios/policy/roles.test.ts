import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { STEP_MS } from '../../../approvals/step-up.ts';
import { otpCodes } from '../../../src/adapters/totp/codes.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { Human } from '../../../src/workspace/human.ts';
import { answersTo, ask, cardSays, press, said, untilRow } from '../../support/ask.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost'];
const GROUP = ['U0APA', 'U0APA2', 'U0APB', 'U0REQ2'];
const document = z.object({
  clusters: z.array(
    z.looseObject({ hosts: z.array(z.unknown()), sites: z.array(z.looseObject({ name: z.string() })) }),
  ),
});

/** The lab's estate with a database server that has no shell, a site that wrongly lives there, and a staging site. */
async function widenEstate(lab: Lab): Promise<void> {
  const file = join(lab.home, 'estate.yml');
  const estate = document.parse(parse(await readFile(file, 'utf8')));
  const [cluster] = estate.clusters;
  const [acme] = cluster?.sites ?? [];
  if (!cluster || !acme) throw new Error('the lab has no site');
  cluster.hosts.push({ name: 'acme-db', address: '127.0.0.1', shell: 'none', roles: ['db'] });
  cluster.sites.push({ ...acme, name: 'acme-staging', environment: 'staging' });
  cluster.sites.push({ ...acme, name: 'black-box', host: 'acme-db' });
  await writeFile(file, stringify(estate));
}

describe('roles, grants and people', () => {
  let lab: Lab;
  let engineer: Human;
  let substitute: Human;
  let requesterAgain: Human;
  let approverAgain: Human;
  beforeAll(async () => {
    lab = await startLab();
    await widenEstate(lab);
    engineer = lab.workspace.addUser('U0ENG', 'engineer');
    substitute = lab.workspace.addUser('U0SUB', 'substitute');
    requesterAgain = lab.workspace.addUser('U0REQ2', 'operator-again');
    approverAgain = lab.workspace.addUser('U0APA2', 'approver-a-again');
    lab.workspace.addUser('U0HOSTS', 'keeper of acme');
    lab.workspace.addUser('U0ELSE', 'keeper of another cluster');
    lab.workspace.addUser('U0EX', 'engineer-elsewhere', { guest: true });
    lab.workspace.setGroup('S0APPR', GROUP);
    lab.workspace.setGroup('S0OPER', ['U0SUB']);
    const roles = { operator: ['U0REQ', 'S0OPER'], approver: ['S0APPR'] };
    await writeFile(
      join(lab.home, 'twokey.yml'),
      stringify({
        ...labConfiguration({ roles }),
        people: { U0REQ: ['U0REQ2'], U0APA: ['U0APA2'], U0APB: ['U0EX'] },
        grants: [
          { who: ['U0ENG', lab.workspace.human('guest').id], preset: 'operations-engineer', environment: 'staging' },
          { who: ['U0HOSTS'], preset: 'infrastructure', cluster: 'acme' },
          { who: ['U0ELSE'], preset: 'infrastructure', cluster: 'elsewhere' },
        ],
      }),
    );
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const idIn = (answer: string) => /Operation `?([0-9a-z]{8})`? is recorded/.exec(answer)?.[1] ?? '';
  const accounts = (id: string) =>
    lab.rows<{ actor: string; action: string; account: string | null }>(
      `select actor, action, data ->> 'account' as account from twokey.audit
        where subject = $1 and (action like 'vote.%' or action = 'operation.requested') order by seq`,
      [id],
    );

  it('P10 a grant limited to staging works there and refuses production, naming who could', async () => {
    const refused = said(await ask(engineer, '/ops backup acme'));
    expect(refused).toContain('Your grants do not cover `backup` on acme (production)');
    expect(refused).toContain('You hold: operations-engineer for the environment staging.');
    expect(refused).toMatch(/\*Next:\* Ask <@U0REQ> or <@U0SUB>/);
    const asked = said(await ask(engineer, '/ops backup acme-staging'));
    const id = idIn(asked);
    expect(await untilRow(lab, id, 'awaiting')).toBe('awaiting');
    expect(said(await press(engineer, 'Approve', await lab.card(id)))).toContain('your own approval cannot count');
    expect(said(await press(engineer, 'Cancel', await lab.card(id)))).toContain('It is cancelled.');
  });

  it('a limited grant sees its own sites: lists are filtered, the rest is refused, `can` and `whoami` say so', async () => {
    const sites = said(await ask(engineer, '/ops sites'));
    expect(sites).toContain('acme-staging');
    expect(sites).not.toContain('black-box');
    expect(said(await ask(engineer, '/ops status acme'))).toContain('Your grants do not cover `status` on acme');
    expect(said(await ask(engineer, '/ops audit'))).toContain('`audit` is for approver, admin');
    expect(said(await ask(engineer, '/ops freeze all --until 23:59 --reason x'))).toContain('`freeze` is for');
    const can = said(await ask(engineer, '/ops can backup acme'));
    expect(can).toContain('You may not:');
    expect(can).toMatch(/Who may: <@U0REQ>, <@U0SUB>/);
    await engineer.openHome();
    const home = JSON.stringify(await engineer.waitFor((who) => who.home(), { what: 'the Home tab' }));
    expect(home).toContain('acme-staging');
    expect(home).not.toContain('black-box');
    const me = said(await ask(engineer, '/ops whoami'));
    expect(me).toContain('operations-engineer for the environment staging');
    expect(me).toContain('deploys, restores and syncs');
    expect(me).toContain('You are not an approver.');
    await engineer.slash('/ops backup');
    const form = await engineer.waitFor((who) => who.view(), { what: 'the form of backup' });
    expect(JSON.stringify(form)).toContain('acme-staging');
    expect(JSON.stringify(form)).not.toContain('black-box');
  });

  it('a grant for a cluster is enough to look at its hosts, and one for another cluster is not', async () => {
    const looks = [
      ['/ops site discover acme', /acme: 1 of 2 hosts told of \d+ sites/],
      ['/ops cluster connect acme', /1 of 2 hosts of acme are connected/],
      ['/ops host test acme-app', /acme-app is connected/],
      ['/ops host preflight acme-app', /acme-app: \d+ CRIT/],
    ] as const;
    const by = (who: string, line: string) => ask(lab.workspace.human(who), line).then(said);
    for (const [line, told] of looks) {
      expect(await by('keeper of acme', line), line).toMatch(told);
      expect(await by('keeper of another cluster', line), line).toContain('Your grants do not cover');
    }
  });

  it('P1 two ids are one person: neither approves what the other asked for, and both count once', async () => {
    expect(said(await ask(requesterAgain, '/ops whoami'))).toMatch(/<@U0REQ>, <@U0REQ2>/);
    const id = idIn(said(await ask(requesterAgain, '/ops backup acme')));
    const card = await lab.card(id);
    expect(shown(card)).toContain('Asked by <@U0REQ>');
    for (const own of [lab.operator, requesterAgain])
      expect(said(await press(own, 'Approve', card))).toContain('your own approval cannot count');
    expect(said(await press(approverAgain, 'Approve', card))).toContain('1 of 2');
    expect(said(await press(lab.approverA, 'Approve', await lab.card(id)))).toContain('Your vote counts already');
    expect(await cardSays(lab, id, /<@U0APA> approved/)).toContain('1 of 2 approvals');
    const elsewhere = lab.workspace.human('engineer-elsewhere');
    expect(said(await press(elsewhere, 'Approve', await lab.card(id)))).toContain('Guests');
    expect(said(await press(lab.approverB, 'Approve', await lab.card(id)))).toContain('the last one needed');
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await accounts(id)).toEqual([
      { actor: 'U0REQ', action: 'operation.requested', account: 'U0REQ2' },
      { actor: 'U0REQ', action: 'vote.refused', account: null },
      { actor: 'U0REQ', action: 'vote.refused', account: 'U0REQ2' },
      { actor: 'U0APA', action: 'vote.approve', account: 'U0APA2' },
      { actor: 'U0APA', action: 'vote.refused', account: null },
      { actor: 'U0APB', action: 'vote.approve', account: null },
    ]);
  });

  it('guests gain nothing by a grant or by being another id of an approver', async () => {
    for (const name of ['guest', 'engineer-elsewhere']) {
      const who = lab.workspace.human(name);
      expect(said(await ask(who, '/ops backup acme-staging'))).toContain('Guests');
      expect(said(await ask(who, '/ops sites'))).not.toContain('acme-staging');
    }
  });

  it('a role that is taken away between the request and the start ends it, with the reason', async () => {
    const id = idIn(said(await ask(substitute, '/ops backup acme')));
    await lab.card(id);
    lab.workspace.setGroup('S0OPER', []);
    await lab.approve(id);
    const text = await cardSays(lab, id, /It was not started/);
    expect(text).toContain('may not run `backup` there any more: they hold nothing here any more');
    expect(text).toContain('Somebody who may can press Retry');
    expect(await lab.rows('select from twokey.job where operation = $1', [id])).toEqual([]);
    expect(said(await press(substitute, 'Retry', await lab.untilState(id, 'failed')))).toContain(
      'You have no role here',
    );
    expect(said(await press(engineer, 'Retry', await lab.card(id)))).toContain('Your grants do not cover `backup`');
    expect(said(await ask(engineer, `/ops show ${id}`))).toContain('Your grants do not cover `show` on acme');
  });

  it('R12 nothing runs on a host without a shell; its database is backed up from the app host', async () => {
    const refused = said(await ask(lab.operator, '/ops backup black-box'));
    expect(refused).toContain('acme-db has no shell for Twokey');
    expect(refused).toMatch(/\*Next:\* What needs only its database runs from an app host/);
    expect(await lab.rows(`select from twokey.operation where site = 'black-box'`)).toEqual([]);
    // The database of `acme` answers at the address of acme-db; the backup above came from there, over its app host.
    const [backup] = await lab.rows<{ hosts: string[]; at: string }>(
      `select array_agg(distinct s.host) as hosts, min(o.plan -> 'steps' -> 1 -> 'params' ->> 'db_host') as at
         from twokey.operation o join twokey.step s on s.operation = o.id where o.site = 'acme' and o.state = 'succeeded'`,
    );
    expect(backup).toEqual({ hosts: ['acme-app'], at: '127.0.0.1' });
  });

  it('P1 codes and standing votes belong to the person, and a direct message goes to an id that is active', async () => {
    const window = (who: Human, what: RegExp) =>
      until(`${who.id} sees ${what}`, () => {
        const view = who.view();
        return view !== null && what.test(shown(view)) ? view : null;
      });
    await approverAgain.slash('/ops totp');
    const view = await window(approverAgain, /Setup key/);
    const secret = new Secret((/Setup key\*\n`([A-Z2-7 ]+)`/.exec(shown(view))?.[1] ?? '').replaceAll(' ', ''));
    const code = () => otpCodes.codeAt(secret, Math.floor(Date.now() / STEP_MS));
    expect((await approverAgain.submit(view, { Code: code() })).ok).toBe(true);
    await approverAgain.close(await window(approverAgain, /You are enrolled/));
    expect(
      await lab.rows(
        `select actor, subject, data ->> 'account' as account from twokey.audit where action = 'totp.enrolled'`,
      ),
    ).toEqual([{ actor: 'U0APA', subject: 'U0APA', account: 'U0APA2' }]);

    expect(said(await ask(engineer, '/ops standing request "30 2 * * *" backup acme'))).toContain(
      'Your grants do not cover `backup` on acme',
    );
    const asked = said(await ask(requesterAgain, '/ops standing request "30 2 * * *" backup acme'));
    const id = /Standing approval ([0-9a-z]{8}) is asked for/.exec(asked)?.[1] ?? asked;
    expect(said(await ask(engineer, `/ops standing show ${id}`))).toContain('Your grants do not reach acme');
    expect(said(await ask(engineer, '/ops standing'))).toContain('There is no standing approval');
    const message = await until('its message', () =>
      lab.admin.sees('operations').find((one) => !one.ephemeral && shown(one).includes(id)),
    );
    expect(said(await press(lab.operator, 'Approve', message))).toContain('your own approval cannot count');
    // Enrolled with one id, this person is asked for a code at the other one as well; the code counts once for both.
    const before = answersTo(lab.approverA).length;
    expect((await lab.approverA.click('Approve', { in: message })).ok).toBe(true);
    const form = await window(lab.approverA, /Code|code/);
    expect((await lab.approverA.submit(form, { Code: code() })).errors?.code).toContain('used already');
    await lab.rows(`update twokey.totp set last_step = null where person = 'U0APA'`);
    expect((await lab.approverA.submit(form, { Code: code() })).ok).toBe(true);
    expect(said(await until('an answer', () => answersTo(lab.approverA)[before]))).toContain('Your approval counts');

    expect(said(await ask(lab.admin, '/ops totp reset U0NOBODY'))).toContain('<@U0NOBODY> is not enrolled');
    lab.workspace.updateUser('U0APA', { deactivated: true });
    expect(said(await ask(lab.admin, '/ops totp reset U0APA2'))).toContain('The codes of <@U0APA> are reset');
    await until('the person is told at the other id', () =>
      approverAgain.sees('app').find((one) => one.text.includes('has reset the codes')),
    );
    // Without codes the other id votes with a click, and is the same person.
    expect(said(await press(approverAgain, 'Approve', message))).toContain('Your vote counts already');
    lab.workspace.updateUser('U0APA', { deactivated: false });
    expect(said(await press(lab.approverB, 'Approve', message))).toContain('It is active now');
    expect(
      await lab.rows('select person, step_up from twokey.standing_vote where approval = $1 order by person', [id]),
    ).toEqual([
      { person: 'U0APA', step_up: true },
      { person: 'U0APB', step_up: false },
    ]);
  });

  it('P1 nobody closes the review of their own emergency, whichever id they use; a limited grant sees its own', async () => {
    const [ran] = await lab.rows<{ id: string }>(
      `select id from twokey.operation where requester = 'U0REQ' and state = 'succeeded' limit 1`,
    );
    const id = ran?.id ?? '';
    // As an emergency opened it before the configuration knew of the two ids; the lab's own operation is routine work.
    await lab.rows(`insert into twokey.review (operation, kind, person) values ($1, 'emergency', 'U0REQ2')`, [id]);
    for (const own of [lab.operator, requesterAgain])
      expect(said(await ask(own, `/ops review close ${id} fine`))).toContain('you cannot close its review');
    expect(said(await ask(engineer, `/ops review close ${id} fine`))).toContain(
      '`review close` is for approver, admin',
    );
    expect(said(await ask(engineer, '/ops reviews'))).toContain('None: every emergency');
    expect(said(await ask(lab.viewer, '/ops reviews'))).toContain(id);
    expect(said(await ask(approverAgain, `/ops review close ${id} compared the sizes`))).toContain('is closed');
    expect(
      await lab.rows(
        `select actor, data ->> 'account' as account from twokey.audit where subject = $1 and action like 'review.%' order by seq`,
        [id],
      ),
    ).toEqual([
      { actor: 'U0REQ', account: null },
      { actor: 'U0REQ', account: 'U0REQ2' },
      { actor: 'U0APA', account: 'U0APA2' },
    ]);
  });

  it('too few approvers are told once, on the cards too, and that there are enough again', async () => {
    const id = await lab.request('/ops backup acme');
    await lab.card(id);
    const posts = () =>
      lab.rows<{ channel: string; state: string; short: number }>(
        `select channel, state, jsonb_array_length(body -> 'pool' -> 'short') as short from twokey.post where kind = 'pool' order by id`,
      );
    // Two people are left, of whom one has asked: this request is stuck, the pool as such is not.
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APA2', 'U0REQ2']);
    expect(await cardSays(lab, id, /Warning/)).toContain('it needs 2 approvals, but only <@U0APA> can approve it');
    expect(await posts()).toEqual([]);
    lab.workspace.setGroup('S0APPR', ['U0APA', 'U0APA2']);
    lab.workspace.updateUser('U0APA2', { title: 'another title' });
    const post = await until('the audit channel is told', () =>
      lab.operator.sees('audit').find((one) => one.text.includes('Too few approvers')),
    );
    expect(shown(post)).toContain('*production* needs 2 approvals, but only <@U0APA> can still approve.');
    expect(said(await ask(lab.operator, '/ops backup acme'))).toMatch(/needs 2 approvals .*only <@U0APA> can approve/);
    lab.workspace.setGroup('S0APPR', GROUP);
    await until('it is mended', () =>
      lab.operator.sees('audit').find((one) => one.text.includes('There are enough approvers again')),
    );
    expect(await posts()).toMatchObject([{ short: 2 }, { short: 0 }]);
    await until('the card is without its warning', async () => !shown(await lab.card(id)).includes('Warning'));
    await press(lab.operator, 'Cancel', await lab.card(id));
    expect(answersTo(lab.outsider)).toEqual([]);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
