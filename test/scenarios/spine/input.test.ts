import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { UiMessage } from '../../../src/workspace/protocol.ts';
import { answersTo, ask, said } from '../../support/ask.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

/** Everything in a message that Slack would give a meaning, apart from date tokens and people. */
function meanings(message: UiMessage): string[] {
  const raw = JSON.stringify([message.text, message.blocks]);
  return [...raw.matchAll(/<[!#@](?!date\^|@?[UW][A-Z0-9]+>)[^>]*>?/g)].map((found) => found[0]);
}

describe('P8 what people type', () => {
  let lab: Lab;
  let mark: string;
  beforeAll(async () => {
    lab = await startLab();
    mark = join(lab.sshd.dir, 'injected');
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const hostile = (): readonly string[] => [
    `acme'; touch ${mark}; '`,
    `"acme; touch ${mark}"`,
    `acme$(touch${'$'}{IFS}${mark})`,
    `\`touch ${mark}\``,
    `acme\ntouch ${mark}`,
    `acme|touch\t${mark}`,
    'acme\0',
    `acme\u0007\u001b[31m`,
    'x'.repeat(5_000),
    '💥'.repeat(700),
    `${'a'.repeat(199)}💥`,
    '“acme‘',
    'acme\u00a0acme',
    '\u202eemca\u202c',
    'ac\u200dme',
    '<!channel>',
    '<!here|here> <!subteam^S0OPER>',
    '*bold*_it_~no~',
    '&lt;!channel&gt;',
    '../../etc/passwd',
    '--site acme',
    '-rf',
    '__proto__',
    "acme' or '1'='1",
    '\ud83d',
  ];

  it.each(['backup', 'status', 'history', 'show', 'log', 'cancel', 'backup list', 'help', 'sites', 'whoami', ''])(
    'P8 "%s" refuses every hostile argument in words, and nothing comes of it',
    async (verb) => {
      const before = await lab.rows('select count(*)::int as n from twokey.operation');
      for (const argument of hostile()) {
        const answer = await ask(lab.operator, `/ops ${verb} ${argument}`.replace('  ', ' '));
        expect(said(answer), argument.slice(0, 40)).toMatch(/:no_entry: [\s\S]*\*Next:\* \S/);
        expect(said(answer), argument.slice(0, 40)).not.toContain('on our side');
        expect(meanings(answer), argument.slice(0, 40)).toEqual([]);
      }
      expect(existsSync(mark)).toBe(false);
      expect(await lab.rows('select count(*)::int as n from twokey.operation')).toEqual(before);
      expect(await lab.rows(`select 1 from twokey.post where kind <> 'head'`)).toEqual([]);
    },
  );

  it('P9 every one of these refusals left a row, also those that no row can hold as they are', async () => {
    const [refused] = await lab.rows<{ n: number }>(
      `select count(*)::int as n from twokey.audit where action = 'command.refused' and actor = 'U0REQ'`,
    );
    expect(refused?.n).toBe(11 * hostile().length);
    const stranger = await ask(lab.outsider, '/ops backup \0 \ud83d');
    expect(said(stranger)).toContain('You have no role here yet.');
    expect(
      await lab.rows(`select 1 from twokey.audit where actor = 'U0OUT' and action = 'command.refused'`),
    ).toHaveLength(1);
  });

  it('what a keyboard puts in place of plain characters is understood', async () => {
    for (const line of ['/ops status “acme”', '/ops status\u00a0acme', "/ops STATUS 'acme'", '/ops   status  ‘acme’ '])
      expect((await ask(lab.operator, line)).text, line).toBe('Status of acme.');
  });

  it.each([
    ['/ops bakcup acme', 'Did you mean `/ops backup`?'],
    ['/ops backup lst acme', 'I do not know what to do with "acme"'],
    ['/ops statsu', 'Did you mean `/ops status`?'],
    ['/ops backup amce', 'There is no site "amce". Did you mean `acme`?'],
    ['/ops status nowhere-near', 'There is no site "nowhere-near".'],
    ['/ops help histroy', 'Did you mean `/ops help history`?'],
    ['/ops show 00000000', 'There is no operation "00000000".'],
    ['/ops show short', 'an operation id has 8 letters and digits'],
    ['/ops backup acme --force', '`backup` has no option `--force`'],
    ["/ops status 'acme", 'A quotation mark is never closed.'],
  ])('P10 %s is answered with the nearest that would do', async (line, words) => {
    const answer = said(await ask(lab.operator, line));
    expect(answer).toContain(words);
    expect(answer).toContain('*Next:*');
  });

  it('a missing argument opens a form with the sites to choose from; left empty it stays open, filled in it runs', async () => {
    expect(await lab.operator.slash('/ops backup')).toEqual({ ok: true });
    const form = await lab.operator.waitFor((person) => person.view());
    expect(form.title).toBe('backup');
    expect(JSON.stringify(form.blocks)).toContain('"static_select"');
    expect((await lab.operator.submit(form)).errors).toEqual({ site: 'Please complete this required field.' });
    expect(lab.operator.view()?.id).toBe(form.id);
    expect(await lab.operator.submit(form, { Site: 'acme' })).toEqual({ ok: true });
    expect(lab.operator.view()).toBeNull();
    const told = await lab.told(lab.operator, /Operation [0-9a-z]{8} is recorded/);
    const id = /Operation ([0-9a-z]{8})/.exec(told.text)?.[1] ?? '';
    expect((await lab.untilState(id, 'awaiting approval')).text).toContain(id);
    await ask(lab.operator, `/ops cancel ${id}`);
  });

  it('P8 what is typed into a form is refused just the same', async () => {
    for (const argument of ['<!channel>', `$(touch ${mark})`, '💥'.repeat(700), '\0', '../../etc']) {
      const before = answersTo(lab.operator).length;
      expect(await lab.operator.slash('/ops show')).toEqual({ ok: true });
      const form = await lab.operator.waitFor((person) => person.view());
      expect(await lab.operator.submit(form, { Operation: argument })).toEqual({ ok: true });
      const answer = await until('the answer to the form', () => answersTo(lab.operator)[before]);
      expect(said(answer)).toMatch(/:no_entry: .*operation: an operation id has 8 letters/);
      expect(meanings(answer)).toEqual([]);
    }
    expect(existsSync(mark)).toBe(false);
    expect(await readdir(lab.siteDir)).toEqual([]);
    expect(await lab.rows('select id from twokey.operation')).toHaveLength(1);
    expect(await lab.rows('select jid from twokey.job')).toEqual([]);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
