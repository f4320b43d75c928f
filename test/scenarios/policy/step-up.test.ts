import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { STEP_MS } from '../../../approvals/step-up.ts';
import { otpCodes } from '../../../src/adapters/totp/codes.ts';
import { Secret } from '../../../src/kernel/secret.ts';
import type { Human } from '../../../src/workspace/human.ts';
import type { UiView } from '../../../src/workspace/protocol.ts';
import { answersTo, ask, cardSays, deny, press, said, untilRow } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'lost'];

describe('P1 approvals with a code of the voter’s authenticator app, on two replicas', () => {
  let lab: Lab;
  let bots: Bot[];
  let printed = '';
  const secrets: string[] = [];

  async function restart(configuration: object): Promise<void> {
    await Promise.all(bots.map((one) => one.kill()));
    printed += bots.map((one) => one.output()).join('\n');
    await writeFile(join(lab.home, 'twokey.yml'), stringify(configuration));
    bots = [await lab.bot()];
  }
  const text = (view: UiView | null) => (view === null ? '' : shown(view));
  const opened = (who: Human, what: RegExp) =>
    until(`${who.id} sees a window with ${what}`, () => (what.test(text(who.view())) ? who.view() : null), 10_000);
  const closed = async (who: Human) => {
    for (let view = who.view(); view !== null; view = who.view()) await who.close(view);
  };
  /** Types a command that opens a window; answers what it shows. */
  async function dialogue(who: Human, line: string, what: RegExp) {
    await closed(who);
    expect(await who.slash(line)).toMatchObject({ ok: true });
    return opened(who, what);
  }
  const stepNow = () => Math.floor(Date.now() / STEP_MS);
  const codeOf = (secret: string, offset = 0) => otpCodes.codeAt(new Secret(secret), stepNow() + offset);
  /** A code that counts: what was accepted before is forgotten, so that nobody has to wait for the next one. */
  async function fresh(who: Human, secret: string): Promise<string> {
    await lab.rows('update twokey.totp set last_step = null where person = $1', [who.id]);
    return codeOf(secret);
  }
  async function enrol(who: Human): Promise<string> {
    const view = await dialogue(who, '/ops totp', /Setup key/);
    const secret = (/Setup key\*\n`([A-Z2-7 ]+)`/.exec(text(view))?.[1] ?? '').replaceAll(' ', '');
    expect(secret).toMatch(/^[A-Z2-7]{32}$/);
    expect(text(view)).toContain(`secret=${secret}`);
    secrets.push(secret);
    expect(await who.submit(view, { Code: '000000' })).toMatchObject({ errors: { code: /not right/ } });
    expect((await who.submit(view, { Code: codeOf(secret) })).ok).toBe(true);
    expect(text(await opened(who, /You are enrolled/))).not.toContain(secret);
    await closed(who);
    return secret;
  }
  async function openVote(who: Human, id: string): Promise<UiView> {
    await closed(who);
    expect(await who.click('Approve', { in: await lab.card(id) })).toMatchObject({ ok: true });
    return opened(who, new RegExp(`Operation .${id}`));
  }
  /** Approves with a code and waits for the answer. */
  async function approveWith(who: Human, id: string, code: string): Promise<string> {
    const before = answersTo(who).length;
    const sent = await who.submit(await openVote(who, id), { Code: code });
    expect(sent).toMatchObject({ ok: true });
    return said(await until('an answer', () => answersTo(who)[before]));
  }
  const votes = (id: string) =>
    lab.rows<{ person: string; step_up: boolean }>(
      'select person, step_up from twokey.vote where operation = $1 order by person',
      [id],
    );
  const audited = async (action: string) =>
    (await lab.rows('select actor, subject, data from twokey.audit where action = $1 order by seq', [action])).length;

  beforeAll(async () => {
    lab = await startLab();
    bots = await Promise.all([lab.bot(), lab.bot()]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  let secret = '';
  let id = '';

  it('a secret is shown once, in a window, and active only after its first right code', async () => {
    expect(text(await dialogue(lab.outsider, '/ops totp', /Next/))).toContain('no role here');
    const forgotten = await dialogue(lab.approverA, '/ops totp', /Setup key/);
    id = await lab.request('/ops backup acme');
    // A pending enrolment asks for nothing yet.
    expect(await lab.rows(`select state from twokey.totp`)).toEqual([{ state: 'pending' }]);
    secret = await enrol(lab.approverA);
    expect(text(forgotten)).not.toContain(secret);
    expect(text(await dialogue(lab.approverA, '/ops totp', /enrolled already/))).toContain('`/ops totp off`');
    expect(answersTo(lab.approverA)).toEqual([]);
    expect(await audited('totp.enrolled')).toBe(1);
  });

  it('an approval asks for a code: a wrong, late or used one is refused on its field, a right one counts', async () => {
    const form = await openVote(lab.approverA, id);
    const refused = async (code: string) => (await lab.approverA.submit(form, { Code: code })).errors?.code ?? '';
    expect(await refused('12ab56')).toContain('six digits');
    expect(await refused(codeOf(secret))).toContain('used already');
    expect(await refused('000000')).toMatch(/not right. 3 more/);
    expect(await refused(codeOf(secret, -3))).toMatch(/not right. 2 more/);
    expect(await refused(codeOf(secret, 3))).toMatch(/not right. 1 more wrong one locks/);
    expect(await votes(id)).toEqual([]);
    expect(await approveWith(lab.approverA, id, await fresh(lab.approverA, secret))).toContain('1 of 2');
    expect(said(await press(lab.approverB, 'Approve', await lab.card(id)))).toContain('the last one needed');
    expect(await votes(id)).toEqual([
      { person: 'U0APA', step_up: true },
      { person: 'U0APB', step_up: false },
    ]);
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
  });

  it('one code given to two replicas at once counts once', async () => {
    id = await lab.request('/ops backup acme');
    const form = await openVote(lab.approverA, id);
    const code = await fresh(lab.approverA, secret);
    const sent = await Promise.all([1, 2].map(() => lab.approverA.submit(form, { Code: code })));
    expect(sent.filter((one) => one.ok)).toHaveLength(1);
    expect(sent.find((one) => !one.ok)?.errors?.code).toContain('used already');
    await cardSays(lab, id, /1 of 2 approvals/);
    expect(await votes(id)).toHaveLength(1);
    await ask(lab.operator, `/ops cancel ${id}`);
  });

  it('P2 a code that was asked for before the plan changed approves nothing', async () => {
    id = await lab.request('/ops backup acme');
    const form = await openVote(lab.approverA, id);
    lab.workspace.faults.add({ method: 'chat.update', error: 'internal_error', times: 1000 });
    await lab.rows('update twokey.operation set generation = 2, revision = revision + 1 where id = $1', [id]);
    await lab.approverA.submit(form, { Code: await fresh(lab.approverA, secret) });
    expect(said(await lab.told(lab.approverA, /The plan has changed since the card/))).toContain('press again');
    // On a card that still shows the old plan no code is asked for: it could not help.
    expect(said(await press(lab.approverA, 'Approve', await lab.card(id)))).toContain('it showed version 1');
    expect(lab.approverA.view()).toBeNull();
    expect(await votes(id)).toEqual([]);
    lab.workspace.faults.clear();
    await cardSays(lab, id, /\(version 2\)/);
    // Nor does one whose secret this replica cannot read.
    const file = join(lab.home, 'secrets', 'totp-key');
    const key = await readFile(file, 'utf8');
    await writeFile(file, `${Buffer.alloc(32, 7).toString('base64')}\n`);
    const again = await openVote(lab.approverA, id);
    const code = await fresh(lab.approverA, secret);
    expect((await lab.approverA.submit(again, { Code: code })).errors?.code).toMatch(/cannot be decrypted.*totp-key/);
    expect(await votes(id)).toEqual([]);
    await writeFile(file, key);
  });

  it('five wrong codes lock for a quarter of an hour, a denial needs none, and an admin may reset', async () => {
    await lab.rows(`update twokey.totp set wrong = '{}'`);
    const form = await openVote(lab.approverA, id);
    const said5 = [];
    for (let n = 0; n < 5; n += 1) said5.push((await lab.approverA.submit(form, { Code: '000000' })).errors?.code);
    expect(said5[4]).toContain('Too many wrong codes: none is taken for another 15 min');
    const right = await lab.approverA.submit(form, { Code: await fresh(lab.approverA, secret) });
    expect(right.errors?.code).toContain('Too many wrong codes');
    expect(await audited('totp.locked')).toBe(1);
    await closed(lab.approverA);
    expect(said(await deny(lab.approverA, await lab.card(id), 'Not now'))).toContain('You denied it.');

    expect(said(await ask(lab.approverB, '/ops totp reset U0APA'))).toContain('is for admin');
    expect(said(await ask(lab.admin, '/ops totp reset U0ADM'))).toContain('cannot reset your own');
    expect(said(await ask(lab.admin, '/ops totp reset @approver-a'))).toContain('Enrolled: <@U0APA> is `U0APA`');
    expect(said(await ask(lab.admin, '/ops totp reset U0APA'))).toContain('are reset');
    for (const [who, channel] of [
      [lab.approverA, 'app'],
      [lab.admin, 'audit'],
    ] as const)
      await until(`it is told in ${channel}`, () =>
        who.sees(channel).some((one) => said(one).includes('has reset the')),
      );
    expect(await audited('totp.reset')).toBe(1);
    id = await lab.request('/ops backup acme');
    expect(said(await press(lab.approverA, 'Approve', await lab.card(id)))).toContain('1 of 2');
  });

  it('when nobody answers, the channel hears once who has not, and the admins are told', async () => {
    const late = (who: Human, channel?: string) =>
      who.sees(channel).filter((one) => said(one).includes(id) && /left\*? to decide/.test(said(one)));
    await lab.rows(`update twokey.operation set decide_by = clock_timestamp() + interval '14 minutes' where id = $1`, [
      id,
    ]);
    const aloud = await until('it is said in the channel', () => late(lab.operator)[0]);
    expect(said(aloud)).toMatch(/1[34] min \d\d s left/);
    expect(said(aloud)).toContain('Not answered yet: <@U0APB>.');
    const told = await until('the admin is told', () => late(lab.admin, 'app')[0]);
    expect(said(told)).toContain('can change who approves, or cancel it');
    await ask(lab.operator, `/ops cancel ${id}`);
    const denied = await lab.request('/ops backup acme');
    await deny(lab.approverA, await lab.card(denied), 'Not now');
    await lab.rows(`update twokey.operation set decide_by = clock_timestamp() + interval '1 minute' where id = $1`, [
      denied,
    ]);
    const next = await lab.request('/ops backup acme');
    await until('the next request calls', () => lab.approverB.sees('app').some((one) => said(one).includes(next)));
    await ask(lab.operator, `/ops cancel ${next}`);
    expect(await lab.rows(`select operation from twokey.reminder where kind = 'late'`)).toEqual([{ operation: id }]);
    expect([late(lab.operator).length, late(lab.admin, 'app').length, late(lab.approverB, 'app').length]).toEqual([
      1, 1, 0,
    ]);
  });

  it('where the policy requires codes, who is not enrolled is refused with the next step, and the start looks again', async () => {
    await restart(labConfiguration({ policy: { totp: 'required' } }));
    id = await lab.request('/ops backup acme');
    const refused = said(await press(lab.approverB, 'Approve', await lab.card(id)));
    expect(refused).toMatch(/you are not enrolled.*Next.*`\/ops totp` to enrol/s);
    const [a, b] = [await enrol(lab.approverA), await enrol(lab.approverB)];
    await approveWith(lab.approverA, id, await fresh(lab.approverA, a));
    await lab.rows('update twokey.vote set step_up = false where operation = $1', [id]);
    await approveWith(lab.approverB, id, await fresh(lab.approverB, b));
    const card = await cardSays(lab, id, /A vote does not count: it was given without a code/);
    expect(card).toContain('1 of 2 approvals');
    expect(card).toMatch(/<@U0APA> approved .*, void: given without a code/);
    expect(await approveWith(lab.approverA, id, await fresh(lab.approverA, a))).toContain('the last one needed');
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');

    const off = await dialogue(lab.approverB, '/ops totp off', /will not ask for a code/);
    expect((await lab.approverB.submit(off, { Code: '000000' })).ok).toBe(false);
    expect((await lab.approverB.submit(off, { Code: await fresh(lab.approverB, b) })).ok).toBe(true);
    await opened(lab.approverB, /ask for no code any more/);
    expect(await lab.rows(`select person from twokey.totp`)).toEqual([{ person: 'U0APA' }]);
  });

  it('P8 no secret is in the database, in what the bots print, or in any message', async () => {
    const tables = await lab.rows<{ name: string }>(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('twokey', 'dbos')`,
    );
    expect(tables.length).toBeGreaterThan(15);
    const places = [printed, ...bots.map((one) => one.output())];
    for (const { name } of tables) places.push(JSON.stringify(await lab.rows(`select t::text as row from ${name} t`)));
    for (const who of [lab.operator, lab.approverA, lab.approverB, lab.admin])
      for (const channel of ['operations', 'audit', 'alerts', 'reports', 'app'])
        for (const one of who.sees(channel))
          places.push(JSON.stringify(channel === 'app' ? one : who.thread(channel, one.ts)), JSON.stringify(one));
    const all = places.join('\n');
    expect(all).toContain('totp.enrolled');
    expect(secrets).toHaveLength(3);
    for (const one of secrets)
      for (const form of [one, one.match(/.{4}/g)?.join(' ') ?? '', Buffer.from(one).toString('hex')])
        expect(all.includes(form)).toBe(false);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
