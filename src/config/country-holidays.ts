import { createRequire } from 'node:module';
import type Holidays from 'date-holidays';

const load: (name: 'date-holidays') => typeof Holidays = createRequire(import.meta.url);

/**
 * The public holidays of a country and, where given, one of its regions; of no country: the list of those it knows.
 * The tables of all countries are a tenth of what a start has to read, so they are loaded where a calendar names one.
 */
export function countryHolidays(country?: string, region?: string): Holidays {
  const Tables = load('date-holidays');
  if (country === undefined) return new Tables();
  return region === undefined ? new Tables(country) : new Tables(country, region);
}
