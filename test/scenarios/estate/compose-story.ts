import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { sha256 } from '../../../src/kernel/ids.ts';
import { ask, cardSays, press, recorded, said, untilRow } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { composeEngine } from '../../support/compose-engine.ts';
import { type Lab, shown } from '../../support/lab.ts';
import { sshdEntry } from '../../support/lab-host.ts';
import { threadOf } from '../../support/story.ts';
import { until } from '../../support/until.ts';
import type { Engine } from '../../support/whole-host.ts';
import { addCluster } from '../../support/whole-host-lab.ts';

/** Stands in the file and in the one that is prepared; it must never be seen anywhere else. */
const PASSWORD = 'havel-spree-1247-geheim';
const NAME = 'docker-compose.yml';
const FILE = `version: "2.4"
services:
  app:
    image: IMAGE  # as it was loaded
    network_mode: none
    command: sleep 600
    labels: { role: worker }
    environment:
      PGPASSWORD: "${PASSWORD}"
      MODE: fast
`;
const flag = (folder: string) => join(folder, 'maintenance');

/** A compose project on the lab's own host, run by a real engine, and the bot that knows it. */
export interface Books {
  readonly lab: Lab;
  readonly engine: Engine;
  readonly bot: Bot;
  readonly folder: string;
  /** What the compose file held at the beginning. */
  readonly text: string;
}

/** Adds the project to the estate and starts the lab's first bot. */
export async function startWithBooks(lab: Lab, engine: Engine): Promise<Books> {
  const { target, dir } = lab.sshd;
  const { uid, gid } = await stat(target.base);
  const folder = join(dir, 'books');
  await mkdir(folder);
  const text = FILE.replace('IMAGE', await composeEngine(engine).image());
  await writeFile(join(folder, NAME), text, { mode: 0o640 });
  for (const path of [folder, join(folder, NAME)]) await chown(path, uid, gid);
  await chmod(engine.runDir, 0o711);
  const socket = join(engine.runDir, 'docker.sock');
  await chmod(socket, 0o666);
  const compose = (...words: readonly string[]) => ({
    run: [['docker-compose', '-H', `unix://${socket}`, '-p', '{project}', ...words]],
  });
  const profile = {
    name: 'books',
    extends: 'compose-v1',
    commands: { config_validate: compose('config', '-q'), config_apply: compose('up', '-d', '-t', '0') },
    datastores: [{ name: 'nothing', kind: 'files', backup: { none: 'It keeps nothing.' } }],
    settings: {
      project: { type: 'name', default: 'books', description: 'Name of the project.' },
      maintenance_flag: { type: 'path', default: flag(folder), description: 'File that the proxy looks for.' },
    },
  };
  await mkdir(join(lab.home, 'profiles'), { recursive: true });
  await writeFile(join(lab.home, 'profiles', 'books.yml'), stringify(profile));
  const host = sshdEntry('books-app', target);
  const database = { host: '127.0.0.1', name: 'books', user: 'books' };
  const site = { name: 'books', environment: 'production', profile: 'books', host: 'books-app', site_dir: folder };
  await addCluster(lab, { name: 'books', hosts: [host], sites: [{ ...site, version: '1.0.0', database }] });
  return { lab, engine, folder, text, bot: await lab.bot() };
}

