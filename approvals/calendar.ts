import { Temporal } from 'temporal-polyfill';
import { type HolidayRules, holidayName, isUnknownYear } from './holidays.ts';

/** Working hours of one calendar, as approvals need them; the configuration's shape fits. */
export interface CalendarRules {
  readonly timezone: string;
  /** Spans by ISO weekday, Monday first, in minutes since local midnight; `to` may pass 1440. */
  readonly working_hours: readonly (readonly { readonly from: number; readonly to: number }[])[];
  readonly holidays?: HolidayRules | undefined;
  /** Freezes of the configuration, in local times. */
  readonly freezes: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
  /** Freezes that people declared, as instants. */
  readonly frozen?: readonly { readonly from: Date; readonly until: Date; readonly reason: string }[] | undefined;
}

/**
 * What a calendar says of an instant. Freeze beats holiday, holiday beats working hours. `unknownYear` is the year when
 * nobody knows its holidays: the day may be one.
 */
export type Moment =
  | { readonly kind: 'working'; readonly until: Date | null; readonly unknownYear?: number }
  | { readonly kind: 'outside'; readonly until: Date | null; readonly never: boolean; readonly unknownYear?: number }
  | { readonly kind: 'holiday'; readonly name: string; readonly until: Date | null }
  | { readonly kind: 'freeze'; readonly reason: string; readonly until: Date };

/** How far ahead the next change is looked for; a calendar that does not change within it is said not to change. */
const HORIZON_DAYS = 15;

interface Freeze {
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

/**
 * What the calendar says of `at`, and until when. Freezes that overlap or follow one another without a gap are one.
 * Local times that a clock change skips move forward, doubled ones mean the first (Temporal's "compatible").
 */
export function momentAt(rules: CalendarRules, at: Date): Moment {
  const freeze = freezeAt(freezesOf(rules), at.getTime());
  if (freeze) return { kind: 'freeze', reason: freeze.reason, until: new Date(freeze.end) };
  const date = localDate(rules, at);
  const holiday = holidayName(rules.holidays, date);
  if (holiday !== null) return { kind: 'holiday', name: holiday, until: nextChange(rules, at) };
  const doubt = isUnknownYear(rules.holidays, date.year) ? { unknownYear: date.year } : {};
  if (isWorking(rules, at)) return { kind: 'working', until: nextChange(rules, at), ...doubt };
  const never = rules.working_hours.every((spans) => spans.length === 0);
  return { kind: 'outside', until: nextChange(rules, at), never, ...doubt };
}

/** The freeze that holds at an instant: its end is that of the whole chain, its reason those of all that hold now. */
function freezeAt(freezes: readonly Freeze[], at: number): Freeze | null {
  const holding = freezes.filter((one) => one.start <= at && at < one.end);
  if (holding.length === 0) return null;
  let end = Math.max(...holding.map((one) => one.end));
  for (const one of freezes.toSorted((left, right) => left.start - right.start))
    if (one.start <= end && one.end > end) end = one.end;
  return { start: at, end, reason: [...new Set(holding.map((one) => one.reason))].join('; ') };
}

function freezesOf(rules: CalendarRules): Freeze[] {
  return [...plannedFreezes(rules), ...(rules.frozen ?? [])].map(({ from, until, reason }) => ({
    start: from.getTime(),
    end: until.getTime(),
    reason,
  }));
}

/** The freezes of the configuration as instants, like those that people declare. */
export function plannedFreezes({ freezes, timezone }: CalendarRules): NonNullable<CalendarRules['frozen']> {
  return freezes.map(({ from, to, reason }) => ({
    from: localInstant(from, timezone),
    until: localInstant(to, timezone),
    reason,
  }));
}

function localInstant(local: string, zone: string): Date {
  return new Date(Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds);
}

/** Start and end of the spans that begin on a local date, as epoch milliseconds; a holiday has none. */
function spansOf(rules: CalendarRules, date: Temporal.PlainDate): { start: number; end: number }[] {
  if (holidayName(rules.holidays, date) !== null) return [];
  return (rules.working_hours[date.dayOfWeek - 1] ?? []).map((span) => ({
    start: atMinute(date, span.from, rules.timezone),
    end: atMinute(date, span.to, rules.timezone),
  }));
}

function atMinute(date: Temporal.PlainDate, minute: number, zone: string): number {
  const day = date.add({ days: Math.floor(minute / 1440) });
  const time = new Temporal.PlainTime(Math.floor((minute % 1440) / 60), minute % 60);
  return day.toZonedDateTime({ timeZone: zone, plainTime: time }).epochMilliseconds;
}

function localDate(rules: CalendarRules, at: Date): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(rules.timezone).toPlainDate();
}

function isWorking(rules: CalendarRules, at: Date): boolean {
  const today = localDate(rules, at);
  return [today.subtract({ days: 1 }), today]
    .flatMap((date) => spansOf(rules, date))
    .some((span) => span.start <= at.getTime() && at.getTime() < span.end);
}

/** The next instant at which the kind of moment may differ, or null when none comes within the horizon. */
function nextChange(rules: CalendarRules, at: Date): Date | null {
  const today = localDate(rules, at);
  const kindNow = kindAt(rules, at);
  const edges: number[] = freezesOf(rules).map((freeze) => freeze.start);
  for (let ahead = -1; ahead <= HORIZON_DAYS; ahead += 1) {
    const date = today.add({ days: ahead });
    edges.push(date.toZonedDateTime(rules.timezone).epochMilliseconds);
    for (const span of spansOf(rules, date)) edges.push(span.start, span.end);
  }
  const later = edges.filter((edge) => edge > at.getTime()).sort((left, right) => left - right);
  const change = later.find((edge) => kindAt(rules, new Date(edge)) !== kindNow);
  return change === undefined ? null : new Date(change);
}

/** The kind of an instant alone, without what comes after; `unsure` are working hours of a year of unknown holidays. */
export function kindAt(rules: CalendarRules, at: Date): Moment['kind'] | 'unsure' {
  if (freezeAt(freezesOf(rules), at.getTime())) return 'freeze';
  const date = localDate(rules, at);
  if (holidayName(rules.holidays, date) !== null) return 'holiday';
  if (!isWorking(rules, at)) return 'outside';
  return isUnknownYear(rules.holidays, date.year) ? 'unsure' : 'working';
}
