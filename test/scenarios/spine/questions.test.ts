import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, said, untilRow } from '../../support/ask.ts';
import { DUMP_PASSWORD, type Lab, startLab } from '../../support/lab.ts';

describe('questions, before and after a backup', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const answer = async (line: string) => said(await ask(lab.operator, line));

  it('help says what can be asked, by whom, and how each command is typed', async () => {
    const help = await answer('/ops help');
    for (const usage of ['backup &lt;site&gt;', 'status [site]', 'show &lt;operation&gt;', 'backup list &lt;site&gt;'])
      expect(help).toContain(`\`/ops ${usage}\``);
    expect(await answer('/ops')).toBe(help);
    const one = await answer('/ops help backup');
    expect(one).toMatch(/It changes something; risk: routine\. .*For: operator, admin\./);
    expect(one).toContain('`/ops backup list &lt;site&gt;`');
    const who = await answer('/ops whoami');
    expect(who).toContain('You are operator: operator.');
    expect(who).toMatch(/\*Commands\* {2}.*backup/);
  });

  it('before anything ran, every question says so', async () => {
    expect(await answer('/ops sites')).toMatch(/acme +production +8\.1\.0 +acme-app/);
    const status = await answer('/ops status');
    expect(status).toContain('*acme* (production, 8.1.0)');
    expect(status).toMatch(/acme-app answers, load \d/);
    expect(status).toContain('outside working hours');
    expect(status).toMatch(/\*Newest backup\* {2}none/);
    expect(status).toMatch(/\*Disk\* {2}\d.* free/);
    expect(await answer('/ops status acme')).toContain('Status of acme.');
    expect(await answer('/ops history')).toContain('Nothing has been run yet.');
    expect(await answer('/ops history acme')).toContain('Nothing has been run yet.');
    expect(await answer('/ops backup list acme')).toContain('acme has no backup yet.');
  });

  it('while it waits and after it ran, every question tells of it', async () => {
    const id = await lab.request('/ops backup acme');
    expect(await answer('/ops sites')).toContain('1 active');
    expect(await answer('/ops status acme')).toContain(`${id} backup (awaiting approval)`);
    expect(await answer(`/ops log ${id}`)).toContain('It has printed nothing yet.');
    const waiting = await answer(`/ops show ${id}`);
    expect(waiting).toContain('*awaiting approval*');
    expect(waiting).toMatch(/\*Votes\* {2}none/);
    await lab.approve(id);
    expect(await untilRow(lab, id, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    const [folder = ''] = await readdir(join(lab.siteDir, 'db_backup'));
    expect(await answer('/ops status acme')).toContain(folder);
    expect(await answer('/ops backup list acme')).toMatch(new RegExp(`${folder} +[\\d.]+ [kM]B +checked`));
    for (const line of ['/ops history', '/ops history acme'])
      expect(await answer(line)).toMatch(new RegExp(`${id} .*UTC +backup acme +succeeded +[\\d.]+ s`));
    const shown = await answer(`/ops show ${id}`);
    expect(shown).toContain('<@U0APA> approve');
    expect(shown).toContain('<@U0APB> approve');
    expect(shown).toMatch(/2 +db\.dump +succeeded +0 /);
    expect(shown).toContain(`path ${lab.siteDir}/db_backup/${folder}`);
    const log = await answer(`/ops log ${id.toUpperCase()}`);
    expect(log).toContain('Step 2 · Dump the database');
    expect(log).toContain('counted the rows of 4 tables');
    expect(log).toMatch(/sha256 [0-9a-f]{64}/);
    expect(await answer('/ops sites')).not.toContain('active');
    expect(await answer(`/ops cancel ${id}`)).toMatch(/has ended: succeeded\.[\s\S]*\*Next:\*/);
  });

  it('P8 nothing that anybody could read holds the password', async () => {
    const everything = JSON.stringify([lab.workspace.journal.calls(), lab.workspace.journal.envelopes]);
    expect(everything.length).toBeGreaterThan(10_000);
    expect(everything).not.toContain(DUMP_PASSWORD);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
