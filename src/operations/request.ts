import type { Freeze } from '../../approvals/freezes.ts';
import type { Risk } from '../../approvals/policy.ts';
import { unreachable } from '../../approvals/pool.ts';
import { barredByReviews, reviewKind } from '../../approvals/reviews.ts';
import { accountsOf } from '../config/people.ts';
import type { ConfigFile } from '../config/schema.ts';
import { findSite } from '../estate/estate.ts';
import { findProfile } from '../estate/profile-load.ts';
import { type OperationTarget, targetOfSite } from '../estate/target.ts';
import type { Estate } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type Assessment, assess, type Timing } from './assess.ts';
import type { Target } from './authorise.ts';
import { type BackupBook, hasFreshBackup } from './backups.ts';
import type { OperationBook } from './book.ts';
import { lookAtCompose, wantedBy } from './compose/look.ts';
import { judgeReplan } from './drift.ts';
import type { EstateBook } from './estate/book.ts';
import type { DialPort } from './estate/dial.ts';
import { type EstatePlannable, gatherEstateFacts } from './estate/facts.ts';
import { targetOfPlan } from './estate/plan-edit.ts';
import { gatherHostFacts, type SiteFacts } from './facts.ts';
import { noShell, shellsFor } from './no-shell.ts';
import { destroyedBy, hashPlan, hostsOf, type Plan, riskOf } from './plan.ts';
import type { AskPolicy, HostPort, Replan, ReplanStore, ResolvePeople } from './ports.ts';
import type { OperationRecord } from './records.ts';
import type { SettingsSources } from './settings/facts.ts';
import { policyOf, policyOfTarget, rulesOf, type SitePolicy } from './site-policy.ts';
import { targetsOfPlan } from './targets.ts';

/** What a command has to offer to become an operation. */
export type Plannable = {
  readonly name: string;
  readonly risk: Exclude<Risk, 'read'>;
} & (SitePlannable | EstatePlannable);

/** A command that works on the hosts of a site. */
export interface SitePlannable {
  readonly on?: 'site';
  /** What has to be looked at on the host beside what every command needs. */
  readonly looksAt?: 'compose';
  readonly plan: (facts: SiteFacts, args: Readonly<Record<string, string>>) => Result<Plan, Refusal>;
}

export interface RequestContext extends SettingsSources {
  readonly book: OperationBook;
  readonly hosts: HostPort;
  readonly config: ConfigFile;
  readonly estate: () => Promise<Estate>;
  readonly estateBook: EstateBook;
  readonly backups: BackupBook;
  readonly dial: DialPort;
  readonly freezes: () => Promise<readonly Freeze[]>;
  /** Everybody who may approve now. */
  readonly approvers: () => Promise<readonly string[]>;
  /** Everybody who may close a review now. */
  readonly reviewers: () => Promise<readonly string[]>;
}

type Args = Readonly<Record<string, string>>;
type PlanningContext = Pick<RequestContext, 'hosts' | 'config' | 'estate' | 'estateBook' | 'backups' | 'dial'> &
  SettingsSources;

/**
 * Builds the plan from what is true now. Used when somebody asks, and again at the instant of the start; `self` is the
 * operation that is planned again then.
 */
export async function buildPlan(
  context: PlanningContext,
  command: Plannable,
  args: Args,
  self: string | null,
): Promise<Result<{ plan: Plan; target: OperationTarget }, Refusal>> {
  return command.on === 'estate'
    ? planForEstate(context, command, args, self)
    : planForSite(context, command, args, self);
}

async function planForSite(context: PlanningContext, command: SitePlannable, args: Args, self: string | null) {
  const estate = await context.estate();
  const found = findSite(estate, args.site ?? '');
  if (!found.ok) return found;
  const site = found.value;
  if (site.hostOf.shell === 'none') return err(noShell(site.hostOf));
  const profile = findProfile(context.profiles, site.profile);
  if (!profile.ok) return profile;
  const { policy, asProduction } = policyOf(context.config, estate, site, []);
  const [host, settings, backups] = await Promise.all([
    gatherHostFacts(context.hosts, site),
    context.settings.state(site.name),
    context.backups.verified(site.name, self),
  ]);
  if (!host.ok) return host;
  const freshBackup = hasFreshBackup(backups, policy.fresh_backup);
  const before = { site, estate, profile: profile.value, settings };
  const looked = command.looksAt === 'compose' ? await lookAtCompose(context.hosts, before, wantedBy(args)) : ok(null);
  if (!looked.ok) return looked;
  const facts = { ...host.value, ...before, policy, asProduction, freshBackup, compose: looked.value };
  const plan = command.plan(facts, args);
  if (!plan.ok) return plan;
  const blocked = shellsFor(plan.value, estate);
  return blocked ? err(blocked) : ok({ plan: plan.value, target: targetOfSite(estate, site, hostsOf(plan.value)) });
}

async function planForEstate(context: PlanningContext, command: EstatePlannable, args: Args, self: string | null) {
  const facts = await gatherEstateFacts(context, command, args, self);
  if (!facts.ok) return facts;
  const plan = command.plan(facts.value, args);
  if (!plan.ok) return plan;
  const target = targetOfPlan(facts.value.document, plan.value);
  return target
    ? ok({ plan: plan.value, target })
    : err(refusal('internal', `what ${plan.value.command} works on is not there`));
}

