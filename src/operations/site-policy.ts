import { type CalendarRules, momentAt, plannedFreezes } from '../../approvals/calendar.ts';
import { describeDifferences } from '../../approvals/differences.ts';
import { covers, type Freeze } from '../../approvals/freezes.ts';
import { nextClosing, nextOpening } from '../../approvals/openings.ts';
import { type Decision, decide, type PolicyFacts, type Risk, type Verdict } from '../../approvals/policy.ts';
import type { PoolRule } from '../../approvals/pool.ts';
import { CODES_RULE } from '../../approvals/step-up.ts';
import type { ConfigFile, EnvironmentPolicy } from '../config/schema.ts';
import { type OperationTarget, targetOfSite } from '../estate/target.ts';
import type { Estate, Site } from '../estate/types.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { sha256 } from '../kernel/ids.ts';

const UNGUARDED: EnvironmentPolicy = {
  quorum: 2,
  requester_counts: false,
  decide_within: 3_600_000,
  start_within: 14_400_000,
  emergency: true,
  fresh_backup: 86_400_000,
  totp: 'optional',
  standing_approval: 7_776_000_000,
};
/** Where no calendar is known it is always outside working hours. */
const NO_HOURS: CalendarRules = { timezone: 'UTC', working_hours: [], freezes: [] };

/** What holds for a site: whose rules, which calendar, and what is wrong with that. */
export interface SitePolicy {
  readonly asProduction: boolean;
  /** Why production's rules hold in another environment; null where its own rules hold. */
  readonly sharing: OperationTarget['sharing'];
  readonly policy: EnvironmentPolicy;
  /** Its freezes are those of the configuration and those that people declared for this site. */
  readonly calendar: CalendarRules | null;
  /** The freezes that hold also where no one calendar does. */
  readonly frozen: NonNullable<CalendarRules['frozen']>;
  /** A mistake in the estate, in words; null when there is none. */
  readonly problem: string | null;
}

/**
 * The policy that holds for a site: its environment's own, or production's when it shares a machine with production.
 * The site's own calendar goes before the environment's.
 */
export function policyOf(config: ConfigFile, estate: Estate, site: Site, freezes: readonly Freeze[]): SitePolicy {
  return policyOfTarget(config, targetOfSite(estate, site), freezes);
}

/**
 * The policy that holds for a site, a host or a cluster: production's when it is treated as production, else the
 * strictest of its sites' environments. A freeze of any of its sites holds for it.
 */
export function policyOfTarget(config: ConfigFile, target: OperationTarget, freezes: readonly Freeze[]): SitePolicy {
  const { asProduction, sites, sharing } = target;
  const policy = asProduction
    ? (config.policy.production ?? UNGUARDED)
    : strictest(sites.map((site) => config.policy[site.environment] ?? UNGUARDED));
  const names = new Set(sites.length === 0 ? [policy.calendar] : sites.map((site) => site.calendar ?? policy.calendar));
  const found = [...names].flatMap((name) => calendarOf(config, name) ?? []);
  const [rules] = found;
  const covered = sites.length === 0 ? [{ name: '', environment: '', cluster: target.cluster }] : sites;
  const declared = freezes.filter((freeze) => covered.some((site) => covers(freeze.scope, site)));
  const calendar = rules === undefined || names.size > 1 ? null : { ...rules, frozen: declared };
  const frozen = [...declared, ...found.flatMap(plannedFreezes)];
  return { asProduction, sharing, policy, calendar, frozen, problem: problemOf(target, names, rules) };
}

function calendarOf({ calendars }: ConfigFile, name: string | undefined): CalendarRules | undefined {
  return name === undefined || !Object.hasOwn(calendars, name) ? undefined : calendars[name];
}

/** What is strict in any of them is strict for all; the times are those of the one with the highest quorum. */
function strictest(policies: readonly EnvironmentPolicy[]): EnvironmentPolicy {
  const [first] = policies.toSorted((left, right) => right.quorum - left.quorum);
  if (!first) return UNGUARDED;
  return {
    ...first,
    requester_counts: policies.every((one) => one.requester_counts),
    totp: policies.some((one) => one.totp === 'required') ? 'required' : 'optional',
    emergency: policies.every((one) => one.emergency),
  };
}

