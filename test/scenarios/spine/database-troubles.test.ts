import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bot } from '../../support/bot.ts';
import { DUMP_PASSWORD, type Lab, shown, startLab } from '../../support/lab.ts';
import {
  backupsOf,
  download,
  everythingShown,
  journalOf,
  ordered,
  printed,
  shownOutput,
  unlessVersion,
  untilLogged,
} from '../../support/story.ts';
import { until } from '../../support/until.ts';

/** May this process mount a small disk? Without it the full disk cannot be tried. */
function mount(folder: string, size: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0777`, 'twokey-test', folder]).status === 0;
}

describe('P6 P8 P10 a database or a disk on a bad day', () => {
  let lab: Lab;
  let bot: Bot;
  let folder: string;
  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always' });
    bot = await lab.bot();
    folder = join(lab.siteDir, 'db_backup');
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });

  /** A backup that has to fail, saying this; whatever was there before is all that is there after. */
  async function fails(says: string): Promise<{ id: string; card: string }> {
    const before = await backupsOf(lab);
    const id = await ordered(lab);
    const card = shown(await lab.untilState(id, ['failed', 'succeeded', 'lost']));
    expect(card).toContain(says);
    expect(card).toContain('*failed*');
    expect(card).toContain('*Next:*');
    expect(await backupsOf(lab)).toEqual(before);
    return { id, card };
  }

  it('a secret that a tool prints is blanked everywhere, also in pieces, and what a lost run left behind is removed', async () => {
    const half = DUMP_PASSWORD.length / 2;
    const [first, second] = [DUMP_PASSWORD.slice(0, half), DUMP_PASSWORD.slice(half)];
    await mkdir(join(folder, 'acme-20200101T000000Z-8.0.0.partial'), { recursive: true });
    spawnSync('chown', ['-R', String(lab.sshd.uid), folder]);
    await lab.tools({
      pg_dump: unlessVersion(
        `echo 'at once ${DUMP_PASSWORD} end'; printf 'in pieces ${first}'; sleep 0.6; printf '${second} end\\n'; echo "${DUMP_PASSWORD}" >"$TWOKEY_PROGRESS"; sleep 0.6`,
      ),
    });
    const id = await ordered(lab);
    expect(shown(await lab.untilState(id, ['succeeded', 'failed', 'lost']))).toContain('*succeeded*');
    const thread = await untilLogged(lab, id);
    const stars = '*'.repeat(DUMP_PASSWORD.length);
    const journal = await journalOf(lab, `${id}-2-1`);
    expect(journal.toString()).toContain(`at once ${stars} end\nin pieces ${stars} end\n`);
    expect(journal.length).toBe((await printed(lab, `${id}-2-1`)).length);
    expect(shownOutput(thread, `${id}-2-1`).toString()).toBe(journal.toString());
    const file = await download(lab, thread.flatMap((reply) => reply.files)[0]?.id ?? '');
    expect(file.toString()).toContain(stars);
    expect(file.toString()).not.toContain(DUMP_PASSWORD);
    expect(await everythingShown(lab, id)).not.toContain(DUMP_PASSWORD);
    const sent = JSON.stringify(lab.workspace.journal.calls().map((call) => call.args));
    expect(sent).not.toContain(DUMP_PASSWORD);
    const steps = await lab.rows<{ progress: string | null }>('select progress from twokey.step where operation = $1', [
      id,
    ]);
    expect(JSON.stringify(steps)).not.toContain(DUMP_PASSWORD);
    const backups = await backupsOf(lab);
    expect(backups).toHaveLength(1);
    expect(backups[0]).not.toContain('.partial');
  });

  it('a last line without a line feed is shown whole', async () => {
    await lab.tools({ pg_restore: unlessVersion(`printf 'first line\\nno end: 尾' >&2; exit 1`) });
    const { id } = await fails('The dump could not be read back (exit code 50): no end: 尾');
    const thread = await untilLogged(lab, id);
    const out = await printed(lab, `${id}-4-1`);
    expect(out.toString()).toBe('first line\nno end: 尾');
    expect(shownOutput(thread, `${id}-4-1`).toString()).toBe(out.toString());
  });

  it('a wrong password: said in words, and the password is nowhere', async () => {
    const wrong = 'wrong-horse-battery';
    await lab.tools({ psql: 'sleep 0.5' });
    await writeFile(join(lab.home, 'secrets', 'acme-db'), wrong, { mode: 0o600 });
    const inProcesses: string[] = [];
    let over = false;
    const looking = until('the operation is over', async () => {
      for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        if (line.includes(wrong)) inProcesses.push(line);
      }
      return over;
    });
    const { id, card } = await fails('PostgreSQL refused the password.');
    over = true;
    await looking;
    expect(card).toContain('Correct the secret named in the site’s `database.password_secret`');
    expect(inProcesses).toEqual([]);
    await untilLogged(lab, id);
    expect(await everythingShown(lab, id)).not.toContain(wrong);
    expect((await journalOf(lab, `${id}-1-1`)).toString()).toContain('password authentication failed');
    const everyRow = await lab.rows<{ all: string }>(
      `select coalesce(string_agg(t::text, ' '), '') as all from (
         select convert_from(bytes, 'UTF8') from twokey.chunk union all select a::text from twokey.audit a
         union all select o::text from twokey.operation o union all select s::text from twokey.step s
         union all select p::text from twokey.post p union all select w::text from dbos.workflow_status w) t`,
    );
    expect(everyRow[0]?.all).toContain('password authentication failed');
    expect(everyRow[0]?.all).not.toContain(wrong);
    expect(bot.output()).not.toContain(wrong);
    const found = spawnSync('grep', ['-rlF', '--devices=skip', wrong, lab.sshd.target.base], { encoding: 'utf8' });
    expect(found.stdout).toBe('');
    await writeFile(join(lab.home, 'secrets', 'acme-db'), DUMP_PASSWORD, { mode: 0o600 });
  });

  it('a table locked by a change of its structure: said in words, after the time that was set', async () => {
    await lab.tools({});
    const client = new pg.Client({ connectionString: lab.postgres.url('acme') });
    await client.connect();
    await client.query('begin; lock table users in access exclusive mode');
    await fails('A table of the database is locked, probably by a change of its structure, and stayed so too long.');
    await client.query('rollback');
    await client.end();
  });

  it('pg_dump fails half-way: a failed operation, and nothing that looks like a backup', async () => {
    await lab.tools({
      pg_dump: unlessVersion(
        `d=$(ls -d "$P_site_dir"/db_backup/*.partial); mkdir "$d/data"; echo half | tee "$d/data/toc.dat"; exit 1`,
      ),
    });
    const { id } = await fails('The dump failed (exit code 32): pg_dump ended with exit code 1');
    expect((await journalOf(lab, `${id}-6-1`)).toString()).toContain('removed the unfinished backup');
  });

  it('a table that must be there is not: the dump does not count as a backup', async () => {
    await lab.tools({});
    await lab.postgres.query('acme', 'alter table media rename to pictures');
    await fails('The dump lacks a table that the site must have.');
    await lab.postgres.query('acme', 'alter table pictures rename to media');
  });

  it('a backup folder that is a symbolic link is refused', async () => {
    await mkdir(`${folder}.away`, { recursive: true });
    await rename(folder, `${folder}.real`);
    await symlink(`${folder}.away`, folder);
    await fails('The backup folder is a symbolic link.');
    expect(await readdir(`${folder}.away`)).toEqual([]);
    await rm(folder);
    await rename(`${folder}.real`, folder);
  });

  it('a disk without room: found before anything is written; a disk that fills up: nothing stays', async ({ skip }) => {
    await rm(folder, { recursive: true });
    await mkdir(folder);
    if (!mount(folder, '4m')) skip('needs the right to mount a tmpfs (root)');
    try {
      const early = await fails('There is not enough free space for the backup.');
      expect(early.card).toContain('2. Dump the database: skipped');
      spawnSync('umount', [folder]);
      mount(folder, '64m');
      await lab.tools({
        pg_dump: unlessVersion('head -c 100000000 /dev/zero >"$P_site_dir/db_backup/fill" 2>/dev/null'),
      });
      const id = await ordered(lab);
      const card = shown(await lab.untilState(id, ['failed', 'succeeded', 'lost']));
      expect(card).toContain('The disk of the host is full.');
      expect(await backupsOf(lab)).toEqual(['fill']);
    } finally {
      spawnSync('umount', ['-l', folder]);
      await lab.tools({});
      await rm(folder, { recursive: true, force: true });
    }
  });
});
