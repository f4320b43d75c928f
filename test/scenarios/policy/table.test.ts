import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Human } from '../../../src/workspace/human.ts';
import type { UiMessage } from '../../../src/workspace/protocol.ts';
import { answersTo, ask, cardSays, confirmForm, said, untilRow } from '../../support/ask.ts';
import { type Bot, startBot } from '../../support/bot.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { CELLS, type Cell, configure, FREEZE, furnish, nextWords, SITES } from '../../support/policy-table.ts';
import { jobsOf } from '../../support/story.ts';
import { until } from '../../support/until.ts';

const BOT = fileURLToPath(new URL('../../support/disruptive-bot.ts', import.meta.url));
const ENDED = ['succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost'];
/** Break-glass is barred while the same person's last one is not reviewed, so several people ask for it. */
const ASKERS = ['operator', 'admin', 'viewer', 'outsider'] as const;
const OPTIONS = { staging: true, roles: { operator: ['U0REQ', 'U0ADM', 'U0VIEW', 'U0OUT'] } } as const;

interface Asked extends Cell {
  readonly asker: (typeof ASKERS)[number];
}
const of = (command: Cell['command']): [string, Asked][] =>
  CELLS.filter((cell) => cell.command === command).map((cell) => [cell.row, { ...cell, asker: 'operator' }]);

