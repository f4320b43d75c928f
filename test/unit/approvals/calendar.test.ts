import { describe, expect, it } from 'vitest';
import { type CalendarRules, momentAt } from '../../../approvals/calendar.ts';
import { calendar } from '../../../src/config/schema.ts';

const rules = (input: Record<string, unknown>): CalendarRules =>
  calendar.parse({ timezone: 'Europe/Berlin', working_hours: { 'mon-fri': '09:00-18:00' }, ...input });

/** `working until 2026-03-02T17:00Z`; `never` when nothing changes within the horizon. */
function at(its: CalendarRules, instant: string): string {
  const moment = momentAt(its, new Date(instant));
  return `${moment.kind} until ${moment.until?.toISOString().replace(':00.000Z', 'Z') ?? 'never'}`;
}

describe('working hours', () => {
  const office = rules({ working_hours: { 'mon-thu': '09:00-18:00', fri: '09:00-16:00' } });
  it.each([
    ['before they begin', '2026-03-02T07:59:59Z', 'outside until 2026-03-02T08:00Z'],
    ['when they begin', '2026-03-02T08:00:00Z', 'working until 2026-03-02T17:00Z'],
    ['the last moment', '2026-03-02T16:59:59.999Z', 'working until 2026-03-02T17:00Z'],
    ['when they end', '2026-03-02T17:00:00Z', 'outside until 2026-03-03T08:00Z'],
    ['a short friday', '2026-03-06T15:30:00Z', 'outside until 2026-03-09T08:00Z'],
    ['a weekend', '2026-03-08T12:00:00Z', 'outside until 2026-03-09T08:00Z'],
  ])('%s', (_name, instant, expected) => {
    expect(at(office, instant)).toBe(expected);
  });

  it('may have several spans a day', () => {
    const its = rules({ working_hours: { mon: ['09:00-12:00', '13:00-18:00'] } });
    expect(at(its, '2026-03-02T10:00:00Z')).toBe('working until 2026-03-02T11:00Z');
    expect(at(its, '2026-03-02T11:30:00Z')).toBe('outside until 2026-03-02T12:00Z');
    expect(at(its, '2026-03-02T12:00:00Z')).toBe('working until 2026-03-02T17:00Z');
  });

  it('may run over midnight, and belong to the day on which they begin', () => {
    const its = rules({ working_hours: { mon: '22:00-06:00' } });
    expect(at(its, '2026-03-02T20:59:00Z')).toBe('outside until 2026-03-02T21:00Z');
    expect(at(its, '2026-03-02T23:30:00Z')).toBe('working until 2026-03-03T05:00Z');
    expect(at(its, '2026-03-03T04:59:00Z')).toBe('working until 2026-03-03T05:00Z');
    expect(at(its, '2026-03-03T22:00:00Z')).toBe('outside until 2026-03-09T21:00Z');
  });

  it('{} means never', () => {
    const its = rules({ working_hours: {} });
    expect(momentAt(its, new Date('2026-03-02T10:00:00Z'))).toEqual({ kind: 'outside', until: null, never: true });
    expect(momentAt(rules({}), new Date('2026-03-07T10:00:00Z'))).toMatchObject({ kind: 'outside', never: false });
  });

  it('00:00-24:00 is the whole day, and all days are always', () => {
    expect(at(rules({ working_hours: { 'mon-sun': '00:00-24:00' } }), '2026-03-01T23:00:00Z')).toBe(
      'working until never',
    );
    const monday = rules({ working_hours: { mon: '00:00-24:00' } });
    expect(at(monday, '2026-03-01T22:59:59Z')).toBe('outside until 2026-03-01T23:00Z');
    expect(at(monday, '2026-03-02T22:59:59Z')).toBe('working until 2026-03-02T23:00Z');
    expect(at(monday, '2026-03-02T23:00:00Z')).toBe('outside until 2026-03-08T23:00Z');
  });
});

