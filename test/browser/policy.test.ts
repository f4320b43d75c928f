import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bot, startBot } from '../support/bot.ts';
import { openBrowser, PAGE, pageOf, picture } from '../support/browser.ts';
import { type Lab, startLab } from '../support/lab.ts';
import { CELLS, type Cell, configure, FREEZE, furnish, nextWords } from '../support/policy-table.ts';

const BOT = fileURLToPath(new URL('../support/disruptive-bot.ts', import.meta.url));
const OPTIONS = { staging: true, pageDir: PAGE } as const;

describe('P1 the policy table in the browser, every row', () => {
  let lab: Lab;
  let bot: Bot;
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    if (!existsSync(PAGE))
      throw new Error('The page is not built yet. Run npm test, or npx vite build src/workspace/page.');
    [lab, browser] = await Promise.all([startLab(OPTIONS), openBrowser()]);
    await furnish(lab);
    await configure(lab, OPTIONS, 'working');
    bot = await startBot(lab.env, ['start'], BOT);
    page = await pageOf(browser, lab.workspace.url, 'U0REQ');
  });
  afterAll(async () => {
    await browser.close();
    await bot.kill();
    await lab[Symbol.asyncDispose]();
  });

  /** Becomes another person, with the switch at the top of the page. */
  const be = async (person: string) => {
    const choice = page.getByRole('group', { name: 'Person' }).getByRole('button', { name: person, exact: true });
    await choice.click();
    await expect.poll(() => choice.getAttribute('aria-pressed')).toBe('true');
  };
  const say = async (line: string) => {
    const box = page.getByRole('textbox', { name: 'Message #operations' });
    await box.fill(line);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Send', exact: true }).first().click();
  };
  /** The newest answer that only this person sees and that says this. */
  const told = async (words: string): Promise<string> => {
    const answer = page
      .getByRole('article')
      .filter({ hasText: 'Only visible to you' })
      .filter({ hasText: words })
      .last();
    await answer.waitFor({ timeout: 30_000 });
    return reading(answer);
  };
  const cardOf = (id: string): Locator =>
    page
      .getByRole('article')
      .filter({ hasText: `operation ${id}` })
      .filter({ hasNotText: 'Only visible to you' });
  const reading = async (part: Locator): Promise<string> => {
    // biome-ignore lint/performance/useDomNodeTextContent: textContent would run the blocks together
    const text = await part.innerText({ timeout: 10_000 });
    return text.replaceAll(/\s+/g, ' ');
  };
  const shows = async (id: string, words: string | RegExp): Promise<string> => {
    await cardOf(id).filter({ hasText: words }).waitFor({ timeout: 60_000 });
    return reading(cardOf(id));
  };
  /** Presses a button of a card, and in the dialog that asks once more the one that says `sure`. */
  const press = async (id: string, label: string, sure: string | null) => {
    await cardOf(id).getByRole('button', { name: label, exact: true }).click();
    if (sure === null) return;
    await page.getByRole('alertdialog').getByRole('button', { name: sure, exact: true }).click();
    await expect.poll(() => page.getByRole('alertdialog').count()).toBe(0);
  };
  const approve = async (person: string, id: string, words: string) => {
    await be(person);
    const before = await page.getByRole('article').filter({ hasText: words }).count();
    await press(id, 'Approve', 'Approve');
    await expect
      .poll(() => page.getByRole('article').filter({ hasText: words }).count(), { timeout: 20_000 })
      .toBeGreaterThan(before);
  };
  const ended = (id: string) => shows(id, /succeeded/);
  const asShown = (words: string) => words.replaceAll('<@U0REQ>', '@operator').replaceAll('*', '');

  /** Types the command; reads the answer and, where people have to do something, the card. Answers the operation. */
  const asked = async (cell: Cell, more = ''): Promise<string> => {
    await be('operator');
    const line = `${cell.command} ${cell.site}${more}`;
    await say(`/ops ${line}`);
    const answer = await told(`is recorded: ${line}, ${cell.environment}.`);
    expect(answer).toContain(cell.why);
    const id = /Operation ([0-9a-z]{8}) is recorded/.exec(answer)?.[1] ?? '';
    const waits = cell.votes > 0 || cell.confirm !== 'nothing';
    if (!waits) return id;
    const card = await shows(id, 'Without that it expires');
    expect(card.toLowerCase()).toContain(`${cell.command} ${cell.site}, ${cell.environment}`);
    expect(card).toContain('Asked by @operator');
    expect(card).toContain(cell.votes > 0 ? `0 of 2 approvals. ${cell.why} Next:` : `${cell.why} Next:`);
    expect(card).toContain(`Next: ${asShown(nextWords(cell))} Without that it expires`);
    return id;
  };
  const cellOf = (site: string, command: Cell['command']): Cell => {
    const found = CELLS.find((cell) => cell.site === site && cell.command === command);
    if (!found) throw new Error(`the table has no ${command} on ${site}`);
    return found;
  };
  const byTwo = async (id: string) => {
    await approve('approver-a', id, 'Your approval counts: 1 of 2.');
    await approve('approver-b', id, 'Your approval was the last one needed.');
    await be('operator');
  };
  const typed = async (id: string, name: string, reason: string | null) => {
    await press(id, 'Confirm', null);
    const form = page.getByRole('dialog', { name: 'Confirm this operation?' });
    await form.getByText('It destroys, and nothing brings it back by itself').waitFor();
    const field = form.getByRole('textbox', { name: 'Name of the site' });
    await field.fill(name.toUpperCase());
    if (reason !== null) await form.getByRole('textbox', { name: 'Reason' }).fill(reason);
    await form.getByRole('button', { name: 'Confirm', exact: true }).click();
    await form.getByRole('alert').getByText(`It is written ${name}, exactly so.`).waitFor();
    await picture(page, 'confirm-form');
    await field.fill(name);
    await form.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expect.poll(() => form.count()).toBe(0);
    expect(await shows(id, /Confirmed by @operator/)).not.toContain('presses Confirm');
  };
  const reviewed = async (id: string) => {
    await be('approver-a');
    await say(`/ops review close ${id} looked at it`);
    await told(`${id} is closed.`);
  };
  const cancelled = async (id: string) => {
    await press(id, 'Cancel', 'Cancel it');
    await shows(id, 'cancelled');
  };

  it('production outside working hours: two people for a disruptive command', async () => {
    const id = await asked(cellOf('acme', 'rehearse'));
    await picture(page, 'card-outside');
    await approve('operator', id, 'your own approval cannot count');
    // Somebody else's vote changes the card while a dialog is open, which stays.
    await be('approver-b');
    await cardOf(id).getByRole('button', { name: 'Approve', exact: true }).click();
    const dialog = page.getByRole('alertdialog', { name: 'Approve: Rehearse acme, production?' });
    await dialog.getByText('It starts once 2 people have approved.').waitFor();
    await lab.approverA.click('Approve', { in: await lab.card(id) });
    expect(await shows(id, '1 of 2 approvals')).toContain(
      'Next: 1 more approver other than @operator presses Approve.',
    );
    await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
    await told('Your approval was the last one needed. It starts now.');
    expect(await ended(id)).toMatch(/Votes @approver-a approved .* @approver-b approved/);
  });

  it('production outside working hours: the typed name as well for break-glass', async () => {
    const id = await asked(cellOf('acme', 'demolish'));
    await picture(page, 'card-break-glass');
    await typed(id, 'acme', null);
    await byTwo(id);
    expect(await ended(id)).toMatch(/Confirmed by @operator .*, with the site’s name typed out\./);
    await reviewed(id);
  });

  it('production in working hours: routine work runs, and its card says why nobody was asked', async () => {
    const cell = cellOf('acme-day', 'backup');
    const id = await asked(cell);
    expect(await ended(id)).toContain(`Votes none needed. ${cell.why}`);
    await picture(page, 'card-ran');
  });

  it('production in working hours: a disruptive command is held, its votes are taken, an emergency goes before it', async () => {
    const cell = cellOf('acme-day', 'rehearse');
    const held = await asked(cell);
    await picture(page, 'card-held');
    await byTwo(held);
    const card = await shows(held, 'nobody has to do anything');
    expect(card).toMatch(/held: it starts .* by itself\. 2 of 2 approvals\./);

    const why = 'An emergency does not wait for its window, but needs the quorum.';
    const id = await asked({ ...cell, held: false, why }, ' --now "the disk dies"');
    expect(await shows(id, 'the disk dies')).toContain('Emergency: the disk dies');
    await picture(page, 'card-emergency');
    await byTwo(id);
    await ended(id);
    await shows(held, 'nobody has to do anything');
    await cancelled(held);
    await reviewed(id);
  });

  it('production in working hours: break-glass asks for the name and a reason, which the approvers read', async () => {
    const id = await asked(cellOf('acme-day', 'demolish'));
    await typed(id, 'acme-day', 'the disk dies');
    expect(await shows(id, /Reason/)).toContain('Reason the disk dies');
    await byTwo(id);
    await ended(id);
    await reviewed(id);
  });

  it('production in a freeze: what is held starts by itself when the freeze ends', async () => {
    await be('admin');
    await say(FREEZE);
    await told('It holds at once for acme-frozen');
    const id = await asked(cellOf('acme-frozen', 'rehearse'));
    await byTwo(id);
    await shows(id, 'nobody has to do anything');
    await be('admin');
    await say('/ops unfreeze acme-frozen');
    await told('is over');
    await be('operator');
    await ended(id);
  });

  it('staging: routine work runs, a disruptive command is confirmed with one click, after "Not yet" as before', async () => {
    const routine = await asked(cellOf('acme-staging', 'backup'));
    await ended(routine);
    const id = await asked(cellOf('acme-staging', 'rehearse'));
    await picture(page, 'card-click');
    await press(id, 'Confirm', 'Not yet');
    await shows(id, 'awaiting confirmation');
    await press(id, 'Confirm', 'Confirm');
    await told('You confirmed it. It starts now.');
    expect(await ended(id)).toContain('Confirmed by @operator');
  });

  it('staging on a host of production: as production, and the card says why', async () => {
    const id = await asked(cellOf('twin', 'backup'));
    await picture(page, 'card-shared');
    await byTwo(id);
    await ended(id);
    await cancelled(await asked(cellOf('twin-day', 'rehearse')));
  });

  it('staging in a PostgreSQL cluster of production: as production, and the card says why', async () => {
    const id = await asked(cellOf('mirror', 'rehearse'));
    await byTwo(id);
    await ended(id);
    const cell = cellOf('mirror-day', 'backup');
    expect(await ended(await asked(cell))).toContain(`Votes none needed. ${cell.why}`);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
