import { Temporal } from 'temporal-polyfill';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';

/** Nothing is planned further ahead than this. */
const FURTHEST_DAYS = 366;
const CLOCK = /^([01]?\d|2[0-3]):([0-5]\d)$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?$/;

/**
 * Reads a time as a person writes it, in the zone of a calendar: `14:30` is the next one to come, `2026-12-24T14:30` that
 * one. A time that a clock change skips moves forward, a doubled one means the first.
 * Refusals: bad_arguments for what is no time, is over, or is more than a year ahead.
 */
export function parseWhen(text: string, zone: string, now: Date): Result<Date, Refusal> {
  const wanted = text.trim();
  const local = Temporal.Instant.fromEpochMilliseconds(now.getTime()).toZonedDateTimeISO(zone);
  const clock = CLOCK.exec(wanted);
  if (clock) {
    const plainTime = new Temporal.PlainTime(Number(clock[1]), Number(clock[2]));
    for (const days of [0, 1]) {
      const at = local.toPlainDate().add({ days }).toZonedDateTime({ timeZone: zone, plainTime });
      if (at.epochMilliseconds > now.getTime()) return ok(new Date(at.epochMilliseconds));
    }
  }
  if (!LOCAL.test(wanted)) return err(notATime(text, zone));
  const at = instantOf(wanted.replace(' ', 'T'), zone);
  if (at === null) return err(notATime(text, zone));
  if (at <= now.getTime()) return err(refusal('bad_arguments', `${wanted} (${zone}) is over.`, 'Name a later time.'));
  if (at > now.getTime() + FURTHEST_DAYS * 86_400_000)
    return err(refusal('bad_arguments', `${wanted} is more than a year ahead.`, 'Name an earlier time.'));
  return ok(new Date(at));
}

function instantOf(local: string, zone: string): number | null {
  try {
    return Temporal.PlainDateTime.from(local, { overflow: 'reject' }).toZonedDateTime(zone).epochMilliseconds;
  } catch {
    return null;
  }
}

function notATime(text: string, zone: string): Refusal {
  return refusal(
    'bad_arguments',
    `"${text.slice(0, 40)}" is not a time.`,
    `Write 14:30 (the next one to come) or 2026-12-24T14:30; both in ${zone}.`,
  );
}

/** `Sat 2026-12-24 14:30`, in a zone. */
export function inZone(at: Date, zone: string): string {
  const local = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(zone);
  const day = local.toLocaleString('en-GB', { weekday: 'short' });
  const clock = local.toPlainTime().toString({ smallestUnit: local.second === 0 ? 'minute' : 'second' });
  return `${day} ${local.toPlainDate().toString()} ${clock}`;
}
