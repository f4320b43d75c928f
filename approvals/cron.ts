import { Cron } from 'croner';
import cronstrue from 'cronstrue';
import { messageOf, type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';

const LONGEST = 120;

/**
 * Checks a cron expression of five fields (minute, hour, day of month, month, weekday) and answers it with single
 * blanks. Refusals: bad_arguments with what is wrong, also for one that never comes.
 */
export function parseCron(text: string): Result<string, Refusal> {
  const fields = text.trim().split(/\s+/);
  const cron = fields.join(' ').toUpperCase();
  const usage = 'Write five fields, for example `30 2 * * *` (02:30 every day) or `0 9 * * mon-fri`.';
  if (fields.length !== 5 || cron.length > LONGEST)
    return err(
      refusal('bad_arguments', `"${text.trim().slice(0, 40)}" is not a cron expression of five fields.`, usage),
    );
  try {
    if (open(cron, 'UTC').nextRun(new Date(0)) === null)
      return err(refusal('bad_arguments', `"${cron}" never comes.`, usage));
  } catch (error) {
    return err(refusal('bad_arguments', `"${cron}" is no cron expression: ${messageOf(error)}`, usage));
  }
  return ok(cron);
}

/**
 * The next runs after an instant, at most `most`, none later than `until`. A single time or a list of times that a clock
 * change skips runs when the gap ends, and once where the clock shows it twice; a wildcard or a step keeps its pace.
 * `cron` has been checked by parseCron, `zone` is an IANA zone.
 */
export function nextRuns(cron: string, zone: string, after: Date, most: number, until: Date | null = null): Date[] {
  const runs = open(cron, zone).nextRuns(most, after);
  return until === null ? runs : runs.filter((run) => run <= until);
}

/** `At 02:30, every day`; the expression itself where there are no words for it. */
export function cronInWords(cron: string): string {
  try {
    return cronstrue.toString(cron, { use24HourTimeFormat: true, verbose: true });
  } catch {
    return cron;
  }
}

/** Only asked, never run: without a function to call nothing is scheduled. */
function open(cron: string, zone: string): Cron {
  return new Cron(cron, { timezone: zone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
}
