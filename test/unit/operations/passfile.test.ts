import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/kernel/secret.ts';
import { passLine, spellings } from '../../../src/operations/passfile.ts';

/** Reads a .pgpass line as libpq does: fields end at a colon, a backslash takes the next character as it is. */
function fields(line: string): string[] {
  const found = [''];
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at];
    if (char === ':' && found.length < 5) found.push('');
    else if (char === '\\' && at + 1 < line.length) {
      at += 1;
      found[found.length - 1] += line[at] ?? '';
    } else found[found.length - 1] += char ?? '';
  }
  return found;
}

describe('a line for .pgpass', () => {
  it('gives libpq the password unchanged, whatever it holds', () => {
    const password = fc.string({ unit: fc.constantFrom('a', ':', '\\', ' ', "'", '"', '$', 'ä', '*') });
    fc.assert(
      fc.property(password, (text) => {
        const line = passLine({ db_host: '::1', db_port: '5432' }, new Secret(text)).reveal();
        expect(line.endsWith('\n')).toBe(true);
        expect(fields(line.slice(0, -1))).toEqual(['::1', '5432', '*', '*', text]);
      }),
    );
  });

  it('serves a socket folder, and a host that is not said', () => {
    expect(passLine({ db_host: '/run/postgresql', db_port: '5432' }, new Secret('x')).reveal()).toBe('*:5432:*:*:x\n');
    expect(passLine({}, new Secret('x')).reveal()).toBe('*:*:*:*:x\n');
  });

  it('is a secret itself', () => {
    expect(String(passLine({}, new Secret('hunter2')))).not.toContain('hunter2');
  });
});

describe('the spellings of a password', () => {
  it('are as it is, and as it stands in the line', () => {
    expect(spellings(new Secret('plain'))).toEqual(['plain']);
    const spelled = spellings(new Secret('a:b\\c'));
    expect(spelled).toEqual(['a:b\\c', 'a\\:b\\\\c']);
    expect(passLine({}, new Secret('a:b\\c')).reveal()).toContain(spelled[1]);
  });
});
