import { type CalendarRules, type Moment, momentAt } from '../../approvals/calendar.ts';
import { type Decision, decide, type PolicyFacts, type Risk } from '../../approvals/policy.ts';
import type { ConfigFile, EnvironmentPolicy } from '../config/schema.ts';
import { findSite, sharesWithProduction } from '../estate/estate.ts';
import type { Estate, Site } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { OperationBook } from './book.ts';
import { gatherSiteFacts, type SiteFacts } from './facts.ts';
import { hashPlan, type Plan } from './plan.ts';
import type { HostPort } from './ports.ts';
import type { OperationRecord } from './records.ts';

/** What a command has to offer to become an operation. */
export interface Plannable {
  readonly name: string;
  readonly risk: Exclude<Risk, 'read'>;
  readonly plan: (facts: SiteFacts, args: Readonly<Record<string, string>>) => Result<Plan, Refusal>;
}

export interface RequestContext {
  readonly book: OperationBook;
  readonly hosts: HostPort;
  readonly config: ConfigFile;
  readonly estate: () => Promise<Estate>;
  /** Everybody who may approve now. */
  readonly approvers: () => Promise<readonly string[]>;
}

const UNGUARDED: EnvironmentPolicy = {
  quorum: 2,
  requester_counts: false,
  decide_within: 3_600_000,
  start_within: 14_400_000,
  emergency: true,
  fresh_backup: 86_400_000,
};
const ALWAYS_OUTSIDE: Moment = { kind: 'outside', until: null, never: true };

/** The policy that holds for a site: its environment's own, or production's when it shares a machine with production. */
export function policyOf(
  config: ConfigFile,
  estate: Estate,
  site: Site,
): { asProduction: boolean; policy: EnvironmentPolicy; calendar: CalendarRules | null } {
  const asProduction = site.environment === 'production' || sharesWithProduction(estate, site);
  const policy = config.policy[asProduction ? 'production' : site.environment] ?? UNGUARDED;
  const calendar = policy.calendar === undefined ? null : (config.calendars[policy.calendar] ?? null);
  return { asProduction, policy, calendar };
}

/** The policy's verdict on a command for a site at an instant, with what it was made of. */
export function decisionFor(config: ConfigFile, estate: Estate, site: Site, risk: Risk, at: Date): Decision {
  const { asProduction, policy, calendar } = policyOf(config, estate, site);
  const inputs: PolicyFacts = {
    risk,
    asProduction,
    moment: calendar === null ? ALWAYS_OUTSIDE : momentAt(calendar, at),
    quorum: policy.quorum,
    emergency: { allowed: policy.emergency, reason: null },
  };
  return { verdict: decide(inputs), inputs };
}

/** Builds the plan from what is true now. Used when somebody asks, and again at the instant of the start. */
export async function buildPlan(
  context: Pick<RequestContext, 'hosts' | 'config' | 'estate'>,
  command: Plannable,
  siteName: string,
  args: Readonly<Record<string, string>>,
): Promise<Result<{ plan: Plan; site: Site; estate: Estate }, Refusal>> {
  const estate = await context.estate();
  const site = findSite(estate, siteName);
  if (!site.ok) return site;
  const facts = await gatherSiteFacts(context.hosts, site.value, policyOf(context.config, estate, site.value).policy);
  if (!facts.ok) return facts;
  const plan = command.plan(facts.value, args);
  return plan.ok ? ok({ plan: plan.value, site: site.value, estate }) : plan;
}

/** Records what a person asks for: the plan is frozen, the policy decides, and either it is queued or it waits for votes. */
export async function requestOperation(
  context: RequestContext,
  asked: {
    readonly command: Plannable;
    readonly args: Readonly<Record<string, string>>;
    readonly line: string;
    readonly requester: string;
    /** Names the act of asking, so that a payload that is delivered twice asks once; null without one. */
    readonly key: string | null;
  },
): Promise<Result<OperationRecord, Refusal>> {
  const built = await buildPlan(context, asked.command, asked.args.site ?? '', asked.args);
  if (!built.ok) return built;
  const { plan, site, estate } = built.value;
  const { verdict, inputs } = decisionFor(context.config, estate, site, asked.command.risk, await context.book.now());
  if (verdict.kind === 'refuse') return err(verdict.refusal);
  const { policy } = policyOf(context.config, estate, site);
  const quorum = verdict.kind === 'votes' || verdict.kind === 'hold' ? verdict.quorum : 0;
  if (quorum > 0) {
    const pool = (await context.approvers()).filter((person) => policy.requester_counts || person !== asked.requester);
    if (pool.length < quorum) {
      const who =
        pool.length === 0
          ? 'nobody can approve'
          : `only ${pool.map((person) => `<@${person}>`).join(', ')} can approve`;
      return err(refusal('quorum_unreachable', `This needs ${quorum} approvals besides yours, but ${who}.`));
    }
  }
  const recorded = await context.book.open({
    command: asked.command.name,
    args: asked.args,
    line: asked.line,
    site: site.name,
    environment: site.environment,
    requester: asked.requester,
    plan,
    planHash: hashPlan(plan),
    verdict,
    inputs,
    quorum,
    requesterCounts: policy.requester_counts,
    decideWithinMs: policy.decide_within,
    startWithinMs: policy.start_within,
    requestKey: asked.key,
    channel: context.config.slack.channels.operations,
  });
  return ok(recorded);
}
