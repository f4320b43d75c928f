import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, parseDocument, stringify } from 'yaml';
import { sha256 } from '../../../../src/kernel/ids.ts';
import { readDocument } from '../../../../src/operations/compose/document.ts';
import { editScalar } from '../../../../src/operations/compose/edit.ts';
import { applyEdit } from '../../../support/compose-folder.ts';

const key = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/);
const scalar = fc.oneof(
  fc.string({ maxLength: 12, unit: 'grapheme' }),
  fc.integer(),
  fc.boolean(),
  fc.constantFrom(
    'no',
    'y',
    '22:22',
    '1_000',
    '0o17',
    '~',
    'null',
    '<<',
    '=',
    '2001-01-01',
    '1e3',
    '.inf',
    '*a',
    '!b',
    '# c',
    'a: b # c',
    '- x',
    '%',
    '@at',
    '`',
    '"',
    "'",
    'tr ',
    '\n',
    'a\nb',
    '👩‍🚀',
    '🚀',
    '\u2028',
    'ß: €',
  ),
);
const tree = fc.letrec((tie) => ({
  node: fc.oneof({ maxDepth: 4 }, scalar, tie('map'), fc.array(tie('node'), { maxLength: 4 })),
  map: fc.dictionary(key, tie('node'), { maxKeys: 5, minKeys: 1 }),
}));
const style = fc.record({
  defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
  collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
  lineWidth: fc.constantFrom(0, 20, 80),
});

describe('R22 whatever the file and the value hold', () => {
  it('only that one value is another after it: everything else means the same, and every other byte is the same', () => {
    let changed = 0;
    fc.assert(
      fc.property(tree.map, scalar, style, fc.nat(), (map, value, how, pick) => {
        const text = `# ümlaut\n${stringify(map, how)}# end\n`;
        // Folding a line may cut a character in two; no file that was read as UTF-8 is like that.
        if (!text.isWellFormed()) return;
        const before = readDocument(text, 'f');
        if (!before.ok) return;
        const all = [...before.value.leaves.values()].filter(({ text: one }) => !one.startsWith('empty'));
        const target = all[pick % Math.max(1, all.length)];
        if (!target) return;
        const path = target.path.map((part) => `[${part}]`).join('');
        const edit = editScalar(text, 'f', path, String(value));
        if (!edit.ok) return;
        changed += 1;
        const after = applyEdit(text, edit.value);
        expect(sha256(after)).toBe(edit.value.after);
        const read = readDocument(after, 'f');
        if (!read.ok) throw new Error(read.error.message);
        const expected = new Map([...before.value.leaves].map(([at, leaf]) => [at, leaf.text]));
        const now = read.value.leaves.get(JSON.stringify(target.path))?.text ?? '';
        if (now.startsWith('string')) expect(now).toBe(`string ${value}`);
        else expect(now).toBe(`${typeof parse(String(value))} ${parse(String(value))}`);
        expected.set(JSON.stringify(target.path), now);
        expect(new Map([...read.value.leaves].map(([at, leaf]) => [at, leaf.text]))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
    expect(changed).toBeGreaterThan(300);
  });

  it('a text stays that very text for both versions of YAML, in a block and in brackets', () => {
    fc.assert(
      fc.property(
        fc.oneof(scalar.map(String), fc.string({ unit: 'binary', maxLength: 20 })),
        fc.boolean(),
        fc.constantFrom('old', '"old"', "'old'"),
        (value, flow, old) => {
          const text = flow ? `a: {b: [x, ${old}, y], c: 1} # d\n` : `a:\n  b:\n    - x\n    - ${old} # d\n  c: 1\n`;
          const edit = editScalar(text, 'f', 'a.b.1', value);
          if (!edit.ok) return;
          for (const version of ['1.1', '1.2'] as const)
            expect(parseDocument(applyEdit(text, edit.value), { version }).getIn(['a', 'b', 1])).toBe(value);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('never throws, whatever is sent as a file, a path or a value', () => {
    const yamlish = fc
      .array(
        fc.constantFrom(
          'a',
          'b: ',
          '\n',
          '  ',
          '- ',
          '[',
          ']',
          '{',
          '}',
          ',',
          '&x ',
          '*x',
          '!t ',
          '|\n',
          '"',
          "'",
          '#',
          '<<: ',
          '? ',
          '---\n',
          '\r\n',
          '\t',
          '\ufeff',
          '👩‍🚀',
          '%YAML 1.1\n',
        ),
        { maxLength: 40 },
      )
      .map((parts) => parts.join(''));
    const path = fc.oneof(fc.constantFrom('a', 'a.b', '[a]', 'b.0', 'a.b.0'), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(yamlish, path, fc.string({ maxLength: 10 }), (text, at, value) => {
        const edit = editScalar(text, 'f', at, value);
        if (edit.ok) expect(sha256(applyEdit(text, edit.value))).toBe(edit.value.after);
      }),
      { numRuns: 2_000 },
    );
  });
});
