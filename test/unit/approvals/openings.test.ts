import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CalendarRules, kindAt, momentAt } from '../../../approvals/calendar.ts';
import { nextClosing, nextOpening } from '../../../approvals/openings.ts';
import { LEGEND, pictureOf } from '../../../approvals/picture.ts';
import { inZone, parseWhen } from '../../../approvals/when.ts';
import { calendar } from '../../../src/config/schema.ts';

const rules = (input: Record<string, unknown> = {}): CalendarRules =>
  calendar.parse({ timezone: 'Europe/Berlin', working_hours: { 'mon-fri': '09:00-18:00' }, ...input });
const MONDAY = new Date('2026-03-02T10:00:00Z');
const iso = (at: Date | null) => at?.toISOString().replace(':00.000Z', 'Z') ?? null;

describe('the next opening', () => {
  const freeze = { from: '2026-03-02T10:00', to: '2026-03-02T20:00', reason: 'audit' };
  it.each<[string, CalendarRules, 'routine' | 'disruptive', string | null]>([
    ['disruptive work waits until working hours are over', rules(), 'disruptive', '2026-03-02T17:00Z'],
    ['routine work is in its window', rules(), 'routine', '2026-03-02T10:00Z'],
    ['a freeze that ends in the evening', rules({ freezes: [freeze] }), 'disruptive', '2026-03-02T19:00Z'],
    ['routine work after it waits for the morning', rules({ freezes: [freeze] }), 'routine', '2026-03-03T08:00Z'],
    [
      'a freeze that ends within working hours',
      rules({ freezes: [{ ...freeze, to: '2026-03-02T13:00' }] }),
      'disruptive',
      '2026-03-02T17:00Z',
    ],
    ['a holiday is a window', rules({ holidays: { extra: ['2026-03-02'] } }), 'disruptive', '2026-03-02T10:00Z'],
    ['always working', rules({ working_hours: { 'mon-sun': '00:00-24:00' } }), 'disruptive', null],
    ['never working', rules({ working_hours: {} }), 'routine', null],
    [
      'always working but for a holiday',
      rules({ working_hours: { 'mon-sun': '00:00-24:00' }, holidays: { extra: ['2026-03-09'] } }),
      'disruptive',
      '2026-03-08T23:00Z',
    ],
  ])('%s', (_name, its, risk, expected) => {
    expect(iso(nextOpening(its, MONDAY, risk))).toBe(expected);
  });

  it('is never in a freeze or in working hours, and nothing before it would have done', () => {
    const hours = fc.constantFrom('09:00-18:00', '22:00-06:00', '00:00-24:00', '02:30-03:30');
    const freezes = fc.array(fc.tuple(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 1, max: 200 })), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(hours, freezes, fc.integer({ min: 0, max: 60 * 24 * 40 }), (span, declared, minutes) => {
        const base = Date.UTC(2026, 2, 10);
        const frozen = declared.map(([from, length]) => ({
          from: new Date(base + from * 3_600_000),
          until: new Date(base + (from + length) * 3_600_000),
          reason: 'x',
        }));
        const its = { ...rules({ working_hours: { 'mon-fri': span } }), frozen };
        const at = new Date(base + minutes * 60_000);
        const opening = nextOpening(its, at, 'disruptive');
        if (opening === null) throw new Error('weekends are always windows');
        expect(['outside', 'holiday']).toContain(kindAt(its, opening));
        const gap = opening.getTime() - at.getTime();
        for (let n = 0; n < 8 && gap > 0; n += 1)
          expect(['working', 'freeze']).toContain(kindAt(its, new Date(at.getTime() + (gap * n) / 8)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('the end of a window', () => {
  const evening = new Date('2026-03-02T18:00:00Z');
  const end = (its: CalendarRules, at = evening) => {
    const closing = nextClosing(its, at);
    return closing && `${closing.into} ${iso(closing.at)}`;
  };

  it('is the next morning of work, or the freeze before it', () => {
    expect(end(rules())).toBe('working hours 2026-03-03T08:00Z');
    const freeze = { from: '2026-03-03T02:00', to: '2026-03-04T02:00', reason: 'x' };
    expect(end(rules({ freezes: [freeze] }))).toBe('a freeze 2026-03-03T01:00Z');
  });

  it('is not at midnight, nor where a holiday begins', () => {
    expect(end(rules({ holidays: { extra: ['2026-03-03'] } }))).toBe('working hours 2026-03-04T08:00Z');
    expect(end(rules(), new Date('2026-03-06T20:00:00Z'))).toBe('working hours 2026-03-09T08:00Z');
  });

  it('is not in sight where nobody ever works', () => {
    expect(end(rules({ working_hours: {} }))).toBeNull();
  });
});

describe('freezes that overlap', () => {
  it('are one: the end is that of the whole chain, also of those that follow without a gap', () => {
    const its = {
      ...rules({
        freezes: [
          { from: '2026-03-02T08:00', to: '2026-03-02T12:00', reason: 'first' },
          { from: '2026-03-02T12:00', to: '2026-03-02T14:00', reason: 'third' },
          { from: '2026-03-02T15:00', to: '2026-03-02T16:00', reason: 'apart' },
        ],
      }),
      frozen: [{ from: new Date('2026-03-02T09:30:00Z'), until: new Date('2026-03-02T11:30:00Z'), reason: 'second' }],
    };
    const until = new Date('2026-03-02T13:00:00Z');
    expect(momentAt(its, new Date('2026-03-02T09:00:00Z'))).toEqual({ kind: 'freeze', reason: 'first', until });
    expect(momentAt(its, MONDAY)).toEqual({ kind: 'freeze', reason: 'first; second', until });
    expect(momentAt(its, new Date('2026-03-02T13:30:00Z'))).toMatchObject({ kind: 'working' });
  });
});

describe('a year of unknown holidays', () => {
  const its = {
    ...rules(),
    holidays: { extra: [], dates: { '2026-01-01': 'New Year', '2026-12-31': 'Last day' } },
  };

  it('is doubted: its working hours are unsure, and the last known day is not', () => {
    expect(momentAt(its, MONDAY)).toEqual({ kind: 'working', until: new Date('2026-03-02T17:00:00Z') });
    expect(momentAt(its, new Date('2026-12-31T10:00:00Z'))).toMatchObject({ kind: 'holiday', name: 'Last day' });
    expect(momentAt(its, new Date('2027-01-04T10:00:00Z'))).toMatchObject({ kind: 'working', unknownYear: 2027 });
    expect(kindAt(its, new Date('2027-01-04T10:00:00Z'))).toBe('unsure');
    expect(momentAt(its, new Date('2027-01-04T20:00:00Z'))).toMatchObject({ kind: 'outside', unknownYear: 2027 });
  });

  it('is no window for routine work, and none for disruptive work either', () => {
    const far = new Date('2027-01-04T10:00:00Z');
    expect(nextOpening(its, far, 'routine')).toBeNull();
    expect(iso(nextOpening(its, far, 'disruptive'))).toBe('2027-01-04T17:00Z');
  });

  it('is only one of a source that claims to know: extra dates claim nothing', () => {
    const extra = rules({ holidays: { extra: ['2026-12-24'] } });
    expect(momentAt(extra, new Date('2031-01-06T10:00:00Z'))).not.toHaveProperty('unknownYear');
    expect(momentAt(rules({ holidays: { country: 'DE' } }), new Date('2031-01-07T10:00:00Z'))).not.toHaveProperty(
      'unknownYear',
    );
  });
});

describe('a time that somebody types', () => {
  const read = (text: string, now: string, zone = 'Europe/Berlin') => {
    const when = parseWhen(text, zone, new Date(now));
    return when.ok ? iso(when.value) : `${when.error.code}: ${when.error.message}`;
  };
  it.each([
    ['14:30', '2026-03-02T10:00:00Z', '2026-03-02T13:30Z'],
    ['9:05', '2026-03-02T10:00:00Z', '2026-03-03T08:05Z'],
    ['11:00', '2026-03-02T10:00:00Z', '2026-03-03T10:00Z'],
    ['2026-12-24T14:30', '2026-03-02T10:00:00Z', '2026-12-24T13:30Z'],
    ['2026-12-24 14:30', '2026-03-02T10:00:00Z', '2026-12-24T13:30Z'],
    // the hour that does not exist, and the one that comes twice
    ['02:30', '2026-03-28T23:30:00Z', '2026-03-29T01:30Z'],
    ['02:30', '2026-10-24T22:00:00Z', '2026-10-25T00:30Z'],
    ['02:30', '2026-10-25T00:40:00Z', '2026-10-26T01:30Z'],
  ])('%s at %s', (text, now, expected) => {
    expect(read(text, now)).toBe(expected);
  });

  it.each(['soon', '25:00', '14:60', '2026-02-30T10:00', '2026-03-02T09:00', '2028-01-01T00:00', '', '14:30Z'])(
    'is refused when it is none, is over or far away: %j',
    (text) => {
      expect(read(text, '2026-03-02T10:00:00Z')).toMatch(/^bad_arguments: .*(not a time|is over|more than a year)/);
    },
  );

  it('counts in half-hour zones, and is written back as it was typed', () => {
    expect(read('14:30', '2026-03-02T00:00:00Z', 'Asia/Kolkata')).toBe('2026-03-02T09:00Z');
    expect(inZone(new Date('2026-03-02T09:00:00Z'), 'Asia/Kolkata')).toBe('Mon 2026-03-02 14:30');
  });
});

describe('the picture', () => {
  it('shows a line a day and a letter a half hour', () => {
    const its = rules({
      working_hours: { 'mon-fri': '09:00-18:00', sat: '22:00-02:00' },
      holidays: { extra: ['2026-03-04'] },
      freezes: [{ from: '2026-03-05T12:00', to: '2026-03-06T06:00', reason: 'x' }],
    });
    const cells = (...parts: [string, number][]) => parts.map(([letter, hours]) => letter.repeat(hours * 2)).join('');
    const lines = pictureOf(its, MONDAY, 7).split('\n');
    expect(lines[0]).toBe('             0     3     6     9     12    15    18    21');
    expect(lines.slice(1)).toEqual([
      `> Mon 03-02  ${cells(['.', 9], ['#', 9], ['.', 6])}`,
      `  Tue 03-03  ${cells(['.', 9], ['#', 9], ['.', 6])}`,
      `  Wed 03-04  ${cells(['h', 24])}`,
      `  Thu 03-05  ${cells(['.', 9], ['#', 3], ['F', 12])}`,
      `  Fri 03-06  ${cells(['F', 6], ['.', 3], ['#', 9], ['.', 6])}`,
      `  Sat 03-07  ${cells(['.', 22], ['#', 2])}`,
      `  Sun 03-08  ${cells(['#', 2], ['.', 22])}`,
      LEGEND,
    ]);
  });

  it('keeps 48 letters on days of 23 and 25 hours', () => {
    for (const day of ['2026-03-29T10:00:00Z', '2026-10-25T10:00:00Z'])
      expect(pictureOf(rules(), new Date(day), 1).split('\n')[1]).toMatch(/^> Sun \d\d-\d\d {2}\.{48}$/);
  });
});