/** Declares the scenarios of a compose file; to be called after the hooks that make the world. */
export function composeStory(world: () => Books): void {
  let its: Books;
  let another: Bot | undefined;
  let first = '';
  beforeAll(() => {
    its = world();
  });
  const read = (name = NAME) => readFile(join(its.folder, name), 'utf8');
  const beside = async () => (await readdir(its.folder)).filter((name) => name !== NAME).sort();
  const role = async () =>
    (await its.engine.docker(['inspect', '-f', '{{.Config.Labels.role}}', 'books_app_1'])).stdout.trim();
  /** Asks for it, approves it, and answers its id with how it ended. */
  const done = async (line: string) => {
    const id = await recorded(its.lab.operator, line);
    await its.lab.approve(id);
    return { id, state: await untilRow(its.lab, id, 'succeeded', 'failed', 'lost') };
  };

  it('R22 a value is changed in maintenance, on a real engine, after a dated backup with its sha256', async () => {
    const dry = said(await ask(its.lab.operator, '/ops compose edit books services.app.labels.role web --dry-run'));
    expect(dry).toContain('services.app.labels.role becomes web (the value before is not shown');
    expect(dry).toContain('docker-compose -f .twokey-staged_books.yml -H unix:');
    const { id, state } = await done('/ops compose edit books services.app.labels.role web');
    expect(state).toBe('succeeded');
    expect(await read()).toBe(its.text.replace('role: worker', 'role: web'));
    expect(await role()).toBe('web');
    const [backup = '', sum] = await beside();
    expect([backup, sum]).toEqual([
      expect.stringMatching(`^docker-compose.yml.\\d+T\\d+Z-${id}.bak$`),
      `${backup}.sha256`,
    ]);
    expect(await read(backup)).toBe(its.text);
    expect(await read(sum)).toBe(`${sha256(its.text)}  ${backup}\n`);
    const card = shown(await its.lab.untilState(id, 'succeeded'));
    expect(card).toMatch(/Maintenance ON[\s\S]*Change services\.app\.labels\.role[\s\S]*Apply[\s\S]*Maintenance OFF/);
    expect(card).toContain('The way back: `compose revert books`');
    first = backup;
  });

  it('R22 what Compose itself refuses leaves the file untouched, and is told without a value', async () => {
    const before = await read();
    await writeFile(join(its.folder, 'next.yml'), before.replace('fast', `"\${${PASSWORD}"`));
    const { id, state } = await done('/ops compose edit books --from next.yml');
    expect(state).toMatch(/^failed: Compose refuses the file .*nvalid interpolation format .*has not been changed/);
    expect(await read()).toBe(before);
    expect(await beside()).toEqual([first, `${first}.sha256`, 'next.yml']);
    const thread = (await threadOf(its.lab, id)).map((reply) => reply.text).join('\n');
    expect(thread).toContain('Compose says (what may be a value of the file is left out)');
    expect(thread).not.toContain('maintenance is ON');
  });

  it('P2 a file that somebody changes meanwhile voids the votes', async () => {
    const { lab, folder } = its;
    const before = await read();
    const id = await recorded(lab.operator, '/ops compose edit books services.app.environment.MODE slow');
    await press(lab.approverA, 'Approve', await lab.untilState(id, 'awaiting approval'));
    await writeFile(join(folder, NAME), `${before}# by hand\n`);
    await press(lab.approverB, 'Approve', await lab.card(id));
    const card = await cardSays(lab, id, /no longer what was approved/);
    expect(card).toContain('0 of 2 approvals');
    await press(lab.operator, 'Cancel', await lab.card(id));
    await writeFile(join(folder, NAME), before);
    expect(await untilRow(lab, id, 'cancelled')).toBe('cancelled');
  });

  it('R22 P3 one command brings the very bytes back, once, though the bot is killed while it does', async () => {
    const { lab, bot } = its;
    const before = await read();
    const id = await recorded(lab.operator, '/ops compose revert books');
    await lab.approve(id);
    await until('the file is being swapped', async () => {
      const rows = await lab.rows(
        `select from twokey.step where operation = $1 and step = 'compose.swap' and state <> 'waiting'`,
        [id],
      );
      return rows.length > 0;
    });
    await bot.kill();
    another = await lab.bot();
    expect(await untilRow(lab, id, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    expect(sha256(await read())).toBe(sha256(its.text));
    expect(await role()).toBe('worker');
    const [saved = '', ...more] = (await beside()).filter((name) => name.includes(id));
    expect(await read(saved)).toBe(before);
    expect(more).toEqual([`${saved}.sha256`]);
    const attempts = await lab.rows<{ step: string }>(
      `select step from twokey.step where operation = $1 and (attempt > 1 or state <> 'succeeded')`,
      [id],
    );
    expect(attempts).toEqual([]);
    const history = said(await ask(lab.viewer, '/ops compose history books'));
    expect(history).toMatch(new RegExp(`${saved}[\\s\\S]*intact[\\s\\S]*${first}[\\s\\S]*as the file is now`));
  });

  it('P8 the password of the file is in no table, no message and no log', async () => {
    const { lab, bot } = its;
    const secret = said(
      await ask(
        lab.operator,
        `/ops compose edit books services.app.environment.PGPASSWORD typed-${PASSWORD.slice(0, 5)}`,
      ),
    );
    expect(secret).toMatch(/looks like a secret[\s\S]*--from/);
    const tables = await lab.rows<{ name: string }>(
      `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
        where table_schema in ('twokey', 'dbos') and table_type = 'BASE TABLE'`,
    );
    expect(tables.length).toBeGreaterThan(20);
    for (const { name } of tables)
      for (const one of [PASSWORD, 'typed-havel'])
        expect(await lab.rows(`select from ${name} t where t::text like '%' || $1 || '%'`, [one]), name).toEqual([]);
    // Output is stored as bytes.
    const journal = await lab.rows<{ found: boolean }>(
      `select position($1::bytea in bytes) > 0 as found from twokey.chunk`,
      [Buffer.from(PASSWORD)],
    );
    expect(journal.length).toBeGreaterThan(5);
    expect(journal.filter((row) => row.found)).toEqual([]);
    expect(JSON.stringify([lab.workspace.journal.calls(), lab.workspace.journal.envelopes])).not.toContain(PASSWORD);
    expect(`${bot.output()}${another?.output()}`).not.toContain(PASSWORD);
  });
}
