import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { settingsTools } from '../../../src/adapters/postgres/settings-store.ts';
import { ask, press, recorded, said, succeeded, untilRow } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { startHttps, type TestHttps } from '../../support/https.ts';
import { type Lab, labConfiguration, shown, startLab } from '../../support/lab.ts';
import { SETTINGS_PROFILE } from '../../support/settings.ts';
import { give, releaseStory, type Shop } from './release-story.ts';
import { addFarm, type Farm, webHeadStory } from './web-head-story.ts';

const SECRET = 'hunter2-hunter2';

/** Gives a site the scripts that its profile names; answers what reads in which order they were run. */
async function scripted(siteDir: string): Promise<() => Promise<string[]>> {
  const folder = join(siteDir, 'twokey');
  const did = join(folder, 'did');
  await mkdir(folder);
  await writeFile(did, '');
  await chmod(did, 0o666);
  const noted = `echo "$(basename "$0")\${1:+ $1}" >>'${did}'\n`;
  const mode = join(siteDir, 'mode');
  const scripts = {
    restart: noted,
    healthcheck: noted,
    maintenance: `[ "$1" = status ] && exec cat '${mode}'\n${noted}echo "$1" >'${mode}'\n`,
  };
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}`);
    await chmod(join(folder, name), 0o755);
  }
  return async () => (await readFile(did, 'utf8')).trim().split('\n');
}

describe('settings and releases by command', () => {
  let lab: Lab;
  let bot: Bot;
  let web: TestHttps;
  let farm: Farm;
  const shop: Shop = { served: new Map(), slow: Promise.resolve() };
  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always', site: { profile: 'acme-app' } });
    await mkdir(join(lab.home, 'profiles'));
    await writeFile(join(lab.home, 'profiles', 'acme-app.yml'), SETTINGS_PROFILE);
    await writeFile(join(lab.home, 'secrets', 'mail-password'), SECRET, { mode: 0o600 });
    web = await startHttps(lab.home, (request, response) => give(shop, request, response));
    const config = { ...labConfiguration({ workingHours: 'always' }), releases: { private_hosts: ['127.0.0.1'] } };
    await writeFile(join(lab.home, 'twokey.yml'), stringify(config));
    farm = await addFarm(lab);
    bot = await lab.bot({ NODE_EXTRA_CA_CERTS: web.certificate });
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await web[Symbol.asyncDispose]();
    await farm[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  const done = (line: string) => succeeded(lab, lab.operator, line);
  const versions = async () => {
    const rows = await lab.rows<{ document: Record<string, string> }>(
      'select document from twokey.settings_version where site = $1 order by version',
      ['acme'],
    );
    return rows.map((row) => row.document);
  };
  const asks = async (line: string) => said(await ask(lab.operator, line));

  it('R17 a value is stored as a new version, with a card, and waits for a redeploy', async () => {
    expect(await asks('/ops settings show acme')).toMatch(/nothing has been set yet[\s\S]*Acme \(default\)/);
    const id = await done('/ops settings set acme title "Acme Studios"');
    const card = shown(await lab.untilState(id, 'succeeded'));
    expect(card).toContain('title: Acme (default) → Acme Studios');
    expect(card).toContain('deployed again');
    expect(await versions()).toEqual([{ title: 'Acme Studios' }]);
    expect(await asks('/ops settings diff acme')).toMatch(
      /One setting of acme differs[\s\S]*version 1 is stored, Twokey has not deployed any yet[\s\S]*Redeploy pending/,
    );
    expect(await asks('/ops settings show acme title')).toMatch(/Acme Studios[\s\S]*one line of at most/);
    expect(await asks('/ops settings diff acme titel')).toContain('Did you mean `title`?');
    const refused = await asks('/ops settings set acme titel x');
    expect(refused).toContain('Did you mean `title`?');
  });

  it('R18 an advanced setting takes --advanced and, in production, approval', async () => {
    expect(await asks('/ops settings set acme workers 8')).toMatch(/usually not to be modified[\s\S]*--advanced/);
    const id = await recorded(lab.operator, '/ops settings set acme workers 8 --advanced --now "users wait"');
    expect(shown(await lab.untilState(id, 'awaiting approval'))).toContain('workers: 4 (default) → 8 (advanced)');
    expect(await versions()).toHaveLength(1);
    await lab.approve(id);
    expect(await untilRow(lab, id, 'succeeded', 'failed')).toBe('succeeded');
    expect((await versions()).at(-1)).toEqual({ title: 'Acme Studios', workers: '8' });
    const [row] = await lab.rows<{ risk: string }>(
      `select rules ->> 'risk' as risk from twokey.operation where id = $1`,
      [id],
    );
    expect(row?.risk).toBe('disruptive');
  });

  it('P2 of two changes made on the same version one is stored, and the other says why it is not', async () => {
    const held = new pg.Client({ connectionString: lab.env.DATABASE_URL });
    await held.connect();
    await held.query('begin');
    await held.query(`select from twokey.settings_running where site = 'acme' for update`);
    const both = await Promise.all([
      recorded(lab.operator, '/ops settings set acme greeting first'),
      recorded(lab.admin, '/ops settings set acme greeting second'),
    ]);
    await held.end();
    const ends = await Promise.all(both.map((id) => untilRow(lab, id, 'succeeded', 'failed')));
    expect(ends.filter((end) => end === 'succeeded')).toHaveLength(1);
    expect(ends.filter((end) => end.startsWith('failed'))).toHaveLength(1);
    expect(ends.join()).toMatch(/Somebody else was faster|no longer what was asked for.*from: 2 → 3/);
    expect(await versions()).toHaveLength(3);
  });

  it('P8 a secret is a reference to a file; the secret itself is stored nowhere, refused or not', async () => {
    const typed = 'p4ssw0rd-typed-here';
    const refused = await asks(`/ops settings set acme smtp_password ${typed}`);
    expect(refused).toMatch(/is a secret[\s\S]*secrets.*folder[\s\S]*reference/);
    await asks(`/ops settings set acme smtp_password "${typed} ${typed}"`);
    await done('/ops settings set acme smtp_password mail-password');
    const told = `${await asks('/ops settings show acme')} ${await asks('/ops settings history acme')} ${await asks('/ops settings diff acme')}`;
    expect(told).toContain('secret, set');
    expect(told).not.toContain('mail-password');
    const tables = await lab.rows<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema in ('twokey', 'dbos') and table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables)
      for (const secret of [SECRET, typed])
        expect(await lab.rows(`select from ${name} t where t::text like '%' || $1 || '%'`, [secret]), name).toEqual([]);
  });

  it('R17 what was deployed is what runs: then nothing waits, until the next change', async () => {
    const newest = (await versions()).length;
    const [last] = await lab.rows<{ operation: string }>(
      'select operation from twokey.settings_version order by version desc limit 1',
    );
    const pool = new pg.Pool({ connectionString: lab.env.DATABASE_URL, max: 1 });
    const client = await pool.connect();
    await settingsTools(client, { operation: last?.operation ?? '', actor: 'twokey' }).deployed('acme', newest);
    client.release();
    await pool.end();
    expect(await asks('/ops settings diff acme')).toMatch(/No setting of acme differs.*version 4 runs/);
    await done('/ops settings set acme greeting "Good day"');
    const onlyAtOnce = await asks('/ops settings diff acme');
    expect(onlyAtOnce).toContain('at once');
    expect(onlyAtOnce).not.toContain('Redeploy pending');
  });

  it('R24 P7 a redeploy of a site without a fresh backup begins with one', async () => {
    const id = await recorded(lab.operator, '/ops redeploy acme --now "mail is not sent"');
    const card = shown(await lab.untilState(id, 'awaiting approval'));
    expect(card).toMatch(/Takes a verified backup first[\s\S]*Restarts, as the profile has no `config_apply`/);
    expect(card).toMatch(/2\. Dump the database[\s\S]*6\. Maintenance ON[\s\S]*8\. Restart[\s\S]*10\. Maintenance OFF/);
    expect(card).toContain('see yourself that the application has smtp_password');
    const did = await scripted(lab.siteDir);
    await lab.approve(id);
    expect(await untilRow(lab, id, 'succeeded', 'failed')).toBe('succeeded');
    expect(await did()).toEqual(['maintenance on', 'restart', 'healthcheck', 'maintenance off']);
    const [backup] = await lab.rows<{ before: boolean }>(
      `select b.ended_at < m.started_at as before from twokey.step b join twokey.step m using (operation)
        where operation = $1 and b.step = 'backup.publish' and m.step = 'maintenance.on'`,
      [id],
    );
    expect(backup?.before).toBe(true);
    expect(await asks('/ops backup list acme')).toContain('acme has one backup; the newest is acme');
    // The next one relies on it.
    expect(await asks('/ops redeploy acme --dry-run')).toContain('Takes no backup: a verified one');
  });

  it('R17 an older version comes back as a new one, and Undo takes that back; what is written stays', async () => {
    const before = await versions();
    expect(await asks('/ops settings rollback acme 99')).toContain('have no version 99');
    expect(await asks('/ops settings rollback acme 1')).toContain('--advanced');
    const id = await recorded(lab.operator, '/ops settings rollback acme 1 --advanced --now "back to what worked"');
    await lab.approve(id);
    expect(await untilRow(lab, id, 'succeeded', 'failed')).toBe('succeeded');
    expect(await versions()).toEqual([...before, before[0]]);
    expect(await asks('/ops settings diff acme')).toContain('Redeploy pending');
    // It would change an advanced setting again, and what is disruptive does not start in working hours.
    const undone = said(await press(lab.operator, 'Undo', await lab.untilState(id, 'succeeded')));
    expect(undone).toContain('Disruptive work waits until working hours are over');
    const set = await done('/ops settings set acme title "Acme again"');
    const took = await press(lab.operator, 'Undo', await lab.untilState(set, 'succeeded'));
    const back = /Operation ([0-9a-z]{8})/.exec(took.text)?.[1] ?? said(took);
    expect(await untilRow(lab, back, 'succeeded', 'failed')).toBe('succeeded');
    expect((await versions()).at(-1)).toEqual(before[0]);
    expect(said(await press(lab.operator, 'Undo', await lab.card(id)))).toContain('have been changed since');
    const unset = await done('/ops settings unset acme title');
    expect(shown(await lab.untilState(unset, 'succeeded'))).toContain('title: Acme Studios → Acme (default)');
    expect((await versions()).at(-1)).toEqual({});
    await done(`/ops undo ${unset} --reason "the owner wants it"`);
    expect((await versions()).at(-1)).toEqual(before[0]);
    expect(await asks('/ops settings history acme')).toContain(`undo of operation ${unset}: the owner wants it`);
    expect(await asks('/ops settings history acme')).toMatch(/undo of operation[\s\S]*rollback to version 1/);
    await expect(lab.rows(`update twokey.settings_version set document = '{}'`)).rejects.toThrow('never changed');
    const audited = await lab.rows(`select from twokey.audit where action = 'settings.written'`);
    expect(audited).toHaveLength((await versions()).length);
  });

  const restart = async () => {
    await bot.stop();
    bot = await lab.bot({ NODE_EXTRA_CA_CERTS: web.certificate });
  };
  webHeadStory(() => ({ lab, farm }));
  releaseStory(() => ({ lab, web, restart }), shop);
});
