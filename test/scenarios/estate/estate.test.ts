import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import BOT_FLAGS from '../../../scripts/flags.json' with { type: 'json' };
import type { Human } from '../../../src/workspace/human.ts';
import { ask, confirmForm, confirmTyped, press, recorded, said, succeeded, untilRow } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { startSshd, type TestSshd } from '../../support/sshd.ts';
import { until } from '../../support/until.ts';

const MAIN = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

/** A fingerprint as OpenSSH's own tool prints it. */
function fingerprintOf(line: string): string {
  const { stdout } = spawnSync('ssh-keygen', ['-lf', '-'], { input: `${line}\n`, encoding: 'utf8' });
  return stdout.split(' ')[1] ?? '';
}

describe('R1 R6 R7 R16 R19 the estate by command', () => {
  let lab: Lab;
  let bot: Bot;
  let spare: TestSshd;
  let pinned = '';
  const restart = async () => {
    bot = await lab.bot();
  };
  beforeAll(async () => {
    [lab, spare] = await Promise.all([startLab({ workingHours: 'always' }), startSshd()]);
    bot = await lab.bot();
    pinned = spare.target.hostKeys[0] ?? '';
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await spare[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  const done = (who: Human, line: string) => succeeded(lab, who, line);
  const document = async (kind: 'host' | 'site', name: string) => {
    const [row] = await lab.rows<{ document: Record<string, unknown> }>(
      `select document from twokey.${kind} where name = $1`,
      [name],
    );
    return row?.document ?? null;
  };
  const way = () => {
    const { address, port, user, key, base } = spare.target;
    return `${address} --port ${port} --user ${user} --key-file ${'file' in key ? key.file : ''} --base ${base}`;
  };

  it('P8 a new host’s key is shown, confirmed by an admin, and only then pinned', async () => {
    expect(said(await ask(lab.operator, `/ops cluster add beta beta-app ${way()}`))).toContain('is for admin');
    const shownKey = said(await ask(lab.admin, `/ops cluster add beta beta-app ${way()}`));
    expect(shownKey).toContain(fingerprintOf(pinned));
    expect(shownKey).toContain('ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub');
    const another = `SHA256:${'A'.repeat(43)}`;
    expect(said(await ask(lab.admin, `/ops cluster add beta beta-app ${way()} --key ${another}`))).toContain(
      'not the one you confirmed',
    );
    expect(await document('host', 'beta-app')).toBeNull();
    const again = /send `(\/ops cluster add .*--key SHA256:[A-Za-z0-9+/]{43})`/.exec(shownKey)?.[1] ?? '';
    const id = await done(lab.admin, again);
    expect(await document('host', 'beta-app')).toMatchObject({ host_keys: [pinned] });
    const card = shown(await lab.untilState(id, 'succeeded'));
    expect(card).toContain('Cluster add beta');
    expect(card).toContain('cluster connect beta');
    expect(card).not.toContain('Undo');
  });

  it('R1 a site is added to it and can be backed up', async () => {
    const siteDir = join(spare.dir, 'site');
    await mkdir(siteDir);
    await chmod(siteDir, 0o777);
    const database = `--database.host 127.0.0.1 --database.port ${lab.postgres.port} --database.name acme --database.user twokey_backup --database.password-secret acme-db --database.bin-dir ${join(lab.sshd.dir, 'bin')}`;
    const id = await done(
      lab.operator,
      `/ops site add blue beta-app --environment staging --site-dir ${siteDir} --version 8.1.0 ${database}`,
    );
    expect(shown(await lab.untilState(id, 'succeeded'))).toContain('backup blue');
    await done(lab.operator, '/ops backup blue');
    expect(said(await ask(lab.viewer, '/ops cluster show beta'))).toMatch(
      /1 hosts, 1 sites[\s\S]*production[\s\S]*blue/,
    );
    expect(said(await ask(lab.viewer, '/ops history cluster:beta'))).toMatch(/site add, cluster beta/);
  });

  it('an edit shows old and new, and Undo writes back what was there', async () => {
    const before = await document('site', 'blue');
    const typo = said(await ask(lab.operator, '/ops site edit blue verison 8.2.0'));
    expect(typo).toContain('Did you mean `version`?');
    const id = await done(
      lab.operator,
      '/ops site edit blue version 8.2.0 --database.jobs 4 --unset database.must_have_tables',
    );
    expect(await document('site', 'blue')).toMatchObject({ version: '8.2.0', database: { jobs: 4 } });
    const card = await lab.untilState(id, 'succeeded');
    expect(shown(card)).toMatch(/version: 8\.1\.0 → 8\.2\.0/);
    const answer = await press(lab.operator, 'Undo', card);
    const undo = /Operation ([0-9a-z]{8})/.exec(answer.text)?.[1] ?? said(answer);
    expect(await untilRow(lab, undo, 'succeeded', 'failed')).toBe('succeeded');
    expect(await document('site', 'blue')).toEqual(before);
    expect(said(await press(lab.operator, 'Undo', card))).toContain('has been changed since');
  });

  it('R78 a form changes how a host is reached, with what is wrong at its field; a region is said, and not unsaid lightly', async () => {
    await lab.operator.slash('/ops host edit beta-app');
    const form = await lab.operator.waitFor((who) => who.view(), { what: 'the form' });
    expect(await lab.operator.submit(form, { Port: '70000' })).toMatchObject({
      errors: { port: expect.stringContaining('65535') },
    });
    const right = { Port: String(spare.target.port), 'Other fields and their new values': 'roles "app, db, mail"' };
    expect((await lab.operator.submit(form, right)).errors).toBeUndefined();
    const roles = async () => JSON.stringify((await document('host', 'beta-app'))?.roles);
    await until('the edit', async () => (await roles()) === '["app","db","mail"]');
    const region = await done(lab.operator, '/ops cluster edit beta data_region de');
    expect(said(await ask(lab.viewer, '/ops cluster show beta'))).toMatch(/Data region\*? +de/);
    expect(said(await ask(lab.viewer, '/ops site diff blue acme'))).toMatch(
      /data region +de +UNKNOWN[\s\S]*Data would go from blue \(de\) to acme \(region not said\)[\s\S]*takes a confirmation/,
    );
    // To forget where production's data may lie is never without the quorum: blue counts as production here.
    const undo = said(await press(lab.operator, 'Undo', await lab.untilState(region, 'succeeded')));
    expect(undo).toContain('Disruptive work waits until working hours are over. blue shares its PostgreSQL cluster');
  });

  it('P2 an approved edit of what somebody else has changed meanwhile goes back to its approvers', async () => {
    await ask(lab.operator, `/ops freeze acme --until ${inTwoDays()} --reason "audit"`);
    const first = await recorded(lab.operator, '/ops host edit acme-app roles "app, db, mail"');
    const second = await recorded(lab.operator, '/ops host edit acme-app roles "app, db, cache"');
    await lab.approve(second);
    expect(await untilRow(lab, second, 'succeeded', 'failed')).toBe('succeeded');
    await lab.approve(first);
    const card = await until('it waits again', async () => {
      const one = await lab.card(first);
      return /no longer what was approved/.test(said(one)) ? one : null;
    });
    expect(shown(card)).toMatch(/roles: app, db, cache → app, db, mail/);
    expect(await document('host', 'acme-app')).toMatchObject({ roles: ['app', 'db', 'cache'] });
    await lab.approve(first);
    expect(await untilRow(lab, first, 'succeeded', 'failed')).toBe('succeeded');
    expect(await document('host', 'acme-app')).toMatchObject({ roles: ['app', 'db', 'mail'] });
  });

  it('P3 killed before and after an edit is committed, it happens exactly once', async () => {
    const holds = async (sql: string) => {
      const client = new pg.Client({ connectionString: lab.env.DATABASE_URL });
      await client.connect();
      await client.query('begin');
      await client.query(sql);
      return { release: () => client.end() };
    };
    const waits = (of: string) =>
      until(`something waits for ${of}`, async () => {
        const rows = await lab.rows(
          `select from pg_stat_activity where wait_event_type = 'Lock' and query like '%' || $1 || '%' and pid <> pg_backend_pid()`,
          [of],
        );
        return rows.length > 0;
      });
    const changes = (id: string) =>
      lab.rows(`select from twokey.audit where action = 'estate.changed' and data ->> 'operation' = $1`, [id]);
    // In the middle of the transaction: nothing of it stays.
    const row = await holds(`select from twokey.site where name = 'blue' for update`);
    const torn = await recorded(lab.operator, '/ops site edit blue version 8.3.0');
    await waits('twokey.site');
    await bot.kill();
    await row.release();
    expect(await document('site', 'blue')).toMatchObject({ version: '8.1.0' });
    await restart();
    expect(await untilRow(lab, torn, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    expect(await changes(torn)).toHaveLength(1);
    // Committed, but the engine does not know yet.
    const again = await holds(`select from twokey.site where name = 'blue' for update`);
    const late = await recorded(lab.operator, '/ops site edit blue version 8.4.0');
    await waits('twokey.site');
    const engine = await holds('lock table dbos.operation_outputs in share mode');
    await again.release();
    await until('the edit is committed', async () => (await document('site', 'blue'))?.version === '8.4.0');
    await bot.kill();
    // The dead process's last word waits for the lock; it must not be heard after all.
    await lab.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where wait_event_type = 'Lock' and query ilike '%operation_outputs%' and pid <> pg_backend_pid()`,
    );
    await engine.release();
    await restart();
    expect(await untilRow(lab, late, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    expect(await changes(late)).toHaveLength(1);
  });

  it('P8 a changed key is refused, and a new one is proposed, never trusted by itself', async () => {
    await spare.changeHostKey();
    await spare.restart();
    expect(said(await ask(lab.viewer, '/ops host test beta-app'))).toMatch(
      /not connected: beta-app: .*KEY CHANGED[\s\S]*host rekey beta-app/,
    );
    expect(said(await ask(lab.operator, '/ops backup blue'))).toContain('but pinned is');
    const proposal = said(await ask(lab.admin, '/ops host rekey beta-app'));
    const [fresh = '', old = ''] = proposal.match(/SHA256:[A-Za-z0-9+/]{43}/g) ?? [];
    expect(proposal).toContain(`Pinned now: ssh-ed25519 ${fingerprintOf(pinned)}`);
    expect(fresh).not.toBe(fingerprintOf(pinned));
    expect(old).not.toBe('');
    const id = await done(lab.admin, `/ops host rekey beta-app --key ${fresh}`);
    const text = shown(await lab.untilState(id, 'succeeded'));
    expect(text).not.toContain('Undo');
    expect(said(await ask(lab.viewer, '/ops host test beta-app'))).toMatch(
      /connected in \d+ ms, key ok, logged in as \w+, clock right/,
    );
    const kept = (await document('host', 'beta-app'))?.host_keys;
    expect([kept].flat().map((line) => fingerprintOf(String(line)))).toEqual([fresh]);
  });

  it('R6 connecting a cluster names the host that is dead, and does not hang', async () => {
    const { stdout } = spawnSync('ssh-keyscan', ['-t', 'ed25519', '-p', String(spare.target.port), '127.0.0.1'], {
      encoding: 'utf8',
    });
    const key = fingerprintOf(stdout.split(' ').slice(1).join(' '));
    await done(lab.admin, `/ops host add beta beta-old ${way()} --roles mail --key ${key}`);
    await done(lab.operator, '/ops host edit beta-old port 1');
    const answer = said(await ask(lab.viewer, '/ops cluster connect beta'));
    expect(answer).toContain('1 of 2 hosts of beta are connected');
    expect(answer).toMatch(/not connected: beta-old: .*127\.0\.0\.1:1\) cannot be reached: connect ECONNREFUSED/);
    expect(answer).toMatch(/beta-app\*? connected in/);
    expect(said(await ask(lab.viewer, '/ops host show beta-old'))).toContain('not connected');
  });

  it('R21 a file is compared field by field before anything is imported, and then imported as a whole', async () => {
    const file = join(lab.home, 'changed.yml');
    // Not synchronously: the workspace that the bot talks to lives in this process.
    const estate = (...words: string[]) =>
      promisify(execFile)(process.execPath, [...BOT_FLAGS, MAIN, 'estate', 'import', file, ...words], {
        env: { PATH: process.env.PATH ?? '', ...lab.env },
      });
    const before = await readFile(join(lab.home, 'estate.yml'), 'utf8');
    await writeFile(file, before.replace('version: 8.1.0', 'version: 8.1.9'));
    const dry = await estate();
    expect(dry.stdout).toMatch(/^ {4}version: 8\.1\.0 → 8\.1\.9$/m);
    expect(dry.stdout).toMatch(/only in the database, and staying there: .*cluster beta.*Nothing was changed/s);
    expect(await document('site', 'acme')).toMatchObject({ version: '8.1.0' });
    expect((await estate('--yes')).stdout).toContain('imported');
    expect(await document('site', 'acme')).toMatchObject({ version: '8.1.9' });
    expect(await document('site', 'blue')).not.toBeNull();
  });

  it('R16 R19 nothing that is needed or in use is removed; what is removed can be put back', async () => {
    expect(said(await ask(lab.operator, '/ops host remove beta-app'))).toContain('Sites run on beta-app: blue');
    expect(said(await ask(lab.operator, '/ops cluster remove beta'))).toContain('still has sites: blue');
    const held = await recorded(lab.operator, `/ops backup blue --at ${inTwoDays()}`);
    expect(said(await ask(lab.operator, '/ops site remove blue'))).toContain(`operation ${held} (backup blue, held)`);
    await ask(lab.operator, `/ops cancel ${held}`);
    const before = await document('site', 'blue');
    const removal = await recorded(lab.operator, '/ops site remove blue');
    await lab.approve(removal);
    await confirmTyped(lab.operator, await lab.card(removal), { 'Name of the site': 'blue', Reason: 'it has moved' });
    expect(await untilRow(lab, removal, 'succeeded', 'failed')).toBe('succeeded');
    expect(said(await ask(lab.approverA, `/ops review close ${removal} nothing is lost`))).toContain('closed');
    expect(said(await ask(lab.operator, '/ops backup blue'))).toContain('There is no site');
    expect(said(await ask(lab.viewer, '/ops cluster list'))).toMatch(/beta[\s\S]*none/);
    await done(lab.operator, '/ops site restore blue');
    expect(await document('site', 'blue')).toEqual(before);
    expect(said(await ask(lab.operator, '/ops site restore blue'))).toContain('There is a site');
  });

  it('P1 removing a host is break-glass: its own name is typed, two approve, and somebody else reviews it', async () => {
    const asked = said(await ask(lab.operator, '/ops host remove beta-old'));
    expect(asked).toContain('type the host’s name, beta-old');
    const id = /Operation ([0-9a-z]{8})/.exec(asked)?.[1] ?? '';
    expect(shown(await lab.untilState(id, 'awaiting approval'))).toMatch(/Host remove beta-old[\s\S]*the host’s name/);
    const form = await confirmForm(lab.operator, await lab.card(id));
    const wrong = await lab.operator.submit(form, { 'Name of the host': 'host:beta-old' });
    expect(wrong).toMatchObject({ ok: false });
    expect(await lab.operator.submit(form, { 'Name of the host': 'beta-old' })).toMatchObject({ ok: true });
    await lab.approve(id);
    expect(await untilRow(lab, id, 'succeeded', 'failed')).toBe('succeeded');
    expect(await document('host', 'beta-old')).toBeNull();
    expect(said(await ask(lab.approverA, '/ops reviews'))).toContain('on host beta-old');
    expect(said(await ask(lab.operator, '/ops site remove blue'))).toMatch(/review/);
  });
});

/** Noon of the day after tomorrow, as a person types it. */
function inTwoDays(): string {
  return `${new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10)}T12:00`;
}
