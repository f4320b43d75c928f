import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archive, gzipped } from '../support/archive.ts';
import { openBrowser, pageOf, picture } from '../support/browser.ts';
import { type FirstStart, firstStart } from '../support/first-start.ts';
import { until } from '../support/until.ts';

describe('a newcomer’s first five minutes, in the browser', () => {
  let start: FirstStart;
  let browser: Browser;
  let operator: Page;

  beforeAll(async () => {
    [start, browser] = await Promise.all([firstStart(), openBrowser()]);
    operator = await pageOf(browser, start.url, 'U0REQ');
  });
  afterAll(async () => {
    await browser.close();
    await start[Symbol.asyncDispose]();
  });

  const say = async (page: Page, line: string) => {
    const box = page.getByRole('textbox', { name: 'Message #operations' });
    await box.fill(line);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Send', exact: true }).first().click();
  };
  const cards = (page: Page) => page.getByRole('article').filter({ hasText: 'Backup demo-production, production' });
  const approve = async (page: Page) => {
    await cards(page).last().getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Approve', exact: true }).click();
  };

  it('offers completion while a command is typed, and a form for what is missing', async () => {
    await operator.getByRole('textbox', { name: 'Message #operations' }).pressSequentially('/o');
    await operator.getByRole('listbox', { name: 'Commands' }).getByRole('option').first().waitFor();
    await say(operator, '/ops backup');
    const form = operator.getByRole('dialog');
    await form.getByText('Dump the database of a site').waitFor();
    await picture(operator, 'form');
    await operator.getByRole('button', { name: 'Close dialog' }).click();
  });

  it('asks for two approvals, refuses the requester’s own, and counts an approver once', async () => {
    await say(operator, '/ops backup demo-production');
    await cards(operator).last().getByText('0 of 2 approvals').waitFor();
    await cards(operator).last().getByText('no working hours at all').waitFor();
    await picture(operator, 'approval');
    await approve(operator);
    await operator.getByText('your own approval cannot count').waitFor();

    const approverA = await pageOf(browser, start.url, 'U0APA');
    await approve(approverA);
    await approverA.getByText('Your approval counts: 1 of 2.').waitFor();
    await approve(approverA);
    await approverA.getByText('Your vote counts already.').last().waitFor();
    await approverA.close();
  });

  it('runs it with the second approval, shows steps and live output, and ends with the whole log as a file', async () => {
    const approverB = await pageOf(browser, start.url, 'U0APB');
    await approve(approverB);
    await approverB.getByText('Your approval was the last one needed.').waitFor();
    await approverB.close();
    const card = cards(operator).last();
    await card.getByText('succeeded').waitFor({ timeout: 60_000 });
    await card.getByText('2. Dump the database: done').waitFor();
    await card.getByRole('button', { name: /repl/ }).click();
    const thread = operator.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('pg_dump: saving database definition').waitFor();
    await thread.getByRole('button', { name: 'Preview' }).waitFor({ timeout: 30_000 });
    await picture(operator, 'backup');
    await thread.getByRole('button', { name: 'Preview' }).click();
    await thread.getByText('step 5: Put the backup in place').waitFor();
    expect(await card.textContent()).toMatch(/sha256\s*[0-9a-f]{64}/);
  });

  it('answers questions for one person’s eyes', async () => {
    await say(operator, '/ops backup list demo-production');
    await operator.getByText('Backups of demo-production').waitFor();
    await say(operator, '/ops statsu');
    await operator.getByText('Did you mean /ops status?').waitFor();
    await picture(operator, 'answers');
  });

  it('takes a release as a file that is chosen in a form', async () => {
    await say(operator, '/ops release add');
    const form = operator.getByRole('dialog');
    const buffer = gzipped(archive([{ path: 'app/run', body: '#!/bin/sh\n' }]));
    const file = { name: 'shotgun-docker-se-8.14.0.0.tar.gz', mimeType: 'application/gzip', buffer };
    await form.getByLabel('File').setInputFiles(file);
    await form.getByText(`Uploaded: ${file.name}`).waitFor();
    await picture(operator, 'upload');
    await form.getByRole('button', { name: 'Do it', exact: true }).click();
    await operator.getByText('app 8.14.0.0 is added').waitFor({ timeout: 20_000 });
  });

  it('refuses an outsider, saying what to do', async () => {
    const outsider = await pageOf(browser, start.url, 'U0OUT');
    await say(outsider, '/ops backup demo-production');
    await outsider.getByText('Ask an admin to add you to a role').waitFor();
    await outsider.close();
  });

  it('P3 comes back after kill -9 of the bot', async () => {
    const before = start.botPid();
    process.kill(before, 'SIGKILL');
    await until('another bot is ready', () => start.botPid() !== before, 30_000);
    await operator.getByTestId('app-state').getByText('App connected').waitFor();
    await say(operator, '/ops whoami');
    await operator.getByText('operator').last().waitFor();
  });
});
