import { durationInWords } from '../kernel/duration.ts';
import type { Refusal } from '../kernel/errors.ts';
import { ok, type Result } from '../kernel/result.ts';
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
 * of the backup command itself. Refusals: those of planning a backup.
 */
export function safetyBackup(facts: SiteFacts, planBackup: PlanBackup): Result<SafetyBackup, Refusal> {
  const { site, asProduction, freshBackup, policy } = facts;
  const without = (effects: readonly string[]): Result<SafetyBackup, Refusal> =>
    ok({ steps: [], cleanup: [], effects });
  if (!asProduction) return without([]);
  if (freshBackup)
    return without([
      `Takes no backup: a verified one that is younger than ${durationInWords(policy.fresh_backup)} is there.`,
    ]);
  const why = whyNoDump(facts);
  if (why !== null)
    return without([`Takes NO backup, because ${why}. Make sure of one of your own before this is approved.`]);
  const planned = planBackup(facts, { site: site.name });
  return planned.ok
    ? ok({ ...planned.value, effects: ['Takes a verified backup first:', ...planned.value.effects] })
    : planned;
}
