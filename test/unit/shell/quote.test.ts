import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from '../../../src/shell/quote.ts';

/** What a real shell makes of the quoted words. */
function echoed(words: readonly string[]): string[] {
  const script = `for w in ${words.map(quote).join(' ')}; do printf '%s\\0' "$w"; done\n`;
  const { stdout } = spawnSync('/bin/sh', ['-s'], { input: script, maxBuffer: 32 * 1024 * 1024 });
  return stdout.toString('utf8').split('\0').slice(0, -1);
}

const HOSTILE = [
  '',
  ' ',
  "'",
  "''",
  "'\\''",
  '"',
  '\\',
  '\\\\',
  '$(id)',
  '`id`',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is shell
  '${IFS}',
  '$HOME',
  '!',
  '!!',
  '-n',
  '--',
  '-rf /',
  '*',
  '~',
  '~root',
  ';',
  '&&',
  '|',
  '>',
  '<',
  '#',
  '\n',
  '\r\n',
  '\t',
  '\u001b[31m',
  '\u007f',
  '\u2028',
  '😀',
  'ä',
  'END',
  "'; exit $?\n",
  'a\nb\n',
  "it's",
  '%s%n',
  '\\n',
  '\\c',
  "'".repeat(20_000),
  'x'.repeat(100_000),
];

describe('quote', () => {
  it('gives hostile words to a shell unchanged', () => {
    expect(echoed(HOSTILE)).toEqual(HOSTILE);
  });

  it('gives any words to a shell unchanged', () => {
    const word = fc.string({ unit: 'binary', maxLength: 60 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 200 }), (words) => {
        expect(echoed(words)).toEqual(words);
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ['NUL', 'a secret\0'],
    ['half a surrogate pair', 'a secret\ud800'],
  ])('refuses %s, without repeating the value', (_name, text) => {
    expect(() => quote(text)).toThrow(expect.objectContaining({ code: 'bad_arguments' }));
    expect(() => quote(text)).not.toThrow(/secret/);
  });
});
