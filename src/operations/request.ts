import type { Freeze } from '../../approvals/freezes.ts';
import type { Risk } from '../../approvals/policy.ts';
import type { ConfigFile } from '../config/schema.ts';
import { findSite } from '../estate/estate.ts';
import { type OperationTarget, targetOfSite } from '../estate/target.ts';
import type { Estate } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { assess, type Timing } from './assess.ts';
import type { OperationBook } from './book.ts';
import type { EstateBook } from './estate/book.ts';
import type { DialPort } from './estate/dial.ts';
import { type EstatePlannable, gatherEstateFacts } from './estate/facts.ts';
import { targetOfPlan } from './estate/plan-edit.ts';
import { gatherSiteFacts, type SiteFacts } from './facts.ts';
import { hashPlan, type Plan } from './plan.ts';
import type { HostPort } from './ports.ts';
import type { OperationRecord } from './records.ts';
import { policyOf, policyOfTarget, rulesOf } from './site-policy.ts';

/** What a command has to offer to become an operation. */
export type Plannable = {
  readonly name: string;
  readonly risk: Exclude<Risk, 'read'>;
} & (SitePlannable | EstatePlannable);

/** A command that works on the hosts of a site. */
export interface SitePlannable {
  readonly on?: 'site';
  readonly plan: (facts: SiteFacts, args: Readonly<Record<string, string>>) => Result<Plan, Refusal>;
}

export interface RequestContext {
  readonly book: OperationBook;
  readonly hosts: HostPort;
  readonly config: ConfigFile;
  readonly estate: () => Promise<Estate>;
  readonly estateBook: EstateBook;
  readonly dial: DialPort;
  readonly freezes: () => Promise<readonly Freeze[]>;
  /** Everybody who may approve now. */
  readonly approvers: () => Promise<readonly string[]>;
}

type Args = Readonly<Record<string, string>>;
type PlanningContext = Pick<RequestContext, 'hosts' | 'config' | 'estate' | 'estateBook' | 'dial'>;

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
  return command.on === 'estate' ? planForEstate(context, command, args, self) : planForSite(context, command, args);
}

async function planForSite(context: PlanningContext, command: SitePlannable, args: Args) {
  const estate = await context.estate();
  const site = findSite(estate, args.site ?? '');
  if (!site.ok) return site;
  const facts = await gatherSiteFacts(
    context.hosts,
    site.value,
    policyOf(context.config, estate, site.value, []).policy,
  );
  if (!facts.ok) return facts;
  const plan = command.plan(facts.value, args);
  return plan.ok ? ok({ plan: plan.value, target: targetOfSite(estate, site.value) }) : plan;
}

async function planForEstate(context: PlanningContext, command: EstatePlannable, args: Args, self: string | null) {
  const facts = await gatherEstateFacts(context.estateBook, context.dial, command, args, self);
  if (!facts.ok) return facts;
  const plan = command.plan(facts.value, args);
  if (!plan.ok) return plan;
  const target = targetOfPlan(facts.value.document, plan.value);
  return target
    ? ok({ plan: plan.value, target })
    : err(refusal('internal', `what ${plan.value.command} works on is not there`));
}

/** Why these approvers can never reach the quorum for a requester, naming those who could approve; null when they can. */
export function unreachable(
  approvers: readonly string[],
  requester: string,
  quorum: number,
  requesterCounts: boolean,
): Refusal | null {
  const pool = approvers.filter((person) => requesterCounts || person !== requester);
  if (pool.length >= quorum) return null;
  const who =
    pool.length === 0 ? 'nobody can approve' : `only ${pool.map((person) => `<@${person}>`).join(', ')} can approve`;
  return refusal('quorum_unreachable', `This needs ${quorum} approvals besides yours, but ${who}.`);
}

/** Records what a person asks for: the plan is frozen, the policy decides, and either it is queued or it waits for votes. */
export async function requestOperation(
  context: RequestContext,
  asked: {
    readonly command: Plannable;
    readonly args: Readonly<Record<string, string>>;
    readonly line: string;
    readonly requester: string;
    readonly timing: Timing;
    /** Names the act of asking, so that a payload that is delivered twice asks once; null without one. */
    readonly key: string | null;
  },
): Promise<Result<OperationRecord, Refusal>> {
  const built = await buildPlan(context, asked.command, asked.args, null);
  if (!built.ok) return built;
  const { plan, target } = built.value;
  const its = policyOfTarget(context.config, target, await context.freezes());
  const assessed = assess(its, asked.command.risk, asked.timing, await context.book.now());
  if (!assessed.ok) return assessed;
  const { verdict, inputs, quorum, notBefore, opensAt } = assessed.value;
  const { policy } = its;
  const objection =
    quorum === 0 ? null : unreachable(await context.approvers(), asked.requester, quorum, policy.requester_counts);
  if (objection) return err(objection);
  const recorded = await context.book.open({
    command: asked.command.name,
    args: asked.args,
    line: asked.line,
    site: target.key,
    environment: target.environment,
    requester: asked.requester,
    plan,
    planHash: hashPlan(plan),
    verdict,
    inputs,
    quorum,
    requesterCounts: policy.requester_counts,
    decideWithinMs: policy.decide_within,
    startWithinMs: policy.start_within,
    notBefore,
    opensAt,
    emergency: asked.timing.now,
    rules: rulesOf(its, asked.command.risk),
    requestKey: asked.key,
    channel: context.config.slack.channels.operations,
    auditChannel: context.config.slack.channels.audit ?? context.config.slack.channels.operations,
  });
  return ok(recorded);
}
