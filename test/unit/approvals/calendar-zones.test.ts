import { describe, expect, it } from 'vitest';
import { momentAt } from '../../../approvals/calendar.ts';
import { calendar } from '../../../src/config/schema.ts';

/** The first span of working hours that begins after an instant, as UTC. */
function spanAfter(timezone: string, hours: string, instant: string): [string, string] {
  const its = calendar.parse({ timezone, working_hours: { 'mon-sun': hours } });
  const begin = momentAt(its, new Date(instant));
  if (begin.kind !== 'outside' || !begin.until) throw new Error(`${instant} is ${begin.kind}`);
  const span = momentAt(its, begin.until);
  return [begin.until.toISOString(), span.until?.toISOString() ?? 'never'];
}

describe('a clock that is put forward', () => {
  // The hour does not exist: what begins or ends in it begins or ends an hour later by the new clock.
  it.each([
    ['Europe/Berlin', '02:30-04:00', '2026-03-29T00:00:00Z', '2026-03-29T01:30:00.000Z', '2026-03-29T02:00:00.000Z'],
    ['America/New_York', '02:30-04:00', '2026-03-08T06:00:00Z', '2026-03-08T07:30:00.000Z', '2026-03-08T08:00:00.000Z'],
    ['Australia/Sydney', '02:30-04:00', '2026-10-03T15:00:00Z', '2026-10-03T16:30:00.000Z', '2026-10-03T17:00:00.000Z'],
    ['Europe/Berlin', '01:00-02:15', '2026-03-28T23:30:00Z', '2026-03-29T00:00:00.000Z', '2026-03-29T01:15:00.000Z'],
  ])('%s, %s', (zone, hours, instant, begin, end) => {
    expect(spanAfter(zone, hours, instant)).toEqual([begin, end]);
  });
});

describe('a clock that is put back', () => {
  // The hour comes twice: the first one is meant.
  it.each([
    ['Europe/Berlin', '02:30-04:00', '2026-10-24T23:00:00Z', '2026-10-25T00:30:00.000Z', '2026-10-25T03:00:00.000Z'],
    ['America/New_York', '01:30-03:00', '2026-11-01T04:30:00Z', '2026-11-01T05:30:00.000Z', '2026-11-01T08:00:00.000Z'],
    ['Australia/Sydney', '02:30-04:00', '2026-04-04T14:00:00Z', '2026-04-04T15:30:00.000Z', '2026-04-04T18:00:00.000Z'],
    ['Europe/Berlin', '01:00-02:30', '2026-10-24T22:30:00Z', '2026-10-24T23:00:00.000Z', '2026-10-25T00:30:00.000Z'],
  ])('%s, %s', (zone, hours, instant, begin, end) => {
    expect(spanAfter(zone, hours, instant)).toEqual([begin, end]);
  });
});

describe('the length of the hours by the local clock', () => {
  it.each([
    ['Europe/Berlin', '2026-03-28T20:00:00Z', 8],
    ['Europe/Berlin', '2026-10-24T19:00:00Z', 10],
    ['Europe/Berlin', '2026-06-01T19:00:00Z', 9],
    // The night in which Lord Howe Island turns its clocks by half an hour.
    ['Australia/Lord_Howe', '2026-10-03T10:00:00Z', 8.5],
  ])('%s at %s', (zone, instant, hours) => {
    const [begin, end] = spanAfter(zone, '22:00-07:00', instant);
    expect((Date.parse(end) - Date.parse(begin)) / 3_600_000).toBe(hours);
  });
});

describe('zones that are not whole hours away', () => {
  it.each([
    ['Asia/Kolkata', '2026-03-02T03:30:00.000Z', '2026-03-02T12:30:00.000Z'],
    ['Asia/Kathmandu', '2026-03-02T03:15:00.000Z', '2026-03-02T12:15:00.000Z'],
    ['America/St_Johns', '2026-03-02T12:30:00.000Z', '2026-03-02T21:30:00.000Z'],
    ['UTC', '2026-03-02T09:00:00.000Z', '2026-03-02T18:00:00.000Z'],
  ])('%s', (zone, begin, end) => {
    expect(spanAfter(zone, '09:00-18:00', '2026-03-02T00:00:00Z')).toEqual([begin, end]);
  });
});

describe('the weekday', () => {
  it('is the local one', () => {
    const its = (timezone: string) => calendar.parse({ timezone, working_hours: { mon: '00:00-24:00' } });
    // Sunday evening in New York, Monday afternoon in Auckland.
    const instant = new Date('2026-03-02T02:00:00Z');
    expect(momentAt(its('America/New_York'), instant).kind).toBe('outside');
    expect(momentAt(its('Pacific/Auckland'), instant).kind).toBe('working');
    expect(momentAt(its('Pacific/Kiritimati'), new Date('2026-03-01T11:00:00Z')).kind).toBe('working');
  });

  it('29 February 2028 is a Tuesday', () => {
    const its = calendar.parse({ timezone: 'UTC', working_hours: { tue: '09:00-10:00' } });
    expect(momentAt(its, new Date('2028-02-29T09:30:00Z')).kind).toBe('working');
  });
});
