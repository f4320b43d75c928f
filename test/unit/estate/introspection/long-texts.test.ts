import { describe, expect, it } from 'vitest';
import { readInventory } from '../../../../src/estate/introspection/commcare.ts';
import { settingsOfSite, siteSubject } from '../../../../src/estate/introspection/facts.ts';
import { findSites } from '../../../../src/estate/introspection/find-sites.ts';
import { readFrames } from '../../../../src/estate/introspection/frames.ts';
import { readIni } from '../../../../src/estate/introspection/karl.ts';
import { readVhosts } from '../../../../src/estate/introspection/vhost.ts';
import { monotonicMs } from '../../../../src/kernel/clock.ts';
import { type FrameSpec, printedFrames } from '../../../support/frames.ts';

const MANY = 100_000;
/** Far more than any of these needs, and far less than what it would take if time grew with the square of the length. */
const PATIENCE_MS = 2_000;
const look = (...frames: FrameSpec[]) => findSites('acme-app', printedFrames(...frames));
const compose = (text: string) => look(['compose-file', '/srv/a/compose.yml', `services:\n  a:\n    ${text}`]);

/** Everybody with an account on a host can lay out files that are looked at, and Twokey does nothing else meanwhile. */
describe('P8 a text made to be slow to read', () => {
  it.each<[string, () => unknown]>([
    ['empty lines before a word', () => readFrames(Buffer.from(`@x y\n${'>\n'.repeat(MANY)}>x\n@. ok\n`))],
    ['a directive with a line separator', () => readVhosts('f', `${'a'.repeat(MANY)}${' '.repeat(MANY)}x\u2028`)],
    ['a setting with a line separator', () => readIni(`[x]\na=${' '.repeat(MANY)}x\u2028`)],
    ['a version without a dot', () => look(['psql', '-', '1'.repeat(MANY)])],
    ['braces that nothing closes', () => compose(`environment:\n      PGHOST: "${'${a-'.repeat(15_000)}"`)],
    ['an image of colons', () => compose(`image: "${':'.repeat(60_000)}/"`)],
    ['builds without number', () => look(['karl', '/srv/x', '', 'absent', Array(90_000).fill('build 1')])],
    [
      'folders without a virtual host',
      () => look(['rails-dir', '/var/rails'], ...Array.from({ length: 9_000 }, (_, n) => rails(n))),
    ],
    ['one host again and again', () => readInventory(`[x]\n${'a b\n'.repeat(MANY / 4)}`)],
    ['groups within groups', () => readInventory(LADDER)],
    ['thousands of settings', () => settingsOfSite(SETTINGS, '/srv/a', 'acme')],
  ])('is read in time: %s', (_what, read) => {
    const began = monotonicMs();
    read();
    expect(monotonicMs() - began).toBeLessThan(PATIENCE_MS);
  });
});

const rails = (n: number): FrameSpec => ['rails', `/var/rails/a${n}`];
/** Two groups on every rung, each of which holds both of the next: as many ways down as 2 to the power of 40. */
const LADDER = Array.from({ length: 40 }, (_, n) => {
  const next = `a${n + 1}\nb${n + 1}\n`;
  return `[a${n}:children]\n${next}[b${n}:children]\n${next}`;
}).join('');
const SETTINGS = Array.from({ length: 20_000 }, (_, n) => ({
  subject: siteSubject('/srv/a', 'acme'),
  name: `image of ${n}`,
  value: 'x',
}));

describe('a host that tells more than an honest one', () => {
  it('is read up to the bound of a frame, which is then told as cut', () => {
    const { frames } = readFrames(
      printedFrames(['vhost', '/a', 'x'.repeat(65_536)], ['vhost', '/b', 'y\n'.repeat(MANY)]),
    );
    expect(frames.map(({ state, text }) => [state, text.length])).toEqual([
      ['ok', 65_536],
      ['cut', 65_535],
      ['ok', 0],
    ]);
  });

  it('is read up to a number of frames, and then is not whole', () => {
    const { frames, whole } = readFrames(printedFrames(...Array.from({ length: MANY }, (_, n) => rails(n))));
    expect([frames.length, whole]).toEqual([10_000, false]);
  });
});

describe('groups within groups', () => {
  it('give each host once, own ones first, in a circle too', () => {
    const { groups } = readInventory('[a]\none\n[a:children]\nb\nc\n[b]\ntwo\n[c]\nthree\none\n[c:children]\na\nb\n');
    expect(Object.fromEntries(groups)).toEqual({
      a: ['one', 'two', 'three'],
      b: ['two'],
      c: ['three', 'one', 'two'],
    });
  });
});
