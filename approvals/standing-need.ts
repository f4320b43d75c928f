import { type CalendarRules, kindAt } from './calendar.ts';
import { nextRuns } from './cron.ts';
import type { Risk } from './policy.ts';

/** How far ahead the runs of a schedule are looked at. */
const DAYS = 366;
const MOST_RUNS = 500;

/** Whether a schedule needs a standing approval, and the first run that would have to be approved; null when none would. */
export interface StandingNeed {
  readonly needed: boolean;
  readonly first: Date | null;
}

/**
 * Whether runs of a schedule on production fall where the policy asks for the quorum: routine work outside working
 * hours (holidays, planned freezes and years of unknown holidays are outside), disruptive work everywhere. Looks at the
 * runs of the next 366 days, at most 500; a run beyond that meets the policy when it comes. `calendar` is null where
 * none is known, which counts as always outside.
 */
export function needsStanding(
  calendar: CalendarRules | null,
  schedule: { readonly cron: string; readonly zone: string },
  risk: Risk,
  now: Date,
): StandingNeed {
  if (risk === 'read') return { needed: false, first: null };
  const until = new Date(now.getTime() + DAYS * 86_400_000);
  const runs = nextRuns(schedule.cron, schedule.zone, now, MOST_RUNS, until);
  const first = runs.find((run) => risk !== 'routine' || calendar === null || kindAt(calendar, run) !== 'working');
  return { needed: first !== undefined, first: first ?? null };
}
