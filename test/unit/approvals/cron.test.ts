import { describe, expect, it } from 'vitest';
import type { CalendarRules } from '../../../approvals/calendar.ts';
import { cronInWords, nextRuns, parseCron } from '../../../approvals/cron.ts';
import { needsStanding } from '../../../approvals/standing-need.ts';
import { config } from '../../support/builders.ts';

const office = config.calendars.office;
if (!office) throw new Error('no calendar');

describe('a cron expression', () => {
  it.each([
    ['30 2 * * *', '30 2 * * *', 'At 02:30, every day'],
    ['  0   9 * * mon-fri ', '0 9 * * MON-FRI', 'At 09:00, Monday through Friday'],
    ['*/5 9-17 * * 1-5', '*/5 9-17 * * 1-5', 'Every 5 minutes, between 09:00 and 17:59, Monday through Friday'],
    ['0 12 L * *', '0 12 L * *', 'At 12:00, on the last day of the month'],
    ['0 0 29 2 *', '0 0 29 2 *', 'At 00:00, on day 29 of the month, only in February'],
  ])('%j is understood and said in words', (typed, cron, words) => {
    expect(parseCron(typed)).toEqual({ ok: true, value: cron });
    expect(cronInWords(cron)).toBe(words);
  });

  it.each([
    ['', 'five fields'],
    ['* * * * * *', 'five fields'],
    ['@daily', 'five fields'],
    ['2026-12-24T10:00:00', 'five fields'],
    ['61 2 * * *', 'minute: 61'],
    ['a b c d e', 'no cron expression'],
    ['0 0 31 2 *', 'never comes'],
    [`${'1,'.repeat(80)}1 2 * * *`, 'five fields'],
  ])('%j is refused with what is wrong', (typed, why) => {
    const parsed = parseCron(typed);
    expect(parsed.ok ? '' : parsed.error.message).toContain(why);
    expect(parsed.ok ? '' : parsed.error.next).toContain('`30 2 * * *`');
  });
});

describe('the next runs', () => {
  const runs = (cron: string, from: string, most = 3, zone = 'Europe/Berlin') =>
    nextRuns(cron, zone, new Date(from), most).map((run) => run.toISOString().slice(5, 16));

  it('come after the instant, not at it', () => {
    expect(runs('0 9 * * *', '2026-01-02T08:00:00Z', 1)).toEqual(['01-03T08:00']);
    expect(runs('0 9 * * *', '2026-01-02T07:59:59.999Z', 1)).toEqual(['01-02T08:00']);
  });

  it('of a time that a clock change skips come when the gap ends, once', () => {
    expect(runs('30 2 * * *', '2026-03-28T12:00:00Z')).toEqual(['03-29T01:00', '03-30T00:30', '03-31T00:30']);
    expect(runs('15,45 2 * * *', '2026-03-28T12:00:00Z')).toEqual(['03-29T01:00', '03-30T00:15', '03-30T00:45']);
    expect(runs('30 2 * * *', '2026-03-08T00:00:00Z', 2, 'America/New_York')).toEqual(['03-08T07:00', '03-09T06:30']);
  });

  it('of a time that the clock shows twice come once, at the first', () => {
    expect(runs('30 2 * * *', '2026-10-24T12:00:00Z')).toEqual(['10-25T00:30', '10-26T01:30', '10-27T01:30']);
    expect(runs('0,30 1-3 * * *', '2026-10-24T23:40:00Z', 4)).toEqual([
      '10-25T00:00',
      '10-25T00:30',
      '10-25T02:00',
      '10-25T02:30',
    ]);
  });

  it('of a step keep their pace over both', () => {
    expect(runs('*/30 * * * *', '2026-10-24T23:50:00Z', 4)).toEqual([
      '10-25T00:00',
      '10-25T00:30',
      '10-25T01:00',
      '10-25T01:30',
    ]);
    expect(runs('*/30 * * * *', '2026-03-29T00:20:00Z', 3)).toEqual(['03-29T00:30', '03-29T01:00', '03-29T01:30']);
  });

  it('end at a limit', () => {
    const until = new Date('2026-01-04T00:00:00Z');
    expect(nextRuns('0 9 * * *', 'UTC', new Date('2026-01-01T12:00:00Z'), 50, until)).toHaveLength(2);
  });
});

describe('a schedule on production needs a standing approval', () => {
  const zone = 'Europe/Berlin';
  /** Monday. */
  const now = new Date('2026-03-02T10:00:00Z');
  const holiday = { ...office, holidays: { extra: ['2026-12-24'] } };
  const freezes = [{ from: '2026-06-01T00:00', to: '2026-06-02T00:00', reason: 'audit' }];

  it.each<[string, string, 'read' | 'routine' | 'disruptive', CalendarRules | null, string | null]>([
    ['nothing that reads', '30 2 * * *', 'read', office, null],
    ['routine work at night', '30 2 * * *', 'routine', office, '2026-03-03T01:30'],
    ['routine work in working hours: not', '0 11 * * mon-fri', 'routine', office, null],
    ['routine work on one evening a year', '0 11,18 * * mon-fri', 'routine', office, '2026-03-02T17:00'],
    ['routine work that meets a holiday', '0 11 * * mon-fri', 'routine', holiday, '2026-12-24T10:00'],
    [
      'routine work that meets a planned freeze',
      '0 11 * * mon-fri',
      'routine',
      { ...office, freezes },
      '2026-06-01T09:00',
    ],
    ['disruptive work at all times', '0 11 * * mon-fri', 'disruptive', office, '2026-03-03T10:00'],
    ['all work without a calendar', '0 11 * * mon-fri', 'routine', null, '2026-03-03T10:00'],
  ])('%s', (_name, cron, risk, calendar, first) => {
    const need = needsStanding(calendar, { cron, zone }, risk, now);
    expect(need.first?.toISOString().slice(0, 16) ?? null).toBe(first);
    expect(need.needed).toBe(first !== null);
  });

  it('looks a year ahead, or at 500 runs', () => {
    const only = (extra: string) => ({ ...office, holidays: { extra: [extra] } });
    const daily = { cron: '0 11 * * mon-fri', zone };
    expect(needsStanding(only('2027-03-02'), daily, 'routine', now).needed).toBe(true);
    expect(needsStanding(only('2027-03-10'), daily, 'routine', now).needed).toBe(false);
    // Every minute of working hours: 500 runs are over in a day.
    expect(needsStanding(only('2026-03-05'), { cron: '* 10-16 * * mon-fri', zone }, 'routine', now).needed).toBe(false);
  });
});