function problemOf(
  { kind }: OperationTarget,
  names: ReadonlySet<string | undefined>,
  rules: CalendarRules | undefined,
): string | null {
  const [name] = names;
  if (names.size > 1)
    return `The sites of this ${kind} follow different calendars (${[...names].map((one) => one ?? 'none').join(', ')}), so every change is approved first.`;
  return name !== undefined && rules === undefined
    ? `The site names the calendar "${name}", which the configuration does not have, so every change is approved first.`
    : null;
}

/** What the approvers have to suffice for, by environment. */
export function poolRules(config: ConfigFile): readonly PoolRule[] {
  return Object.entries(config.policy).map(([environment, { quorum, requester_counts: requesterCounts }]) => ({
    environment,
    quorum,
    requesterCounts,
  }));
}

/** What is known of the work itself: how long it usually takes on the site, and whether its plan destroys something. */
export interface Work {
  readonly estimateMs: number | null;
  readonly destroys: boolean;
}

/** Work of which no plan was made and nothing is known. */
export const UNKNOWN_WORK: Work = { estimateMs: null, destroys: false };

/** The policy's verdict on work of a risk at an instant, with all that it was made of; `emergency` is the reason why it cannot wait, or null. */
export function decisionFor(its: SitePolicy, risk: Risk, at: Date, emergency: string | null, work: Work): Decision {
  const { asProduction, sharing, policy, calendar, frozen, problem } = its;
  const rules = calendar ?? { ...NO_HOURS, frozen };
  const opens = nextOpening(rules, at, 'disruptive');
  const inputs: PolicyFacts = {
    risk,
    asProduction,
    moment: momentAt(rules, at),
    opens,
    closes: opens === null ? null : nextClosing(rules, opens),
    ...work,
    quorum: policy.quorum,
    emergency: { allowed: policy.emergency, reason: emergency },
  };
  const verdict = explained(decide(inputs), risk, sharing);
  const warned = problem !== null && asProduction && verdict.kind !== 'refuse';
  if (!warned) return { verdict, inputs };
  const warning = verdict.warning === undefined ? problem : `${problem} ${verdict.warning}`;
  return { verdict: { ...verdict, warning }, inputs };
}

/** Says as well why production's rules hold where the card names another environment. */
function explained(verdict: Verdict, risk: Risk, sharing: SitePolicy['sharing']): Verdict {
  if (sharing === null || risk === 'read' || verdict.kind === 'refuse') return verdict;
  const { who, what, site } = sharing;
  const why = `${verdict.why} ${who ?? 'It'} shares its ${what} with ${site}, so the rules of production hold.`;
  return { ...verdict, why };
}

/** The rules to which votes are bound, by the words in which a difference is told. */
export type BoundRules = Readonly<Record<string, string>>;

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const clock = (minute: number) =>
  `${String(Math.floor(minute / 60) % 24).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** What of the policy decides who must agree, and when. Freezes that people declare are asked about at the start instead. */
export function rulesOf({ asProduction, policy, calendar }: SitePolicy, risk: Risk): BoundRules {
  const common = {
    risk,
    'treated as': asProduction ? 'production' : 'not production',
    quorum: String(policy.quorum),
    'requester counts': policy.requester_counts ? 'yes' : 'no',
    // Only where it is required, so that what was asked for before there were codes keeps its votes.
    ...(policy.totp === 'required' ? { [CODES_RULE]: 'required' } : {}),
  };
  if (calendar === null) return { ...common, calendar: 'none' };
  const { country, region, extra = [], dates } = calendar.holidays ?? {};
  const days = calendar.working_hours.flatMap((spans, day) =>
    spans.map(({ from, to }) => `${DAYS[day]} ${clock(from)}-${to === 1440 ? '24:00' : clock(to)}`),
  );
  return {
    ...common,
    'time zone': calendar.timezone,
    'working hours': days.join(', ') || 'never',
    holidays: [country, region, ...extra, ...(dates ? [`file ${sha256(canonicalJson(dates)).slice(0, 12)}`] : [])]
      .filter((one) => one !== undefined)
      .join(' '),
    'planned freezes': calendar.freezes.map((one) => `${one.from} to ${one.to} (${one.reason})`).join(', '),
  };
}

/** The hash to which votes are bound beside the plan's. */
export function hashRules(rules: BoundRules): string {
  return sha256(canonicalJson(rules));
}

/** How two sets of rules differ, one sentence a difference. Nothing when the operation is older than bound rules. */
export function describeRulesDrift(before: BoundRules | null, after: BoundRules): string[] {
  return before === null ? [] : describeDifferences(before, after);
}
