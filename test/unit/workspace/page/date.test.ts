import { describe, expect, it } from 'vitest';
import { slackDate } from '../../../../src/workspace/page/blockkit/date.ts';

/** Local noon, so that the tests hold in every zone. */
const NOON = new Date(2026, 2, 10, 12, 0, 0);
const at = (hours: number) => NOON.getTime() / 1000 + hours * 3600;

describe('slackDate', () => {
  it('names the days next to today and dates the others', () => {
    expect(slackDate(at(1), '{date_short_pretty}', 'x', NOON)).toBe('today');
    expect(slackDate(at(-24), '{date_pretty}', 'x', NOON)).toBe('yesterday');
    expect(slackDate(at(24), '{date_long_pretty}', 'x', NOON)).toBe('tomorrow');
    expect(slackDate(at(-72), '{date_short_pretty}', 'x', NOON)).toContain('2026');
  });

  it('fills several tokens and keeps the words between them', () => {
    expect(slackDate(at(0), '{date_num} then {time}', 'x', NOON)).toMatch(/^2026-03-10 then 12:00/);
  });

  it('says how long ago', () => {
    expect(slackDate(at(-3), '{ago}', 'x', NOON)).toBe('3 hours ago');
  });

  it('gives the fallback for an unknown token or a broken instant', () => {
    expect(slackDate(at(0), '{moon}', 'written', NOON)).toBe('written');
    expect(slackDate(Number.NaN, '{time}', 'written', NOON)).toBe('written');
  });
});
