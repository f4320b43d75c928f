import type Holidays from 'date-holidays';
import { Temporal } from 'temporal-polyfill';
import { countryHolidays } from '../src/config/country-holidays.ts';

/** Where a calendar takes its holidays from. */
export interface HolidayRules {
  readonly country?: string | undefined;
  readonly region?: string | undefined;
  /** More days by local date, for example `2026-12-24`. */
  readonly extra: readonly string[];
  /** Days of an .ics file, their names by local date. */
  readonly dates?: Readonly<Record<string, string>> | undefined;
}

const DAY_MS = 86_400_000;
const tables = new Map<string, Holidays>();
const years = new Map<string, ReadonlyMap<string, string>>();

/** Public holidays of a year by local date, also the later days of those that last several. Computed once: it takes milliseconds. */
function holidaysOf(country: string, region: string | undefined, year: number): ReadonlyMap<string, string> {
  const place = `${country}/${region ?? ''}`;
  const known = years.get(`${place}/${year}`);
  if (known) return known;
  const table = tables.get(place) ?? countryHolidays(country, region);
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

/** The name of the holiday on a local date, or null. */
export function holidayName(rules: HolidayRules | undefined, date: Temporal.PlainDate): string | null {
  if (!rules) return null;
  const day = date.toString();
  const own = rules.dates === undefined || !Object.hasOwn(rules.dates, day) ? undefined : rules.dates[day];
  if (own !== undefined) return own;
  if (rules.extra.includes(day)) return 'extra holiday';
  if (rules.country === undefined) return null;
  return holidaysOf(rules.country, rules.region, date.year).get(day) ?? null;
}

/**
 * True when the calendar names a source of holidays that has none at all for this year: an .ics file that ends before
 * it, or a country whose days nobody has computed that far. Extra dates alone claim nothing.
 */
export function isUnknownYear(rules: HolidayRules | undefined, year: number): boolean {
  if (!rules || (rules.country === undefined && rules.dates === undefined)) return false;
  const prefix = `${String(year).padStart(4, '0')}-`;
  if (rules.dates !== undefined && Object.keys(rules.dates).some((day) => day.startsWith(prefix))) return false;
  if (rules.country === undefined) return true;
  return ![...holidaysOf(rules.country, rules.region, year).keys()].some((day) => day.startsWith(prefix));
}
