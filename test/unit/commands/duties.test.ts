import { describe, expect, it } from 'vitest';
import type { QuestionContext } from '../../../commands/contract/command.ts';
import { command as duties } from '../../../commands/duties.ts';
import { command as clear } from '../../../commands/duty-clear.ts';
import { command as set } from '../../../commands/duty-set.ts';
import { renderAnswer } from '../../../src/adapters/slack/render/answer.ts';
import type { Duty } from '../../../src/estate/duty.ts';
import type { OwnedDuty, Owner } from '../../../src/operations/duties.ts';
import { T0 } from '../../support/builders.ts';
import { questionContext } from '../../support/question-context.ts';
import { expectSlackTakes, foreignTokens, NASTY } from '../../support/slack-limits.ts';

const base = questionContext();
const withLists = (list: readonly Duty[], owners: readonly OwnedDuty[] = []): QuestionContext => ({
  ...base,
  duties: {
    lists: new Map([['generic', list]]),
    book: { ...base.duties.book, owners: () => Promise.resolve(owners) },
  },
});
const duty = (item: string, change: Partial<Duty> = {}): Duty => ({
  item,
  area: 'backup',
  title: `About ${item}`,
  accountable: 'customer',
  covers: [],
  ...change,
});
async function shown(context: QuestionContext, args: Record<string, string> = {}) {
  const answer = await duties.answer({ site: 'acme', ...args }, context);
  if (!answer.ok) throw new Error(answer.error.message);
  const message = renderAnswer(answer.value);
  return { answer: answer.value, message, text: JSON.stringify(message.blocks) };
}

describe('/ops duties', () => {
  it('shows in red and in words what nobody owns, before what somebody does', async () => {
    const owners: OwnedDuty[] = [{ item: 'a', owner: { kind: 'person', id: 'U0REQ' }, by: 'U0ADM', at: T0 }];
    const { answer, text } = await shown(withLists([duty('a'), duty('b', { accountable: 'nobody' })], owners));
    expect(answer.summary).toBe('acme: 1 of 2 duties have no owner.');
    expect(text).toContain(':red_circle: `b` About b: *nobody owns this*');
    expect(text).toContain('`a` About a: owned by <@U0REQ>');
    expect(text.indexOf('`b`')).toBeLessThan(text.indexOf('`a`'));
    expect(text).not.toContain(':red_circle: `a`');
    expect(text).toContain('UNKNOWN: nothing tells Twokey. Covered by nothing.');
  });

  it('of the shipped list fits into one message, with the state of each item', async () => {
    const { answer, message, text } = await shown(base);
    expectSlackTakes(message);
    expect(answer.file).toBeUndefined();
    expect(text).toContain(
      'NOT OK: Twokey has made no backup. Covered by command backup, command backup list, schedule backup (planned).',
    );
    expect(text).not.toContain('There is more than a message can hold');
  });

  it('at the greatest size says how many do not fit, and hands the whole of it over as a file', async () => {
    for (const nasty of NASTY) {
      const line = nasty.replaceAll('\n', ' ').slice(0, 120) || 'x';
      const list = Array.from({ length: 100 }, (_, n) =>
        duty(`item-${n}`, {
          title: line,
          note: line,
          covers: Array.from({ length: 6 }, () => ({ check: 'some.check', planned: true })),
        }),
      );
      const owners = list
        .slice(50)
        .map(({ item }): OwnedDuty => ({ item, owner: { kind: 'words', words: line.slice(0, 80) }, by: 'U', at: T0 }));
      const { answer, message, text } = await shown(withLists(list, owners));
      expectSlackTakes(message);
      expect(foreignTokens(message)).toEqual([]);
      expect(text).not.toContain('There is more than a message can hold');
      const left = Number(/(\d+) more do not fit/.exec(text)?.[1]);
      expect(text.match(/`item-\d+`/g)).toHaveLength(100 - left);
      expect(answer.file?.text.match(/item-\d+/g)).toHaveLength(100);
    }
  });

  it('shows one area, or only what has no owner, and refuses an area that is none', async () => {
    const context = withLists([duty('a'), duty('b', { area: 'mail' }), duty('c', { accountable: 'vendor' })]);
    expect((await shown(context, { area: 'mail' })).answer.summary).toBe('acme: 1 of 1 duties have no owner.');
    expect((await shown(context, { unowned: 'yes' })).text).not.toContain('`c`');
    const refused = await duties.answer({ site: 'acme', area: 'garden' }, context);
    expect(refused).toMatchObject({ ok: false, error: { code: 'bad_arguments', next: 'There are backup, mail.' } });
  });
});

describe('/ops duty set and clear', () => {
  const recording = () => {
    const calls: unknown[] = [];
    const book = {
      owners: () => Promise.resolve([]),
      set: (...args: [string, string, Owner, string]) => {
        calls.push(args);
        return Promise.resolve<Owner | null>({ kind: 'words', words: 'IT' });
      },
      clear: () => Promise.resolve<Owner | null>(null),
    };
    return { calls, context: { ...base, duties: { ...base.duties, book } } };
  };

  it.each<[string, Owner]>([
    ['U0REQ', { kind: 'person', id: 'U0REQ' }],
    ['<@U0REQ|operator>', { kind: 'person', id: 'U0REQ' }],
    ['@U0REQ', { kind: 'person', id: 'U0REQ' }],
    ['"database team"', { kind: 'words', words: 'database team' }],
    ['@somebody', { kind: 'words', words: '@somebody' }],
    ['URGENT', { kind: 'words', words: 'URGENT' }],
    ['two\nlines\t<!channel>', { kind: 'words', words: 'two lines <!channel>' }],
  ])('understands %j', async (owner, meant) => {
    const { calls, context } = recording();
    const answer = await set.answer({ site: 'acme', item: 'db-backup', owner }, context);
    expect(calls).toEqual([['acme', 'db-backup', meant, 'U0REQ']]);
    if (!answer.ok) throw new Error(answer.error.message);
    expect(foreignTokens(renderAnswer(answer.value))).toEqual([]);
    expect(JSON.stringify(answer.value.parts)).toContain(', before by ');
  });

  it('refuses an item or a site that is not there, and an owner that says nothing', async () => {
    const { calls, context } = recording();
    expect(await set.answer({ site: 'acme', item: 'db-bakup', owner: 'x' }, context)).toMatchObject({
      error: { code: 'unknown_duty', message: expect.stringContaining('Did you mean `db-backup`?') },
    });
    expect(await set.answer({ site: 'acmee', item: 'mail', owner: 'x' }, context)).toMatchObject({
      error: { code: 'unknown_site' },
    });
    expect(await set.answer({ site: 'acme', item: 'db-backup', owner: '""' }, context)).toMatchObject({
      error: { code: 'bad_arguments' },
    });
    expect(calls).toEqual([]);
  });

  it('clearing what has no owner says that nothing has changed', async () => {
    const answer = await clear.answer({ site: 'acme', item: 'db-backup' }, recording().context);
    expect(answer).toMatchObject({ ok: true, value: { summary: 'The duty db-backup of acme had no owner.' } });
  });

  it('is for those who operate and approve, not for viewers', () => {
    for (const one of [set, clear]) expect(one.roles).toEqual(['operator', 'approver']);
    expect(duties.roles).toContain('viewer');
  });
});
