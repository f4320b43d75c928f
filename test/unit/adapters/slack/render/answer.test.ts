import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Part, Span } from '../../../../../commands/contract/answer.ts';
import { findCommand } from '../../../../../commands/contract/line.ts';
import { loadCommands } from '../../../../../commands/index.ts';
import { renderAnswer, renderRefusal } from '../../../../../src/adapters/slack/render/answer.ts';
import {
  clipped,
  code,
  escaped,
  fitted,
  instant,
  span,
  visible,
} from '../../../../../src/adapters/slack/render/mrkdwn.ts';
import { ERROR_CODES, refusal } from '../../../../../src/kernel/errors.ts';
import { T0 } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const commands = await loadCommands();
const answer = (...parts: Part[]) => renderAnswer({ summary: 'What there is.', parts });

describe('an answer', () => {
  const sizes: [string, Part[]][] = NASTY.flatMap((text): [string, Part[]][] => [
    ['heading', [{ kind: 'heading', text }]],
    ['text', [{ kind: 'text', text: [text, { code: text }, { strong: text }] }]],
    ['fields', [{ kind: 'fields', rows: Array.from({ length: 60 }, () => ({ label: text, value: [text] })) }]],
    ['table', [{ kind: 'table', head: ['a', 'b'], rows: Array.from({ length: 300 }, () => [text, text]) }]],
    ['log', [{ kind: 'log', text }]],
    ['many parts', Array.from({ length: 120 }, (): Part => ({ kind: 'text', text: [text] }))],
  ]);

  it.each(sizes)('with a %s of the greatest size is taken by Slack', (_name, parts) => {
    const message = answer(...parts);
    expectSlackTakes(message);
    expect(foreignTokens(message)).toEqual([]);
  });

  it('with a table of 200,000 rows is taken too', () => {
    const message = answer({
      kind: 'table',
      head: ['a'],
      rows: Array.from({ length: 200_000 }, (_, n) => [String(n)]),
    });
    expectSlackTakes(message);
  });

  it('of nothing at all is taken', () => {
    for (const part of [
      { kind: 'text', text: [] },
      { kind: 'log', text: '' },
      { kind: 'fields', rows: [] },
      { kind: 'table', head: [], rows: [] },
    ] as const satisfies Part[]) {
      expectSlackTakes(answer(part));
    }
  });

  it('says so when it holds back', () => {
    const many = answer(...Array.from({ length: 60 }, (): Part => ({ kind: 'text', text: ['x'] })));
    expect(many.blocks).toHaveLength(49);
    expect(JSON.stringify(many.blocks.at(-1))).toContain('There is more than a message can hold');
  });

  it('keeps the columns of a table under one another, also beyond one byte', () => {
    const rows = [
      ['ä', '1'],
      ['😀😀', '2'],
      ['long', '3'],
    ];
    const text = JSON.stringify(answer({ kind: 'table', head: ['h', 'n'], rows }).blocks);
    expect(text).toContain('h     n\\n────  ─\\nä     1\\n😀😀    2\\nlong  3');
  });

  it('escapes its fallback like everything else', () => {
    const message = renderAnswer({ summary: '<!channel> & co', parts: [] });
    expect(message.text).toBe('&lt;!channel&gt; &amp; co');
  });
});

