import { describe, expect, it } from 'vitest';
import { bytesInWords, historyRow, momentInWords, shortened } from '../../../commands/contract/words.ts';
import { durationInWords } from '../../../src/kernel/duration.ts';
import { later, operation, T0 } from '../../support/builders.ts';

describe('sizes', () => {
  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1_000, '1.0 kB'],
    [1_440_000, '1.4 MB'],
    [2_000_000_000_000, '2.0 TB'],
    [5e15, '5000.0 TB'],
  ])('%d is %s', (bytes, words) => {
    expect(bytesInWords(bytes)).toBe(words);
  });
});

describe('durations', () => {
  it.each([
    [12_000, '12 s'],
    [59_499, '59 s'],
    [59_600, '1 min 00 s'],
    [200_000, '3 min 20 s'],
    [3_840_000, '1 h 04 min'],
    [90_000_000, '25 h 00 min'],
  ])('%d ms is %s', (ms, words) => {
    expect(durationInWords(ms)).toBe(words);
  });

  it('is never less than nothing, when two clocks disagree', () => {
    expect(durationInWords(-5_000)).toMatch(/^0(\.0)? s$/);
  });
});

describe('the beginning of a text', () => {
  it('cuts no character in two', () => {
    expect(shortened('abc', 3)).toBe('abc');
    expect(shortened('abcd', 3)).toBe('abc…');
    expect(shortened('ab😀d', 3)).toBe('ab…');
  });
});

describe('a row of a history', () => {
  it('says how long only when it has begun and ended', () => {
    const row = (change: Parameters<typeof operation>[0]) => historyRow(operation(change)).at(-1);
    expect(row({ state: 'succeeded', startedAt: T0, endedAt: later(90) })).toBe('1 h 30 min');
    expect(row({ state: 'denied', endedAt: later(1) })).toBe('');
    expect(row({ state: 'running', startedAt: T0 })).toBe('');
  });
});

describe('a moment', () => {
  it('is said in half a sentence', () => {
    expect(momentInWords({ kind: 'working', until: null })).toBe('in working hours');
    expect(momentInWords({ kind: 'outside', until: null, never: true })).toBe('outside working hours');
    expect(momentInWords({ kind: 'holiday', name: 'Easter', until: null })).toBe('a holiday (Easter)');
    expect(momentInWords({ kind: 'freeze', reason: 'audit', until: T0 })).toBe('a freeze (audit)');
  });
});
