import { readFileSync } from 'node:fs';
import ICAL from 'ical.js';
import { CodedError, messageOf } from '../kernel/errors.ts';

/** Events that recur without an end are followed until this year. */
const LAST_YEAR = 2100;
/** Days that one file may name; a file with more is no list of holidays. */
const MOST_DAYS = 20_000;

/**
 * The all-day events of an .ics file: their names by date, recurring ones unfolded, those of several days on each of
 * them. Events with a time of day are no holidays and are left out.
 * @throws CodedError bad_configuration when the file cannot be read, is no calendar, or names no day
 */
export function readHolidayFile(file: string): Readonly<Record<string, string>> {
  try {
    const days = parseHolidays(readFileSync(file, 'utf8'));
    if (Object.keys(days).length === 0) throw new Error('it names no whole day');
    return days;
  } catch (error) {
    throw new CodedError('bad_configuration', `The holidays of ${file} cannot be used: ${messageOf(error)}.`, {
      next: 'Give `holidays.ics` the path of a calendar in iCalendar format (.ics) with all-day events.',
      cause: error,
    });
  }
}

/** Like readHolidayFile, from the text of a file; nothing is refused but what is no calendar. */
export function parseHolidays(text: string): Readonly<Record<string, string>> {
  const days = new Map<string, string>();
  for (const one of ICAL.Component.fromString(text).getAllSubcomponents('vevent')) {
    const event = new ICAL.Event(one);
    if (!event.startDate.isDate) continue;
    const length = Math.max(1, Math.round(event.duration.toSeconds() / 86_400));
    for (const start of startsOf(event)) {
      for (let day = 0; day < length; day += 1) {
        const date = start.clone();
        date.adjust(day, 0, 0, 0);
        days.set(date.toString().slice(0, 10), event.summary || 'holiday');
      }
      if (days.size > MOST_DAYS) throw new Error(`it names more than ${MOST_DAYS} days`);
    }
  }
  return Object.fromEntries([...days].sort(([left], [right]) => (left < right ? -1 : 1)));
}

function startsOf(event: ICAL.Event): ICAL.Time[] {
  if (!event.isRecurring()) return [event.startDate];
  const starts: ICAL.Time[] = [];
  const iterator = event.iterator();
  for (let next = iterator.next(); next && next.year <= LAST_YEAR && starts.length <= MOST_DAYS; next = iterator.next())
    starts.push(next);
  return starts;
}