describe('P1 the policy table, every cell as people click it', () => {
  let lab: Lab;
  let bot: Bot;
  beforeAll(async () => {
    lab = await startLab(OPTIONS);
    await furnish(lab);
    await configure(lab, OPTIONS, 'working');
    bot = await startBot(lab.env, ['start'], BOT);
    expect(said(await ask(lab.admin, FREEZE))).toContain('It holds at once for acme-frozen');
  });
  afterAll(async () => {
    await bot.kill();
    await lab[Symbol.asyncDispose]();
  });

  /** Does something and waits for the answer that matches: other answers to the same person may come first. */
  const answered = async (who: Human, act: () => Promise<{ ok: boolean; error?: string }>, what: RegExp | string) => {
    const before = new Set(answersTo(who).map((one) => one.ts));
    expect(await act()).toMatchObject({ ok: true });
    const fresh = () => answersTo(who).filter((one) => !before.has(one.ts));
    return until(
      `${who.id} is told ${what}`,
      () =>
        fresh()
          .map(said)
          .find((one) => (typeof what === 'string' ? one.includes(what) : what.test(one))),
      20_000,
    );
  };
  const turns = new Map<string, Promise<unknown>>();
  /** One click of a person after the other, so that no answer is taken for that to another click. */
  const press = (who: Human, label: string, card: UiMessage, what: RegExp): Promise<string> => {
    const mine = (turns.get(who.id) ?? Promise.resolve()).then(() =>
      answered(who, () => who.click(label, { in: card }), what),
    );
    turns.set(
      who.id,
      mine.catch(() => undefined),
    );
    return mine;
  };
  const order = async (cell: Asked, more = '') => {
    const line = `${cell.command} ${cell.site}${more}`;
    const echo = `is recorded: \`${line}\`, ${cell.environment}.`;
    const answer = await answered(lab[cell.asker], () => lab[cell.asker].slash(`/ops ${line}`), echo);
    return { answer, id: /Operation `([0-9a-z]{8})`/.exec(answer)?.[1] ?? '' };
  };
  const row = async (id: string) => {
    const [found] = await lab.rows<Record<string, unknown>>(
      `select state, quorum, run_number, (select count(*)::int from twokey.job where operation = o.id) as jobs,
         (select count(*)::int from twokey.vote where operation = o.id and void_reason is null) as votes,
         started_at > (select max(at) from twokey.vote where operation = o.id) as voted_first
       from twokey.operation o where id = $1`,
      [id],
    );
    return found;
  };
  const heads = (card: string, { command, site, environment, asker }: Asked) => {
    const verb = command.charAt(0).toUpperCase() + command.slice(1);
    expect(card).toContain(`${verb} ${site}, ${environment}`);
    expect(card).toContain(`Asked by <@${lab[asker].id}>`);
  };

  /** The confirmation, as the requester gives it. */
  const confirmed = async (cell: Asked, id: string) => {
    const asker = lab[cell.asker];
    const card = await lab.card(id);
    if (cell.confirm === 'click') return press(asker, 'Confirm', card, /You confirmed it\. It starts now\./);
    const form = await confirmForm(asker, card);
    const words = { 'Name of the site': cell.site, ...(cell.confirm === 'name' ? {} : { Reason: 'the disk dies' }) };
    const told = await answered(asker, async () => ({ ok: (await asker.submit(form, words)).ok }), /You confirmed/);
    expect(told).toContain('It still waits for its 2 approvals.');
    const read = await cardSays(lab, id, /\*Confirmed\* by /);
    expect(read).not.toContain('presses *Confirm*');
    expect(read.includes('*Reason*  the disk dies')).toBe(cell.confirm === 'name and reason');
    return told;
  };

  /** Both approvals. Neither the requester’s own, nor one of them, nor one of them twice starts anything. */
  const approved = async (asker: Human, id: string, last: RegExp) => {
    const card = await lab.card(id);
    const { state } = (await row(id)) ?? {};
    await press(asker, 'Approve', card, /your own approval cannot count/);
    await press(lab.approverA, 'Approve', card, /Your approval counts: 1 of 2\./);
    await press(lab.approverA, 'Approve', card, /Your vote counts already/);
    expect(await row(id)).toMatchObject({ state, run_number: 0, jobs: 0, votes: 1 });
    expect(await jobsOf(lab, id)).toEqual([]);
    await press(lab.approverB, 'Approve', card, last);
  };

  /** The card at the end: the outcome, and by whose word it ran. */
  const succeeded = async (cell: Asked, id: string) => {
    expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
    const card = shown(await lab.untilState(id, 'succeeded'));
    heads(card, cell);
    expect(card).not.toContain('*Next:*');
    expect(await row(id)).toMatchObject({ quorum: cell.votes, votes: cell.votes, run_number: 1 });
    if (cell.votes === 0) {
      expect(card).toContain(`*Votes*  none needed. ${cell.why}`);
      await answered(lab.viewer, () => lab.viewer.slash(`/ops show ${id}`), cell.why);
    } else {
      expect(card).toMatch(/\*Votes\* {2}<@U0APA> approved .* · <@U0APB> approved /);
      expect(await row(id)).toMatchObject({ voted_first: true });
    }
    if (cell.confirm !== 'nothing') expect(card).toContain(`*Confirmed* by <@${lab[cell.asker].id}>`);
  };

  /** From the command to the last click; what is held is left held, with its votes. */
  const clickedThrough = async (cell: Asked, more = ''): Promise<string> => {
    const { answer, id } = await order(cell, more);
    if (cell.votes === 0 && cell.confirm === 'nothing') {
      expect(answer).toContain(`It starts now. ${cell.why}`);
      await succeeded(cell, id);
      return id;
    }
    const waitsFor = cell.votes > 0 ? `It waits for 2 approvals. ${cell.why}` : cell.why;
    expect(answer).toContain(cell.held ? `It is held. ${waitsFor} Its time comes` : waitsFor);
    if (cell.confirm === 'nothing') expect(answer).not.toContain('You have to do something');
    else {
      const todo = {
        click: '',
        name: ` and type the site’s name, ${cell.site}`,
        'name and reason': ` and type the site’s name, ${cell.site}, with a reason`,
      }[cell.confirm];
      expect(answer).toContain(
        `*You have to do something too:* Press Confirm on its card${todo}; it does not start before.`,
      );
    }

    const state = cell.held ? 'held' : cell.votes > 0 ? 'awaiting approval' : 'awaiting confirmation';
    const card = shown(await lab.untilState(id, state));
    heads(card, cell);
    const given = cell.votes > 0 ? `0 of 2 approvals. ${cell.why}` : `: ${cell.why}`;
    expect(card).toContain(`${given}\n`);
    expect(card).toContain(`*Next:* ${nextWords(cell, 0, lab[cell.asker].id)} Without that it expires`);
    if (cell.held) expect(card).toMatch(/\*held\*: it starts .* by itself, if it is approved by then or after\./);
    expect(card.includes('destroys')).toBe(cell.command === 'demolish');

    if (cell.confirm !== 'nothing') await confirmed(cell, id);
    if (cell.held) {
      await approved(lab[cell.asker], id, /the last one needed\. It starts by itself when its time comes\./);
      const waits = await cardSays(lab, id, /2 of 2 approvals/);
      expect(waits).toContain(`*Next:* ${nextWords(cell, 2)}`);
      expect(waits).toMatch(/it starts .* by itself\. 2 of 2/);
      expect(await row(id)).toMatchObject({ state: 'held', run_number: 0, jobs: 0 });
      return id;
    }
    if (cell.votes > 0) await approved(lab[cell.asker], id, /the last one needed\. It starts now\./);
    await succeeded(cell, id);
    return id;
  };
  const held = new Map<string, string>();

  it('a question is answered at once in every row, for the asker’s eyes, and nothing is recorded', async () => {
    await Promise.all(
      SITES.map((site) =>
        answered(lab.viewer, () => lab.viewer.slash(`/ops backup list ${site}`), `${site} has no backup`),
      ),
    );
    expect(await lab.rows('select 1 from twokey.operation')).toEqual([]);
  });

  describe.concurrent('routine work', () => {
    it.each(of('backup'))('%s', async (_row, cell) => void (await clickedThrough(cell)));
  });

  describe.concurrent('disruptive work', () => {
    it.each(of('rehearse'))('%s', async (_row, cell) => {
      const id = await clickedThrough(cell);
      if (cell.held) held.set(cell.site, id);
    });
  });

  const glass = of('demolish').map(([row, cell], n): [string, Asked] => {
    return [row, { ...cell, asker: ASKERS[n % ASKERS.length] ?? 'operator' }];
  });
  describe.each([
    ['break-glass', glass.slice(0, ASKERS.length)],
    ['break-glass by the same people again', glass.slice(ASKERS.length)],
  ])('%s', (_name, cells) => {
    it.concurrent.each(cells)('%s', async (_row, cell) => {
      const id = await clickedThrough(cell);
      await answered(
        lab.approverA,
        () => lab.approverA.slash(`/ops review close ${id} looked at it`),
        new RegExp(`closed.*${id}|${id}.*closed`),
      );
    });
  });

  it('an emergency in working hours does not wait, but for its two approvals, and is said aloud', async () => {
    const [cell] = CELLS.filter(({ site, command }) => site === 'acme-day' && command === 'rehearse');
    if (!cell) throw new Error('the table has no such cell');
    const why = 'An emergency does not wait for its window, but needs the quorum.';
    const id = await clickedThrough({ ...cell, asker: 'operator', held: false, why }, ' --now "the disk dies"');
    expect(shown(await lab.card(id))).toContain(':rotating_light: *Emergency:* the disk dies');
    const aloud = await until('it is said aloud', () => {
      const posts = lab.admin.sees('audit').filter((one) => shown(one).includes(id));
      return posts.length > 0 ? posts : null;
    });
    expect(aloud.map(shown).join()).toMatch(/Emergency on production.*<@U0REQ> asked for.*the disk dies/s);
    expect(aloud).toHaveLength(1);
    // What was held before it still is.
    expect(await row(held.get('acme-day') ?? '')).toMatchObject({ state: 'held', run_number: 0 });
  });

  it('what a freeze held starts by itself when it ends, on the votes that it has', async () => {
    const [cell] = CELLS.filter(({ site, command }) => site === 'acme-frozen' && command === 'rehearse');
    const id = held.get('acme-frozen') ?? '';
    expect(said(await ask(lab.admin, '/ops unfreeze acme-frozen'))).toContain('is over');
    if (cell) await succeeded({ ...cell, asker: 'operator' }, id);
  });

  it('what working hours held asks again where they were changed, and runs once two people agree', async () => {
    expect(await bot.stop()).toBe(0);
    await configure(lab, OPTIONS, 'over');
    bot = await startBot(lab.env, ['start'], BOT);
    const cells = CELLS.filter((cell) => cell.held && cell.site !== 'acme-frozen');
    expect(cells).toHaveLength(3);
    await Promise.all(
      cells.map(async (cell) => {
        const id = held.get(cell.site) ?? '';
        await press(lab.operator, 'Re-plan', await lab.card(id), /The plan has changed/);
        const card = await cardSays(lab, id, /The policy is no longer the one .*working hours: .* → never/);
        expect(card).toContain('0 of 2 approvals. This is outside working hours.');
        expect(card).toMatch(/<@U0APA> approved .*, void: drift/);
        expect(card).toContain(`*Next:* ${nextWords(cell)}`);
        await approved(lab.operator, id, /the last one needed/);
        expect(await untilRow(lab, id, ...ENDED)).toBe('succeeded');
        expect(await row(id)).toMatchObject({ votes: 2, voted_first: true });
      }),
    );
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
