import { Temporal } from 'temporal-polyfill';
import { type CalendarRules, kindAt } from './calendar.ts';

/** What a cell of the picture shows; letters, so that nothing hangs on a colour. */
const CELLS: Readonly<Record<ReturnType<typeof kindAt>, string>> = {
  working: '#',
  outside: '.',
  holiday: 'h',
  freeze: 'F',
  unsure: '?',
};
const CELLS_A_DAY = 48;
const HOUR_MARKS = [0, 3, 6, 9, 12, 15, 18, 21];

export const LEGEND = '# working hours   . outside   h holiday   F freeze   ? perhaps a holiday   > today';

/**
 * The days from that of `at` on, one line a day and one cell a half hour of the calendar's own clock. A cell shows what
 * holds when it begins; a half hour that a clock change skips shows what comes after it.
 */
export function pictureOf(rules: CalendarRules, at: Date, days: number): string {
  const today = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(rules.timezone).toPlainDate();
  const marks = HOUR_MARKS.map((hour) => String(hour).padEnd(CELLS_A_DAY / HOUR_MARKS.length)).join('');
  const lines = Array.from({ length: days }, (_, ahead) => {
    const date = today.add({ days: ahead });
    const name = date.toLocaleString('en-GB', { weekday: 'short' });
    return `${ahead === 0 ? '>' : ' '} ${name} ${date.toString().slice(5)}  ${cellsOf(rules, date)}`;
  });
  return [`${' '.repeat(13)}${marks.trimEnd()}`, ...lines, LEGEND].join('\n');
}

function cellsOf(rules: CalendarRules, date: Temporal.PlainDate): string {
  return Array.from({ length: CELLS_A_DAY }, (_, cell) => {
    const plainTime = new Temporal.PlainTime(Math.floor(cell / 2), (cell % 2) * 30);
    const begins = date.toZonedDateTime({ timeZone: rules.timezone, plainTime }).epochMilliseconds;
    return CELLS[kindAt(rules, new Date(begins))];
  }).join('');
}
