import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkHop, hopsBetween, hopsByRule, type PathTable, problemsOfPath } from '../../../src/estate/upgrade-path.ts';
import { compareVersions, parseVersion } from '../../../src/estate/version.ts';

const table: PathTable = [
  { minor: '8.0', next: ['8.1'] },
  { minor: '8.1', next: ['8.2'] },
  { minor: '8.2', next: ['8.10', '9.0'] },
  { minor: '8.10', next: ['9.0'] },
  { minor: '9.0', next: [] },
];
const releases = ['8.1.2', '8.1.10', '8.1.11-rc.1', '8.2.0', '8.2.0.4', '8.10.1', '9.0.0'];
const way = (from: string, to: string, known = releases) => {
  const hops = hopsBetween(table, from, to, known);
  return hops.ok
    ? hops.value.map((hop) => `${hop.from}>${hop.to}${hop.schemaChange ? '*' : ''}`).join(' ')
    : hops.error.message;
};

describe('versions', () => {
  it('have three numbers, or four as some vendors use', () => {
    const order = ['7.4.3-rc.1', '7.4.3', '7.4.3.1', '7.4.3.10', '7.4.10', '7.10.0', '8.0'];
    const parsed = order.map((text) => parseVersion(text));
    for (const [index, one] of parsed.entries()) {
      const next = parsed[index + 1];
      if (one && next) expect([order[index], compareVersions(one, next) < 0]).toEqual([order[index], true]);
    }
    expect(parsed.every((one) => one !== null)).toBe(true);
    for (const text of ['', 'main', '8', '8.x', 'v8.1', '8.1.0.0.0', '-8.1', '8.1 ', '9999999999.1'])
      expect(parseVersion(text)).toBeNull();
  });
});

describe('a way (P7)', () => {
  it('goes minor by minor, over the newest finished release of each', () => {
    expect(way('8.0.0', '8.2.1')).toBe('8.0.0>8.1.10* 8.1.10>8.2.1*');
    expect(way('8.0.0', '9.0.0')).toBe('8.0.0>8.1.10* 8.1.10>8.2.0.4* 8.2.0.4>9.0.0*');
    expect(way('8.10.0', '9.0.0')).toBe('8.10.0>9.0.0*');
  });

  it('jumps freely within a minor, without a change of the schema', () => {
    expect(way('8.1.0', '8.1.9')).toBe('8.1.0>8.1.9');
    expect(way('7.4.3.0', '7.4.3.2')).toBe('7.4.3.0>7.4.3.2');
  });

  it.each([
    ['8.1.0', '7.9.0', 'older than'],
    ['8.1.0', '8.1.0', 'already runs'],
    [
      '8.1.0',
      '8.3.0',
      '8.3.0 belongs to 8.3, which the upgrade path does not know (it knows 8.0, 8.1, 8.2, 8.10, 9.0)',
    ],
    ['6.2.1', '8.1.0', '6.2.1 belongs to 6.2, which the upgrade path does not know'],
    ['main', '8.1.0', '"main" is not a version'],
    ['8.1.0', 'latest', '"latest" is not a version'],
  ])('%s to %s is refused', (from, to, said) => {
    expect(way(from, to)).toContain(said);
    expect(checkHop(table, from, to)).toMatchObject({ ok: false, error: { code: 'no_upgrade_path' } });
  });

  it('says which release is missing on it', () => {
    expect(way('8.0.0', '8.2.1', ['8.2.1'])).toContain('leads over 8.1, and there is no release of it');
  });

  it('knows when nothing leads there', () => {
    const apart: PathTable = [
      { minor: '8.0', next: [] },
      { minor: '8.1', next: [] },
    ];
    expect(hopsBetween(apart, '8.0.0', '8.1.0', [])).toMatchObject({
      error: { message: 'The upgrade path knows no way from 8.0 to 8.1.' },
    });
  });

  it('never skips a minor in one step', () => {
    expect(checkHop(table, '8.0.0', '8.2.0')).toMatchObject({
      error: { message: '8.0.0 to 8.2.0 would skip 8.1.', next: 'Go one by one: 8.0 → 8.1 → 8.2.' },
    });
    expect(checkHop(table, '8.2.0', '9.0.0')).toMatchObject({ ok: true, value: { schemaChange: true } });
  });

  it('always ends where it should, each step upwards and allowed by the table', () => {
    const minors = table.map((row) => row.minor);
    const version = fc.tuple(fc.constantFrom(...minors), fc.nat(20)).map(([minor, patch]) => `${minor}.${patch}`);
    const every = minors.map((minor) => `${minor}.7`);
    fc.assert(
      fc.property(version, version, (from, to) => {
        const hops = hopsBetween(table, from, to, every);
        const [start, end] = [parseVersion(from), parseVersion(to)];
        if (!start || !end) throw new Error('a version of the test is none');
        expect(hops.ok).toBe(compareVersions(end, start) > 0);
        if (!hops.ok) return;
        expect(hops.value[0]?.from).toBe(from);
        expect(hops.value.at(-1)?.to).toBe(to);
        for (const hop of hops.value) expect(checkHop(table, hop.from, hop.to).ok).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a profile’s rule', () => {
  it('is its table, when it has one', () => {
    const byTable = hopsBetween(table, '8.0.0', '8.2.1', releases);
    expect(hopsByRule({ path: table }, '8.0.0', '8.2.1', releases)).toEqual(byTable);
  });

  it('is refused with what to set, when nobody set it', () => {
    expect(hopsByRule({ path: null, note: 'Not public.' }, '8.0.0', '8.1.0', [])).toMatchObject({
      error: {
        code: 'command_not_set',
        message: '`upgrade.path` is not set in the profile. Not public.',
        next: expect.stringContaining('from your vendor’s documentation'),
      },
    });
  });

  it('is one upgrade where there is no order, never back and never to the same', () => {
    const rule = { path: null, unordered: 'By revision.' };
    expect(hopsByRule(rule, 'main', 'a1b2c3', [])).toEqual({
      ok: true,
      value: [{ from: 'main', to: 'a1b2c3', schemaChange: true }],
    });
    expect(hopsByRule(rule, '8.1.0', '8.0.0', [])).toMatchObject({ error: { code: 'no_upgrade_path' } });
    expect(hopsByRule(rule, 'main', 'main', [])).toMatchObject({ error: { code: 'no_upgrade_path' } });
  });
});

describe('a table', () => {
  const said = (rows: PathTable) => problemsOfPath(rows).map((one) => `${one.at.join('.')}: ${one.message}`);

  it('is right when it only leads upwards to what it knows', () => {
    expect(said(table)).toEqual([]);
    expect(said([])).toEqual([]);
  });

  it.each([
    [
      [
        { minor: '8.2', next: ['8.1'] },
        { minor: '8.1', next: ['8.2'] },
      ],
      '0.next.0: 8.2 cannot lead to 8.1, which is not newer: that would be a circle',
    ],
    [[{ minor: '8.2', next: ['8.2'] }], '8.2 cannot lead to 8.2'],
    [[{ minor: '8.9', next: ['8.10'] }], '0.next.0: 8.10 has no row of its own'],
    [
      [
        { minor: '8.1', next: [] },
        { minor: '8.1', next: [] },
      ],
      '1.minor: 8.1 stands here twice',
    ],
    [
      [
        { minor: '8.1', next: ['8.2', '8.2'] },
        { minor: '8.2', next: [] },
      ],
      '0.next.1: 8.2 stands here twice',
    ],
  ])('is refused: %j', (rows, words) => {
    expect(said(rows).join('\n')).toContain(words);
  });
});
