import Holidays from 'date-holidays';
import { Temporal } from 'temporal-polyfill';

/** Working hours of one calendar, as approvals need them; the configuration's shape fits. */
export interface CalendarRules {
  readonly timezone: string;
  /** Spans by ISO weekday, Monday first, in minutes since local midnight; `to` may pass 1440. */
  readonly working_hours: readonly (readonly { readonly from: number; readonly to: number }[])[];
  readonly holidays?:
    | { readonly country?: string | undefined; readonly region?: string | undefined; readonly extra: readonly string[] }
    | undefined;
  readonly freezes: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
}

/** What a calendar says of an instant. Freeze beats holiday, holiday beats working hours. */
export type Moment =
  | { readonly kind: 'working'; readonly until: Date | null }
  | { readonly kind: 'outside'; readonly until: Date | null; readonly never: boolean }
  | { readonly kind: 'holiday'; readonly name: string; readonly until: Date | null }
  | { readonly kind: 'freeze'; readonly reason: string; readonly until: Date };

/** How far ahead the next change is looked for; a calendar that does not change within it is said not to change. */
const HORIZON_DAYS = 15;
const DAY_MS = 86_400_000;

/**
 * What the calendar says of `at`, and until when.
 * Local times that a clock change skips move forward, doubled ones mean the first (Temporal's "compatible").
 */
export function momentAt(rules: CalendarRules, at: Date): Moment {
  const instant = Temporal.Instant.fromEpochMilliseconds(at.getTime());
  const freeze = rules.freezes
    .map((one) => ({
      ...one,
      start: localInstant(one.from, rules.timezone),
      end: localInstant(one.to, rules.timezone),
    }))
    .find((one) => one.start <= at.getTime() && at.getTime() < one.end);
  if (freeze) return { kind: 'freeze', reason: freeze.reason, until: new Date(freeze.end) };
  const local = instant.toZonedDateTimeISO(rules.timezone);
  const holiday = holidayName(rules, local.toPlainDate());
  if (holiday !== null) return { kind: 'holiday', name: holiday, until: nextChange(rules, at) };
  if (isWorking(rules, at)) return { kind: 'working', until: nextChange(rules, at) };
  return {
    kind: 'outside',
    until: nextChange(rules, at),
    never: rules.working_hours.every((spans) => spans.length === 0),
  };
}

function localInstant(local: string, zone: string): number {
  return Temporal.PlainDateTime.from(local).toZonedDateTime(zone).epochMilliseconds;
}

/** Start and end of the spans that begin on a local date, as epoch milliseconds; a holiday has none. */
function spansOf(rules: CalendarRules, date: Temporal.PlainDate): { start: number; end: number }[] {
  if (holidayName(rules, date) !== null) return [];
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
  const kindNow = kindWithoutUntil(rules, at);
  const edges: number[] = rules.freezes.map((freeze) => localInstant(freeze.from, rules.timezone));
  for (let ahead = -1; ahead <= HORIZON_DAYS; ahead += 1) {
    const date = today.add({ days: ahead });
    edges.push(date.toZonedDateTime(rules.timezone).epochMilliseconds);
    for (const span of spansOf(rules, date)) edges.push(span.start, span.end);
  }
  const later = edges.filter((edge) => edge > at.getTime()).sort((left, right) => left - right);
  const change = later.find((edge) => kindWithoutUntil(rules, new Date(edge)) !== kindNow);
  return change === undefined ? null : new Date(change);
}

function kindWithoutUntil(rules: CalendarRules, at: Date): string {
  const frozen = rules.freezes.some(
    (freeze) =>
      localInstant(freeze.from, rules.timezone) <= at.getTime() &&
      at.getTime() < localInstant(freeze.to, rules.timezone),
  );
  if (frozen) return 'freeze';
  const holiday = holidayName(rules, localDate(rules, at));
  if (holiday !== null) return 'holiday';
  return isWorking(rules, at) ? 'working' : 'outside';
}

const tables = new Map<string, Holidays>();
const years = new Map<string, ReadonlyMap<string, string>>();

/** Public holidays of a year by local date, also the later days of those that last several. Computed once: it takes milliseconds. */
function holidaysOf(country: string, region: string | undefined, year: number): ReadonlyMap<string, string> {
  const place = `${country}/${region ?? ''}`;
  const known = years.get(`${place}/${year}`);
  if (known) return known;
  const table = tables.get(place) ?? (region === undefined ? new Holidays(country) : new Holidays(country, region));
  const days = new Map<string, string>();
  for (const holiday of [...table.getHolidays(year - 1), ...table.getHolidays(year)]) {
    if (holiday.type !== 'public') continue;
    const first = Temporal.PlainDate.from(holiday.date.slice(0, 10));
    const length = Math.ceil((holiday.end.getTime() - holiday.start.getTime()) / DAY_MS - 0.1);
    for (let day = 0; day < Math.max(1, length); day += 1) days.set(first.add({ days: day }).toString(), holiday.name);
  }
  tables.set(place, table);
  years.set(`${place}/${year}`, days);
  return days;
}

function holidayName(rules: CalendarRules, date: Temporal.PlainDate): string | null {
  const { holidays } = rules;
  if (!holidays) return null;
  if (holidays.extra.includes(date.toString())) return 'extra holiday';
  if (holidays.country === undefined) return null;
  return holidaysOf(holidays.country, holidays.region, date.year).get(date.toString()) ?? null;
}
