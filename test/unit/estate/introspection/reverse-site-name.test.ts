import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { word } from '../../../../src/estate/introspection/finding.ts';
import { hostNameFrom, reverseSiteName } from '../../../../src/estate/introspection/reverse-site-name.ts';

const label = fc.stringMatching(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?$/);
const hostName = fc.array(label, { minLength: 1, maxLength: 6 }).map((labels) => labels.join('.'));

describe('the reverse site name', () => {
  it.each([
    ['teststudio.com', 'com_teststudio'],
    ['target-staging.teststudio.com', 'com_teststudio_target_staging'],
    ['Target.TestStudio.COM.', 'com_teststudio_target'],
    ['localhost', 'localhost'],
    ['a-b.c-d.e', 'e_c_d_a_b'],
  ])('%s is %s', (name, reverse) => {
    expect(reverseSiteName(name)).toEqual({ ok: true, value: reverse });
  });

  it.each([
    '',
    '.',
    'a..b',
    '-a.com',
    'a-.com',
    'a_b.com',
    'ä.com',
    'a b',
    '$(touch x).com',
    '../etc',
    'a/b',
    'a\n.com',
    `${'a'.repeat(64)}.com`,
    `${'a.'.repeat(130)}com`,
  ])('refuses %j, which is no host name', (name) => {
    expect(reverseSiteName(name)).toMatchObject({ ok: false, error: { code: 'bad_arguments' } });
  });

  it('holds nothing but lower-case letters, digits and underscores: one plain word of any shell', () => {
    fc.assert(
      fc.property(hostName, (name) => {
        const reverse = reverseSiteName(name);
        if (!reverse.ok) throw new Error(`${name}: ${reverse.error.message}`);
        expect(reverse.value).toMatch(/^[a-z0-9_]+$/);
        expect(word(reverse.value)).toBe(reverse.value);
        expect(reverse.value.length).toBe(name.length);
      }),
      { numRuns: 1_000 },
    );
  });

  it('knows neither upper case nor a dot at the end', () => {
    fc.assert(
      fc.property(hostName, (name) => {
        expect(reverseSiteName(`${name.toUpperCase()}.`)).toEqual(reverseSiteName(name.toLowerCase()));
      }),
      { numRuns: 1_000 },
    );
  });

  it('leads back to the host name where no label has a hyphen', () => {
    fc.assert(
      fc.property(
        hostName.map((name) => name.replaceAll('-', 'x').toLowerCase()),
        (name) => {
          const reverse = reverseSiteName(name);
          expect(reverse.ok && hostNameFrom(reverse.value)).toBe(name);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(hostNameFrom('com__a')).toBeNull();
    expect(hostNameFrom('Com_a')).toBeNull();
  });

  it('of anything at all is a name or a refusal, never an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const reverse = reverseSiteName(text);
        if (reverse.ok) expect(reverse.value).toMatch(/^[a-z0-9_]+$/);
      }),
      { numRuns: 1_000 },
    );
  });
});