/** What would be recorded if it were asked for at this moment, and what would become of it. */
export interface Considered {
  readonly plan: Plan;
  readonly planHash: string;
  readonly target: OperationTarget;
  /** That of what the plan really does. */
  readonly risk: Plannable['risk'];
  readonly its: SitePolicy;
  /** How long it usually takes, in milliseconds; null when it has never succeeded there. */
  readonly estimateMs: number | null;
  /** Everybody who may approve now; empty where nobody has to. */
  readonly approvers: readonly string[];
  /** The verdict, or why it would be refused. */
  readonly assessed: Result<Assessment, Refusal>;
}

/** Something that a person wants, as far as its plan and its verdict depend on it. */
export interface Wanted {
  readonly command: Plannable;
  readonly args: Readonly<Record<string, string>>;
  readonly requester: string;
  /** Why the requester may not do this to what the plan touches; null when they may. */
  readonly authorise: (target: Target, risk: Plannable['risk']) => Promise<Refusal | null>;
  readonly timing: Timing;
}

/**
 * Builds the plan of what a person wants and asks the policy about it. Records nothing and tells nobody: what is asked
 * for goes through here, and so does what is only tried. Refusals: those of building a plan, and of `authorise`.
 */
export async function considerOperation(context: RequestContext, wanted: Wanted): Promise<Result<Considered, Refusal>> {
  const built = await buildPlan(context, wanted.command, wanted.args, null);
  if (!built.ok) return built;
  const { plan, target } = built.value;
  const risk = riskOf(wanted.command.risk, plan);
  for (const one of targetsOfPlan(await context.estate(), plan)) {
    const denied = await wanted.authorise(one, risk);
    if (denied) return err(denied);
  }
  const its = policyOfTarget(context.config, target, await context.freezes());
  const estimateMs = await context.book.estimate(target.key, wanted.command.name);
  const work = { estimateMs, destroys: destroyedBy(plan).length > 0 };
  const judged = assess(its, risk, wanted.timing, await context.book.now(), work);
  const quorum = judged.ok ? judged.value.quorum : 0;
  const approvers = quorum === 0 ? [] : await context.approvers();
  const objection = unreachable(approvers, wanted.requester, quorum, its.policy.requester_counts);
  const assessed = objection === null ? judged : err(objection);
  return ok({ plan, planHash: hashPlan(plan), target, risk, its, estimateMs, approvers, assessed });
}

/** Records what a person asks for: the plan is frozen, the policy decides, and either it is queued or it waits for votes. */
export async function requestOperation(
  context: RequestContext,
  asked: Wanted & {
    readonly line: string;
    /** The id that the requester used. */
    readonly account: string;
    /** Names the act of asking, so that a payload that is delivered twice asks once; null without one. */
    readonly key: string | null;
  },
): Promise<Result<OperationRecord, Refusal>> {
  const considered = await considerOperation(context, asked);
  if (!considered.ok) return considered;
  const { plan, planHash, target, risk, its, estimateMs, assessed } = considered.value;
  if (!assessed.ok) return assessed;
  const { verdict, inputs, quorum, notBefore, opensAt } = assessed.value;
  const { policy } = its;
  const review = reviewKind(risk, asked.timing.now);
  const reviewers = review === 'break-glass' ? await context.reviewers() : null;
  return context.book.open({
    command: asked.command.name,
    args: asked.args,
    line: asked.line,
    site: target.key,
    environment: target.environment,
    requester: asked.requester,
    account: asked.account,
    plan,
    planHash,
    verdict,
    inputs,
    quorum,
    requesterCounts: policy.requester_counts,
    estimateMs,
    decideWithinMs: policy.decide_within,
    startWithinMs: policy.start_within,
    notBefore,
    opensAt,
    emergency: asked.timing.now,
    rules: rulesOf(its, risk),
    requestKey: asked.key,
    channel: context.config.slack.channels.operations,
    auditChannel: context.config.slack.channels.audit ?? context.config.slack.channels.operations,
    review: review && {
      kind: review,
      people: accountsOf(context.config.people, asked.requester),
      bars: reviewers && ((open) => barredByReviews(open, reviewers)),
    },
  });
}

/** What is needed to build the plan of a recorded operation again and to ask the policy about it. */
export interface ReplanContext {
  readonly book: Pick<OperationBook, 'view'>;
  readonly store: ReplanStore;
  readonly replan: Replan;
  readonly policy: (operation: OperationRecord) => Promise<AskPolicy>;
  readonly resolvePeople: ResolvePeople;
}

/**
 * Builds the plan of an operation that waits again, from what is true now. Another plan replaces the old one: votes and
 * the confirmation are void then. Refusals: those of building a plan, not_allowed when the one who asked for it may not
 * do what the new plan does, and of an operation that does not wait any more.
 */
export async function replanOperation(
  context: ReplanContext,
  id: string,
  person: string,
): Promise<Result<'same' | 'replaced', Refusal>> {
  const view = await context.book.view(id);
  if (!view) return err(refusal('unknown_operation', `There is no operation "${id}".`));
  const plan = await context.replan(view.operation);
  if (!plan.ok) return plan;
  const { requester } = await context.resolvePeople(view.operation, plan.value, []);
  if (requester) return err(requester);
  const ask = await context.policy(view.operation);
  return context.store.replan(id, person, (facts) => judgeReplan(facts, plan.value, ask));
}
