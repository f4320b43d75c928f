import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scriptWith } from '../../../src/shell/scripts.ts';

describe('scriptWith', () => {
  it('hands parameters over as environment variables, whatever they hold', () => {
    const value = fc.string({ unit: 'binary', maxLength: 40 }).filter((text) => !text.includes('\0'));
    fc.assert(
      fc.property(value, value, (site, other) => {
        const script = scriptWith('printf "%s\\0%s" "$P_site" "$(printenv P_other_one)"', {
          other_one: `${other}.`,
          site,
        });
        const { stdout } = spawnSync('/bin/sh', ['-s'], { input: script });
        expect(stdout.toString('utf8')).toBe(`${site}\0${other}.`);
      }),
      { numRuns: 40 },
    );
  });

  it('leaves the body alone, and orders parameters by name', () => {
    expect(scriptWith('echo $P_b\n', { b: '2', a: "o'clock" })).toBe(
      "export P_a='o'\\''clock'\nexport P_b='2'\necho $P_b\n",
    );
  });

  it.each(['', 'A', '1a', 'a-b', 'a b', 'a=b', 'a;id', 'ä', 'PATH', '__proto__', 'a'.repeat(50)])(
    'refuses the name %j',
    (name) => {
      expect(() => scriptWith('true', Object.fromEntries([[name, 'x']]))).toThrow(
        expect.objectContaining({ code: 'bad_arguments' }),
      );
    },
  );
});
