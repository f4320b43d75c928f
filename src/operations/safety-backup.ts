import { durationInWords } from '../kernel/duration.ts';
import type { Refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { SiteFacts } from './facts.ts';
import type { Plan } from './plan.ts';

/** What a plan begins with so that a backup precedes the change, and what its approvers are told of that. */
export type SafetyBackup = Pick<Plan, 'steps' | 'cleanup' | 'effects'>;

type PlanBackup = (facts: SiteFacts, args: Readonly<Record<string, string>>) => Result<Plan, Refusal>;

/** Whether Twokey can dump the database of a site, or why not. */
function whyNoDump({ profile: { profile }, site, toolVersion }: SiteFacts): string | null {
  if (!profile.datastores.some(({ backup }) => backup.method === 'pg_dump'))
    return `the profile ${profile.name} has no database that Twokey dumps`;
  if (profile.db.via !== 'libpq' && toolVersion === null)
    return `the database runs within Compose, and ${site.host} has no pg_dump`;
  return null;
}

/**
 * The backup before a disruptive change: on production one is taken in the plan unless a fresh one is there, by the plan
 * of the backup command itself. `leftOut` is the reason why it is not to be taken: on a bad night the way back must not
 * wait for a database that does not answer; those who approve the plan read it. Refusals: those of planning a backup.
 */
export function safetyBackup(
  facts: SiteFacts,
  planBackup: PlanBackup,
  leftOut: string | undefined,
): Result<SafetyBackup, Refusal> {
  const { site, asProduction, freshBackup, policy } = facts;
  const without = (effects: readonly string[]): Result<SafetyBackup, Refusal> =>
    ok({ steps: [], cleanup: [], effects });
  if (!asProduction) return without([]);
  if (freshBackup)
    return without([
      `Takes no backup: a verified one that is younger than ${durationInWords(policy.fresh_backup)} is there.`,
    ]);
  if (leftOut !== undefined)
    return without([
      `Takes NO backup, though none younger than ${durationInWords(policy.fresh_backup)} is there. The reason given: ${leftOut}`,
    ]);
  const why = whyNoDump(facts);
  if (why !== null)
    return without([`Takes NO backup, because ${why}. Make sure of one of your own before this is approved.`]);
  const planned = planBackup(facts, { site: site.name });
  if (planned.ok)
    return ok({ ...planned.value, effects: ['Takes a verified backup first:', ...planned.value.effects] });
  const { next } = planned.error;
  return err({
    ...planned.error,
    next: `${next} Where that cannot be done, \`--without-backup "why"\` leaves the backup out; approvers see why.`.trim(),
  });
}
