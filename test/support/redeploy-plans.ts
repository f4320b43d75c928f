import { command } from '../../commands/redeploy.ts';
import { findProfile, loadProfiles } from '../../src/estate/profile-load.ts';
import type { SettingsDocument } from '../../src/estate/site-settings.ts';
import type { SiteFacts } from '../../src/operations/facts.ts';
import type { Plan, PlannedStep } from '../../src/operations/plan.ts';
import { siteFacts } from './builders.ts';
import { profileHome } from './profile-home.ts';

/** A site to redeploy: its profile, what is stored, profiles of its own, and other facts. */
interface Case {
  readonly profile: string;
  readonly stored?: SettingsDocument;
  readonly own?: Readonly<Record<string, string>>;
  readonly change?: Partial<SiteFacts>;
}

/** The site acme with a profile and stored settings; a fresh backup is there unless the test says otherwise. */
export function facts({ profile, stored = {}, own = {}, change = {} }: Case): SiteFacts {
  using its = profileHome(own);
  const found = findProfile(loadProfiles(its.home), profile);
  if (!found.ok) throw new Error(found.error.message);
  const settings = {
    version: 3,
    document: stored,
    running: 2,
    runningDocument: {},
    uncertain: false,
    pendingRedeploy: true,
  };
  return siteFacts({ profile: found.value, settings, freshBackup: true, ...change });
}

/** The plan of `redeploy acme`, or its refusal. */
export const asked = (it: Case) => command.plan(facts(it), { site: 'acme' });
/** That plan; throws on a refusal. */
export function planned(it: Case): Plan {
  const plan = asked(it);
  if (!plan.ok) throw new Error(`${plan.error.code}: ${plan.error.message}`);
  return plan.value;
}
/** The steps by their names. */
export const names = (plan: Plan) => plan.steps.map((step) => step.step);
/** The first step of that name. */
export const step = (plan: Plan, name: string): PlannedStep => {
  const found = plan.steps.find((one) => one.step === name);
  if (!found) throw new Error(`no step ${name}`);
  return found;
};
/** The words of the first command of a group. */
export function words({ params }: PlannedStep, group = 'do', run = 1): string[] {
  const count = Number(params[`${group}_${run}_words`]);
  return Array.from({ length: count }, (_, at) => params[`${group}_${run}_${at + 1}`] ?? '');
}
/** What approvers are told. */
export const told = (plan: Plan) => plan.effects.join('\n');
