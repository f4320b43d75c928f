import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, press, said, untilRow } from '../../support/ask.ts';
import { type Lab, startLab } from '../../support/lab.ts';

describe('P10 a refusal says why and what to do next, and leaves a row', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
    lab.workspace.addUser('U0ROBOT', 'robot', { bot: true });
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const refusals = (person: string) =>
    lab.rows<{ code: string; line: string }>(
      `select data->>'code' as code, data->>'line' as line from twokey.audit
        where action = 'command.refused' and actor = $1 order by seq`,
      [person],
    );

  it.each([
    ['outsider', 'no_role', 'You have no role here yet.', 'Ask an admin to add you to a role'],
    ['guest', 'foreign_user', 'Guests, bots', 'Only full members of this workspace'],
    ['foreign', 'foreign_user', 'members of other workspaces', 'Only full members of this workspace'],
    ['robot', 'foreign_user', 'bots', 'Only full members of this workspace'],
  ])('%s is refused each command, questions too', async (name, code, why, next) => {
    const who = lab.workspace.human(name);
    const lines = ['/ops backup acme', '/ops', '/ops history', '/ops backup', '/ops nonsense'];
    for (const line of lines) {
      const answer = said(await ask(who, line));
      expect(answer).toContain(why);
      expect(answer).toContain(`*Next:* ${next}`);
      expect(answer).not.toContain('acme');
    }
    expect(who.view()).toBeNull();
    expect(await refusals(who.id)).toEqual(lines.map((line) => ({ code, line: line.slice(5) })));
  });

  it('a viewer may ask questions and nothing more; the refusal names who may', async () => {
    expect(said(await ask(lab.viewer, '/ops sites'))).toContain('acme');
    for (const line of ['/ops backup acme', '/ops backup']) {
      const answer = said(await ask(lab.viewer, line));
      expect(answer).toContain('`backup` is for operator, admin; you are viewer.');
      expect(answer).toContain('*Next:* Ask <@U0REQ>');
    }
    expect(said(await ask(lab.viewer, '/ops cancel 00000000'))).toMatch(
      /`cancel` is for operator, approver, admin.*\n*.*Next:\* Ask <@U0REQ>.*<@U0APA>/,
    );
    expect(lab.viewer.view()).toBeNull();
    expect((await refusals('U0VIEW')).map((row) => row.code)).toEqual(['not_allowed', 'not_allowed', 'not_allowed']);
    expect(said(await ask(lab.viewer, '/ops help'))).not.toContain('/ops backup &lt;site&gt;');
    expect(said(await ask(lab.viewer, '/ops whoami'))).toContain('You are not an approver.');
  });

  it('an approver may not ask for a backup but may cancel one; a viewer may neither cancel nor retry', async () => {
    expect(said(await ask(lab.approverA, '/ops backup acme'))).toContain('`backup` is for operator, admin');
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    const viewer = said(await press(lab.viewer, 'Cancel', card));
    expect(viewer).toContain('Only the person who asked, an approver or an admin may cancel this.');
    expect(viewer).toMatch(/\*Next:\*/);
    expect(said(await press(lab.approverA, 'Cancel', card))).toContain('It is cancelled.');
    expect(await untilRow(lab, id, 'cancelled')).toBe('cancelled');
    const again = said(await press(lab.viewer, 'Retry', await lab.untilState(id, 'cancelled')));
    expect(again).toContain('`backup` is for operator, admin; you are viewer.');
    const rows = await lab.rows<{ actor: string; action: string }>(
      `select actor, action from twokey.audit where actor in ('U0VIEW', 'U0APA') and subject in ($1, 'backup') order by seq desc limit 6`,
      [id],
    );
    expect(rows.map((row) => `${row.actor} ${row.action}`)).toEqual([
      'U0VIEW command.refused',
      'U0VIEW button.clicked',
      'U0APA operation.cancelled',
      'U0APA button.clicked',
      'U0VIEW button.refused',
      'U0VIEW button.clicked',
    ]);
  });

  it('somebody who becomes a guest is refused at once, and let in again when that is undone', async () => {
    expect(said(await ask(lab.operator, '/ops whoami'))).toContain('operator');
    lab.workspace.updateUser('operator', { guest: true });
    expect(said(await ask(lab.operator, '/ops whoami'))).toContain('Guests');
    lab.workspace.updateUser('operator', { guest: false });
    expect(said(await ask(lab.operator, '/ops whoami'))).toContain('operator');
  });

  it('P9 all of that stands in a chain that holds, and Slack has nothing to complain about', async () => {
    const [broken] = await lab.rows<{ count: number }>(
      `select count(*)::int as count from (select hash, twokey.audit_hash(seq, at, actor, action, subject, data, previous) as computed,
          previous, lag(hash, 1, repeat('0', 64)) over (order by seq) as before from twokey.audit) a
        where hash <> computed or previous <> before`,
    );
    expect(broken?.count).toBe(0);
    expect(await lab.rows('select id from twokey.operation')).toHaveLength(1);
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
