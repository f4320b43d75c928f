import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { momentAt } from '../../../approvals/calendar.ts';
import { parseHolidays, readHolidayFile } from '../../../src/config/holiday-file.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { CONFIG_TEXT } from '../../support/builders.ts';

const event = (...lines: string[]) => ['BEGIN:VEVENT', 'UID:1@example.org', ...lines, 'END:VEVENT'].join('\r\n');
const file = (...events: string[]) =>
  ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//x//y//EN', ...events, 'END:VCALENDAR', ''].join('\r\n');

describe('an .ics file', () => {
  it('gives its whole days by date, those of several days on each of them', () => {
    expect(
      parseHolidays(
        file(
          event('DTSTART;VALUE=DATE:20261224', 'SUMMARY:Christmas Eve'),
          event('DTSTART;VALUE=DATE:20261230', 'DTEND;VALUE=DATE:20270102', 'SUMMARY:Turn of the year'),
          event('DTSTART;VALUE=DATE:20280229', 'DURATION:P1D'),
        ),
      ),
    ).toEqual({
      '2026-12-24': 'Christmas Eve',
      '2026-12-30': 'Turn of the year',
      '2026-12-31': 'Turn of the year',
      '2027-01-01': 'Turn of the year',
      '2028-02-29': 'holiday',
    });
  });

  it('is read over folded lines and escapes', () => {
    const folded = file(event('DTSTART;VALUE=DATE:20260601', 'SUMMARY:Founders\\, and\r\n  others'));
    expect(parseHolidays(folded)).toEqual({ '2026-06-01': 'Founders, and others' });
  });

  it('unfolds what recurs, without what is taken out, and has an end', () => {
    const days = parseHolidays(
      file(
        event('DTSTART;VALUE=DATE:20250501', 'RRULE:FREQ=YEARLY', 'EXDATE;VALUE=DATE:20270501', 'SUMMARY:Labour Day'),
      ),
    );
    expect(days['2026-05-01']).toBe('Labour Day');
    expect(days).not.toHaveProperty('2027-05-01');
    expect(Object.keys(days).at(-1)).toBe('2100-05-01');
  });

  it('gives no day for a meeting', () => {
    expect(parseHolidays(file(event('DTSTART:20260601T090000Z', 'DTEND:20260601T100000Z', 'SUMMARY:Meeting')))).toEqual(
      {},
    );
  });
});

describe('holidays.ics in the configuration', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twokey-ics-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const config = join(folder, 'twokey.yml');
  const write = (path: string) =>
    writeFileSync(config, CONFIG_TEXT.replace('"09:00-18:00" }', `"09:00-18:00" }, holidays: { ics: ${path} }`));

  it('is found beside the configuration file, and makes its days holidays', () => {
    writeFileSync(join(folder, 'days.ics'), file(event('DTSTART;VALUE=DATE:20260302', 'SUMMARY:Founders Day')));
    write('days.ics');
    const { office } = loadConfig(config).calendars;
    if (!office) throw new Error('no calendar');
    expect(momentAt(office, new Date('2026-03-02T10:00:00Z'))).toMatchObject({ kind: 'holiday', name: 'Founders Day' });
    expect(momentAt(office, new Date('2027-03-02T10:00:00Z'))).toMatchObject({ kind: 'working', unknownYear: 2027 });
    expect(Object.isFrozen(office.holidays?.dates)).toBe(true);
  });

  it('is refused with its path when it is not there, no calendar, or names no day', () => {
    write('gone.ics');
    expect(() => loadConfig(config)).toThrow(/gone\.ics cannot be used/);
    for (const text of ['hello', file()]) {
      writeFileSync(join(folder, 'bad.ics'), text);
      expect(() => readHolidayFile(join(folder, 'bad.ics'))).toThrow(
        expect.objectContaining({ code: 'bad_configuration', message: expect.stringContaining('bad.ics') }),
      );
    }
  });

  it('cannot be written into the configuration by hand', () => {
    writeFileSync(config, CONFIG_TEXT.replace('"09:00-18:00" }', '"09:00-18:00" }, holidays: { dates: { x: y } }'));
    expect(() => loadConfig(config)).toThrow(/dates/);
  });
});
