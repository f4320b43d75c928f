import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MUTANTS } from '../../mutants/mutants.ts';

describe('the ways in which `npm run mutants` breaks the code', () => {
  it.each(MUTANTS)('there is something to break so that $breaks', ({ file, from, to }) => {
    const text = readFileSync(fileURLToPath(new URL(`../../../${file}`, import.meta.url)), 'utf8');
    expect(text.split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
  });
});