describe('a refusal', () => {
  it('says why and what next, with the slash command in front of commands', () => {
    const message = renderRefusal(
      refusal('unknown_site', 'There is no site "x".', 'See `sites` or `help backup`.'),
      '/ops',
    );
    expectSlackTakes(message);
    expect(message.text).toBe('There is no site "x". See `/ops sites` or `/ops help backup`.');
  });

  it.each(Object.entries(ERROR_CODES))('of %s says each command as it has to be typed', (_code, { next }) => {
    const typed = [...next.matchAll(/`([^`]+)`/g)].map((found) => found[1] ?? '');
    const said = renderRefusal(refusal('internal', 'No.', next), '/ops').text;
    for (const one of typed.filter((words) => findCommand(words.split(' '), commands)))
      expect(said).toContain(escaped(`\`/ops ${one}\``));
  });

  it('names people, but lets nobody shout through it', () => {
    const message = renderRefusal(
      refusal('quorum_unreachable', 'Only <@U0APA> can. <!channel> <#C0OPS|x> <http://x|y>'),
      '/ops',
    );
    for (const text of mrkdwnOf(message)) expect(text).toContain('<@U0APA>');
    expect(foreignTokens(message)).toEqual([]);
  });

  it('P10 says what next however long the reason is', () => {
    const message = renderRefusal(refusal('internal', '& '.repeat(5_000), 'Send `patches acme`.'), '/ops');
    expectSlackTakes(message);
    expect(mrkdwnOf(message).some((text) => text.endsWith('…\n*Next:* Send `/ops patches acme`.'))).toBe(true);
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text]))('of %j… is taken by Slack', (_shown, text) => {
    const message = renderRefusal(refusal('internal', text, text), '/ops');
    expectSlackTakes(message);
    expect(foreignTokens(message)).toEqual([]);
  });
});

describe('the pieces of a line', () => {
  it('are escaped', () => {
    expect(escaped('<a> & &amp;')).toBe('&lt;a&gt; &amp; &amp;amp;');
    expect(code('a`b<c>\nd')).toBe('`aˋb&lt;c&gt; d`');
    expect(span({ strong: '<b>' })).toBe('*&lt;b&gt;*');
    expect(span({ strong: 'Next: ' })).toBe('*Next:* ');
    expect(span({ strong: ' ' })).toBe(' ');
    expect(span({ person: 'U0APA' })).toBe('<@U0APA>');
  });

  it('hold no token but ours, whatever they are made of', () => {
    const text = fc.string({ unit: fc.constantFrom('<', '>', '!', '@', '&', '|', 'U', '`', 'a', '\n') });
    const any: fc.Arbitrary<Span> = fc.oneof(
      text,
      text.map((inner) => ({ code: inner })),
      text.map((inner) => ({ strong: inner })),
    );
    fc.assert(
      fc.property(any, (one) => {
        expect(span(one)).not.toMatch(/[<>]/);
      }),
    );
    fc.assert(
      fc.property(text, (inner) => {
        expect(code(inner).slice(1, -1)).not.toMatch(/[`\n]/);
      }),
    );
  });

  it('give every reader the time in their zone, and UTC where that is not known', () => {
    expect(instant(T0, 'time')).toBe('<!date^1772445600^{time}|2026-03-02 10:00 UTC>');
    expect(instant(T0, 'day-time')).toBe('<!date^1772445600^{date_short_pretty} {time}|2026-03-02 10:00 UTC>');
  });

  it('are cut between characters, and say so', () => {
    expect(clipped('abcdef', 6)).toBe('abcdef');
    expect(clipped('abcdefg', 6)).toBe('abcde…');
    expect(clipped('abc😀😀', 5)).toBe('abc…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, limit) => {
        const cut = clipped(text, limit);
        expect(cut.length).toBeLessThanOrEqual(limit);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });

  it('are dropped whole where they do not fit', () => {
    expect(fitted(['a', 'b'], ' · ', 100)).toBe('a · b');
    expect(
      fitted(
        Array.from({ length: 10 }, () => '<@U0APA>'),
        ' · ',
        60,
      ),
    ).toBe('<@U0APA> · <@U0APA> · … and 8 more');
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 30 }),
        fc.integer({ min: 50, max: 300 }),
        (lines, limit) => {
          expect(JSON.stringify(fitted(lines, '\n', limit)).length - 2).toBeLessThanOrEqual(limit);
        },
      ),
    );
  });

  it('show control characters', () => {
    expect(visible('a\u0000b\u001b[31mc\u007f\td\ne\r')).toBe('a␀b␛[31mc␡\td\ne␍');
  });
});