describe('holidays', () => {
  it('of a country are not worked', () => {
    const its = rules({ holidays: { country: 'DE' } });
    expect(momentAt(its, new Date('2026-05-01T10:00:00Z'))).toMatchObject({ kind: 'holiday', name: 'Maifeiertag' });
    expect(at(its, '2026-04-30T10:00:00Z')).toBe('working until 2026-04-30T16:00Z');
    // Good Friday and Easter Monday move with the year.
    expect(at(its, '2026-04-03T10:00:00Z')).toBe('holiday until 2026-04-03T22:00Z');
    expect(at(its, '2027-03-29T10:00:00Z')).toBe('holiday until 2027-03-29T22:00Z');
  });

  it('of a region count only there', () => {
    const womensDay = '2027-03-08T10:00:00Z';
    expect(at(rules({ holidays: { country: 'DE', region: 'BE' } }), womensDay)).toContain('holiday');
    expect(at(rules({ holidays: { country: 'DE', region: 'BY' } }), womensDay)).toContain('working');
    expect(at(rules({ holidays: { country: 'DE' } }), womensDay)).toContain('working');
  });

  it('of several days last several days', () => {
    const its = rules({
      timezone: 'Asia/Dubai',
      working_hours: { 'mon-sun': '00:00-24:00' },
      holidays: { country: 'AE' },
    });
    for (const day of [20, 21, 22]) expect(at(its, `2026-03-${day}T08:00:00Z`)).toBe('holiday until 2026-03-22T20:00Z');
    expect(at(its, '2026-03-19T08:00:00Z')).toBe('working until 2026-03-19T20:00Z');
    expect(at(its, '2026-03-23T08:00:00Z')).toContain('working');
  });

  it('that are only observed are worked', () => {
    expect(at(rules({ holidays: { country: 'DE' } }), '2026-02-16T10:00:00Z')).toContain('working');
  });

  it('may be added by date, also on a leap day', () => {
    const its = rules({ holidays: { extra: ['2028-02-29'] } });
    expect(momentAt(its, new Date('2028-02-29T10:00:00Z'))).toMatchObject({ kind: 'holiday', name: 'extra holiday' });
    expect(at(its, '2028-02-28T10:00:00Z')).toContain('working');
    expect(at(its, '2028-03-01T10:00:00Z')).toContain('working');
  });

  it('end a night that began on them, and not one that began before', () => {
    const its = rules({ working_hours: { 'mon-sun': '22:00-06:00' }, holidays: { extra: ['2026-03-03'] } });
    expect(at(its, '2026-03-02T22:30:00Z')).toBe('working until 2026-03-02T23:00Z');
    expect(at(its, '2026-03-03T02:00:00Z')).toBe('holiday until 2026-03-03T23:00Z');
    expect(at(its, '2026-03-04T02:00:00Z')).toBe('outside until 2026-03-04T21:00Z');
  });
});

describe('the turn of the year', () => {
  it.each([
    // 31 December is worked in Germany, New Year's Day is not.
    ['the last hours worked', '2026-12-31T09:00:00Z', 'working until 2026-12-31T17:00Z'],
    ['the last evening', '2026-12-31T20:00:00Z', 'outside until 2026-12-31T23:00Z'],
    ['the first moment', '2026-12-31T23:00:00Z', 'holiday until 2027-01-01T23:00Z'],
    ['the day after, a Saturday', '2027-01-02T09:00:00Z', 'outside until 2027-01-04T08:00Z'],
  ])('%s', (_name, instant, expected) => {
    expect(at(rules({ holidays: { country: 'DE' } }), instant)).toBe(expected);
  });

  it('a holiday that lasts over it is one', () => {
    const its = rules({ holidays: { extra: ['2027-12-30', '2027-12-31', '2028-01-01', '2028-01-02'] } });
    expect(at(its, '2027-12-31T10:00:00Z')).toBe('holiday until 2028-01-02T23:00Z');
    expect(at(its, '2028-01-01T10:00:00Z')).toBe('holiday until 2028-01-02T23:00Z');
  });

  it('ends a night that is worked, by the local clock', () => {
    const nights = { working_hours: { 'mon-sun': '22:00-06:00' }, holidays: { country: 'NZ' } };
    const auckland = rules({ ...nights, timezone: 'Pacific/Auckland' });
    expect(at(auckland, '2026-12-31T10:30:00Z')).toBe('working until 2026-12-31T11:00Z');
    expect(at(auckland, '2026-12-31T11:00:00Z')).toMatch(/^holiday until 2027-01-0/);
    expect(at(rules(nights), '2026-12-31T22:30:00Z')).toBe('working until 2026-12-31T23:00Z');
  });
});

describe('freezes', () => {
  const freezes = [{ from: '2026-12-20T00:00', to: '2027-01-04T00:00', reason: 'year end' }];
  const its = rules({ freezes, holidays: { country: 'DE', extra: ['2026-12-24'] } });

  it('beat holidays, which beat working hours', () => {
    expect(momentAt(its, new Date('2026-12-25T10:00:00Z'))).toEqual({
      kind: 'freeze',
      reason: 'year end',
      until: new Date('2027-01-03T23:00:00Z'),
    });
    expect(at(its, '2026-12-24T10:00:00Z')).toBe('freeze until 2027-01-03T23:00Z');
    expect(at(rules({ holidays: { extra: ['2026-12-24'] } }), '2026-12-24T10:00:00Z')).toContain('holiday');
    expect(at(rules({}), '2026-12-24T10:00:00Z')).toContain('working');
  });

  it('begin and end at their instants', () => {
    expect(at(its, '2026-12-19T22:59:59Z')).toBe('outside until 2026-12-19T23:00Z');
    expect(at(its, '2026-12-19T23:00:00Z')).toBe('freeze until 2027-01-03T23:00Z');
    expect(at(its, '2027-01-03T23:00:00Z')).toBe('outside until 2027-01-04T08:00Z');
  });

  it('may begin in the middle of working hours', () => {
    const noon = rules({ freezes: [{ from: '2026-03-02T12:00', to: '2026-03-02T13:00', reason: 'audit' }] });
    expect(at(noon, '2026-03-02T10:00:00Z')).toBe('working until 2026-03-02T11:00Z');
  });
});
