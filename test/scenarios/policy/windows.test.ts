import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Temporal } from 'temporal-polyfill';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ask, cardSays, press, said, untilRow } from '../../support/ask.ts';
import { type Bot, startBot } from '../../support/bot.ts';
import { holdSite } from '../../support/hold.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

const MAIN = fileURLToPath(new URL('../../support/disruptive-bot.ts', import.meta.url));
const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost'];

/** A time so many seconds from now, as the calendar's own clock shows it. */
function inSeconds(seconds: number): string {
  const local = Temporal.Now.zonedDateTimeISO('Europe/Berlin').add({ seconds }).toPlainDateTime();
  return local.toString({ smallestUnit: 'second' });
}

interface Row extends Record<string, unknown> {
  readonly state: string;
  readonly quorum: number;
  readonly run_number: number;
  readonly generation: number;
  readonly early: boolean | null;
  readonly start_clock: string;
  readonly rules: Record<string, string>;
}

describe('P1 windows, freezes and emergencies', () => {
  let lab: Lab;
  let bots: Bot[] = [];
  const start = async (replicas: number) => {
    bots = await Promise.all(Array.from({ length: replicas }, () => startBot(lab.env, ['start'], MAIN)));
  };
  const restart = async (configuration: object) => {
    for (const code of await Promise.all(bots.map((bot) => bot.stop()))) expect(code).toBe(0);
    await writeFile(join(lab.home, 'twokey.yml'), stringify(configuration));
    await start(1);
  };
  beforeAll(async () => {
    lab = await startLab({ moreSites: 1 });
    // Two replicas: both look for windows that have opened.
    await start(2);
  });
  afterAll(async () => {
    await Promise.all(bots.map((bot) => bot.kill()));
    await lab[Symbol.asyncDispose]();
  });

  const row = async (id: string): Promise<Row | undefined> => {
    const [found] = await lab.rows<Row>(
      `select state, quorum, run_number, generation, rules, started_at < coalesce(opens_at, not_before) as early,
         (start_by - opens_at)::text as start_clock from twokey.operation where id = $1`,
      [id],
    );
    return found;
  };
  const audited = async (id: string) =>
    (await lab.rows<{ action: string }>('select action from twokey.audit where subject = $1 order by seq', [id])).map(
      (one) => one.action,
    );

  it('--at holds a backup, takes the votes meanwhile, and starts it by itself, once, when its time comes', async () => {
    const id = await lab.request(`/ops backup acme --at ${inSeconds(6)}`);
    const unapproved = await lab.request(`/ops backup acme --at ${inSeconds(3)}`);
    const card = shown(await lab.untilState(id, 'held'));
    expect(card).toMatch(/it starts .* by itself, if it is approved by then or after\. That time was asked for\./);
    expect(card).toContain('0 of 2 approvals. This is outside working hours.');
    expect(await row(id)).toMatchObject({ quorum: 2, run_number: 0, start_clock: '04:00:00' });
    await press(lab.approverA, 'Approve', await lab.card(id));
    expect(said(await press(lab.approverB, 'Approve', await lab.card(id)))).toContain('starts by itself when its time');
    expect(await row(id)).toMatchObject({ state: 'held', run_number: 0 });
    // Without its votes another one waits for them when its time has come.
    await lab.untilState(unapproved, 'awaiting approval');
    expect(await row(unapproved)).toMatchObject({ run_number: 0 });
    await press(lab.operator, 'Cancel', await lab.card(unapproved));
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await row(id)).toMatchObject({ run_number: 1, early: false });
    const actions = await audited(id);
    expect(actions.filter((one) => one === 'operation.window_opened')).toHaveLength(1);
    expect(actions.filter((one) => one === 'operation.started')).toHaveLength(1);
  });

  it('a time that is none, or over, or no window at all is refused with what to write', async () => {
    expect(said(await ask(lab.operator, '/ops backup acme --at soon'))).toContain('Write 14:30 (the next one to come)');
    expect(said(await ask(lab.operator, '/ops backup acme --at 2020-01-01T10:00'))).toContain('is over');
    expect(said(await ask(lab.operator, '/ops backup acme --at next-window'))).toContain('No window is in sight');
  });

  it('/ops can and /ops window say what would be needed, and change nothing', async () => {
    const before = await lab.rows('select count(*) from twokey.operation');
    const can = said(await ask(lab.operator, '/ops can backup acme --at 10:00'));
    expect(can).toContain('It would be held until');
    expect(can).toContain('if 2 approvals have been given');
    expect(can).toMatch(/Who could approve\*\s+2 of <@U0APA>, <@U0APB>/);
    expect(said(await ask(lab.viewer, '/ops can rehearse acme'))).toContain('You may not:');
    const window = said(await ask(lab.viewer, '/ops window acme --command rehearse --at 12:00'));
    expect(window).toContain('outside working hours');
    expect(window.match(/^[> ] \w{3} \d\d-\d\d {2}\.{48}$/gm)).toHaveLength(14);
    expect(window).toMatch(/rehearse \(disruptive\) at .*It would wait for 2 approvals, then start/s);
    expect(await lab.rows('select count(*) from twokey.operation')).toEqual(before);
  });

  it('P2 --dry-run shows the plan that the same line then has recorded, and writes, posts and asks nothing', async () => {
    const left = async () => ({
      rows: await lab.rows(
        `select (select count(*) from twokey.operation) as operations, (select count(*) from twokey.step) as steps,
           (select count(*) from twokey.card) as cards, (select count(*) from twokey.vote) as votes,
           (select count(*) from twokey.estate_change) as changes,
           (select count(*) from twokey.audit where actor in ('U0REQ', 'U0VIEW')) as audited`,
      ),
      posted: lab.operator.sees('operations').filter((message) => !message.ephemeral).length,
    });
    const before = await left();
    const dry = said(await ask(lab.operator, '/ops rehearse acme —dry-run'));
    expect(dry).toContain('It would wait for 2 approvals, then start.');
    expect(dry).toMatch(/Who could approve\*\s+2 of <@U0APA>, <@U0APB>/);
    expect(dry).toMatch(/^1\. .* · `backup\.prepare` on `/m);
    // A form that is opened for what is missing does not forget it.
    await lab.operator.slash('/ops backup --at 10:00 --dry-run');
    const form = await lab.operator.waitFor((person) => person.view(), { what: 'the form that asks for the site' });
    expect(form.submit).toBe('Show');
    await lab.operator.submit(form, { Site: 'acme' });
    const later = said(await lab.told(lab.operator, /Dry run of backup/));
    expect(later).toContain('It would be held until');
    expect(later).toMatch(/ask for it:\n\/ops backup acme --at 10:00$/m);
    expect(said(await ask(lab.operator, '/ops site edit acme version 9.9.9 --dry-run'))).toContain('8.1.0 → 9.9.9');
    expect(await left()).toEqual(before);
    expect(said(await ask(lab.viewer, '/ops rehearse acme --dry-run'))).toContain(
      'you are viewer.\n*Next:* Ask <@U0REQ>.',
    );
    const line = /ask for it:\n(\/ops .*)$/m.exec(dry)?.[1] ?? '';
    const id = await lab.request(line);
    const [recorded] = await lab.rows<{ plan_hash: string }>('select plan_hash from twokey.operation where id = $1', [
      id,
    ]);
    expect(dry).toContain(`Plan \`${recorded?.plan_hash.slice(0, 12)}\``);
    await lab.untilState(id, 'awaiting approval');
    await press(lab.operator, 'Cancel', await lab.card(id));
  });

  it('a freeze holds also what is approved already; its end lets it go on with the votes it has', async () => {
    const held = await holdSite(lab);
    const id = await lab.request('/ops rehearse acme');
    await lab.approve(id);
    await untilRow(lab, id, 'queued');
    const frozen = said(
      await ask(lab.operator, '/ops freeze site:acme --until 23:59 --reason "the auditors are here"'),
    );
    const freeze = /Freeze ([0-9a-z]{8})/.exec(frozen)?.[1] ?? '';
    expect(frozen).toContain('It holds at once for acme');
    await held.release();
    await lab.untilState(id, 'held');
    const card = await cardSays(lab, id, /Changes are frozen \(the auditors are here\)/);
    expect(card).toContain('2 of 2 approvals');
    expect(said(await ask(lab.viewer, '/ops window acme'))).toContain('the auditors are here, by <@U0REQ>');
    const refused = said(await ask(lab.approverA, `/ops unfreeze ${freeze}`));
    expect(refused).toContain('Only the person who began this freeze, or an admin');
    expect(said(await ask(lab.admin, `/ops unfreeze ${freeze}`))).toContain('The freeze of the site acme is over');
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await audited(freeze)).toEqual(['freeze.begun', 'freeze.lifted']);
    expect(await untilRow(lab, held.operation, ...ENDED)).toBe('succeeded');
  });

  it('two sites of one host: disruptive work on one waits for that on the other, says so, and starts when it ends', async () => {
    const file = join(lab.sshd.dir, 'hold-the-look');
    const times = async (ids: readonly string[]) =>
      lab.rows<{ id: string; state: string; started_at: Date | null; ended_at: Date | null }>(
        'select id, state, started_at, ended_at from twokey.operation where id = any($1) order by started_at nulls last',
        [ids],
      );
    /** Both are asked for and approved while whatever starts is held on the host. */
    const both = async () => {
      await writeFile(file, '');
      await lab.tools({ psql: `while [ -e '${file}' ]; do sleep 0.05; done` });
      const ids = [await lab.request('/ops rehearse acme'), await lab.request('/ops rehearse acme-2')];
      for (const id of ids) await lab.untilState(id, 'awaiting approval');
      await Promise.all(ids.map((id) => lab.approve(id)));
      return ids;
    };
    const ids = await both();
    const [first, second] = await until('one of them runs', async () => {
      const rows = await times(ids);
      return rows[0]?.state === 'running' ? rows.map((one) => one.id) : null;
    });
    const site = first === ids[0] ? 'acme' : 'acme-2';
    await cardSays(
      lab,
      second ?? '',
      new RegExp(`room on the host acme-app, .*: operation ${first} .rehearse ${site}.`),
    );
    expect((await times(ids)).map((one) => one.state)).toEqual(['running', 'queued']);
    await rm(file);
    for (const id of ids) expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    const [one, two] = await times(ids);
    const pause = (two?.started_at?.getTime() ?? 0) - (one?.ended_at?.getTime() ?? 0);
    expect(pause).toBeGreaterThanOrEqual(0);
    // With room for two, both are on the host at the same time.
    const edit = await lab.request('/ops host edit acme-app disruptive_at_once 2');
    await lab.approve(edit);
    expect(await untilRow(lab, edit, ...ENDED)).toBe('succeeded');
    const again = await both();
    await until('both run', async () => (await times(again)).every((row) => row.state === 'running'));
    await rm(file);
    for (const id of again) expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
  });

  it('disruptive work waits for the end of a freeze; an emergency does not, and is said aloud once', async () => {
    const nothing = said(await ask(lab.operator, '/ops rehearse acme --now "the disk dies"'));
    expect(nothing).toContain('gains nothing here: without it it needs 2 approvals');
    await ask(lab.admin, `/ops freeze all --until ${inSeconds(900)} --reason quiet`);
    const waits = await lab.request('/ops rehearse acme');
    expect(shown(await lab.untilState(waits, 'held'))).toContain('Changes are frozen (quiet)');
    const id = await lab.request('/ops rehearse acme --now "the disk dies"');
    const card = shown(await lab.untilState(id, 'awaiting approval'));
    expect(card).toContain('*Emergency:* the disk dies');
    const aloud = () => lab.admin.sees('audit').filter((one) => shown(one).includes(id));
    await until('it is said in the audit channel', () => aloud().length > 0);
    expect(shown(aloud()[0] ?? (await lab.card(id)))).toMatch(/Emergency on production.*<@U0REQ>.*the disk dies/s);
    // Each click's answer is waited for, so that it is not taken for that of the next one.
    for (const approver of [lab.approverA, lab.approverB]) await press(approver, 'Approve', await lab.card(waits));
    await press(lab.approverA, 'Approve', await lab.card(id));
    expect(said(await press(lab.approverB, 'Approve', await lab.card(id)))).toContain('It starts now.');
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await row(waits)).toMatchObject({ state: 'held', run_number: 0 });
    await ask(lab.admin, '/ops unfreeze all');
    expect(await untilRow(lab, waits, ...ENDED)).toBe('succeeded');
    expect(await row(waits)).toMatchObject({ run_number: 1, early: false });
    expect(aloud()).toHaveLength(1);
    const asked = await lab.rows(
      `select 1 from twokey.audit where subject = $1 and data->>'emergency' = 'the disk dies'`,
      [id],
    );
    expect(asked).toHaveLength(1);
  });

  it('P2 another policy at the start voids the votes, and the card names what changed', async () => {
    const held = await holdSite(lab);
    const id = await lab.request('/ops backup acme');
    await lab.approve(id);
    await untilRow(lab, id, 'queued');
    await restart(labConfiguration({ policy: { quorum: 1 } }));
    await held.release();
    const card = await cardSays(lab, id, /The policy is no longer the one under which it was asked for: quorum: 2 → 1/);
    expect(card).toContain('0 of 1 approvals');
    expect(card).toMatch(/<@U0APA> approved .*, void: drift/);
    await press(lab.approverA, 'Approve', await lab.card(id));
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await row(id)).toMatchObject({ quorum: 1, generation: 2, rules: { quorum: '1' } });
  });

  it('in working hours --at needs no vote, disruptive work with no window in sight is refused', async () => {
    await restart(labConfiguration({ workingHours: 'always', policy: { emergency: false } }));
    const id = await lab.request(`/ops backup acme --at ${inSeconds(3)}`);
    const card = await lab.untilState(id, 'held');
    expect(shown(card)).not.toContain('approvals');
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    expect(await row(id)).toMatchObject({ quorum: 0, run_number: 1, early: false });
    expect(said(await ask(lab.operator, '/ops rehearse acme'))).toContain('it would wait for ever');
    expect(said(await ask(lab.operator, '/ops rehearse acme --now "it burns"'))).toContain(
      'Emergencies are switched off',
    );
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
