import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { CodedError, messageOf } from '../kernel/errors.ts';
import { readHolidayFile } from './holiday-file.ts';
import { type ConfigFile, configFile } from './schema.ts';

type Calendar = ConfigFile['calendars'][string];

function deepFreeze<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

/**
 * Reads and checks a configuration file; the answer is frozen. Unknown keys are refused.
 * @throws CodedError bad_configuration, naming the file and every key that is wrong
 */
export function loadConfig(file: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CodedError('bad_configuration', `cannot read ${file}: ${messageOf(error)}`, {
      next: 'Copy twokey.example.yml to twokey.yml, or name your file in TWOKEY_CONFIG.',
      cause: error,
    });
  }
  return parseConfig(text, file);
}

/** A calendar with the days of its .ics file, which is read once, like the rest. */
function withDates(calendar: Calendar, file: string): Calendar {
  const { holidays } = calendar;
  if (holidays?.ics === undefined) return calendar;
  return { ...calendar, holidays: { ...holidays, dates: readHolidayFile(resolve(dirname(file), holidays.ics)) } };
}

/** Like loadConfig, from text; `file` is only named in errors. */
export function parseConfig(text: string, file: string): ConfigFile {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    throw new CodedError('bad_configuration', `${file} is not YAML: ${messageOf(error)}`, { cause: error });
  }
  const checked = configFile.safeParse(document);
  if (!checked.success) {
    throw new CodedError('bad_configuration', `${file} is not right:\n${z.prettifyError(checked.error)}`);
  }
  const calendars = Object.entries(checked.data.calendars).map(([name, calendar]): [string, Calendar] => [
    name,
    withDates(calendar, file),
  ]);
  return deepFreeze({ ...checked.data, calendars: Object.fromEntries(calendars) });
}
