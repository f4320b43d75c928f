import { parseCron } from '../../approvals/cron.ts';
import { unreachable } from '../../approvals/pool.ts';
import type { NewStanding, StandingActor, StandingRecord, StandingStore } from '../../approvals/ports.ts';
import type { Actor, Voter } from '../../approvals/request.ts';
import {
  revokeStanding,
  type StandingChange,
  type StandingDefinition,
  type StandingTerms,
  standingApprovers,
  standingAtStart,
  standingLapse,
  voteOnStanding,
  withdrawFromStanding,
} from '../../approvals/standing.ts';
import { needsStanding } from '../../approvals/standing-need.ts';
import type { ConfigFile } from '../config/schema.ts';
import { findSite } from '../estate/estate.ts';
import type { Estate } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { PeopleNow } from './ports.ts';
import type { Plannable } from './request.ts';
import { policyOf, rulesOf } from './site-policy.ts';

export interface StandingContext {
  readonly store: StandingStore;
  readonly config: ConfigFile;
  readonly estate: () => Promise<Estate>;
  /** The database's time. */
  readonly now: () => Promise<Date>;
  /** The operation of that name, or null. */
  readonly commandOf: (name: string) => Pick<Plannable, 'risk'> | null;
  /** Everybody who may approve now. */
  readonly approvers: () => Promise<readonly string[]>;
  /** Resolves the one who asked for it and its voters anew. Throws CodedError when Slack does not answer. */
  readonly resolvePeople: (standing: StandingRecord, voters: readonly string[]) => Promise<PeopleNow>;
}

/** A schedule as somebody asks for it; the arguments have been checked by their command. */
export interface AskedSchedule {
  readonly command: Pick<Plannable, 'name' | 'risk' | 'on'>;
  readonly args: Readonly<Record<string, string>>;
  readonly cron: string;
  readonly requester: string;
}

/** The terms to compare with. What is not there any more has no rules, so nothing that was approved fits it. */
async function termsNow(context: StandingContext, definition: StandingDefinition): Promise<StandingTerms> {
  const estate = await context.estate();
  const site = estate.sites.get(definition.site);
  const command = context.commandOf(definition.command);
  if (!site || !command) return { definition, rules: {} };
  return { definition, rules: rulesOf(policyOf(context.config, estate, site, []), command.risk) };
}

/**
 * Asks for the standing approval of a schedule. Refusals: bad_arguments for a cron expression that is none,
 * not_supported for break-glass and for what changes the estate, nothing_gained where no run has to be approved, quorum_unreachable, standing_exists.
 */
export async function askStanding(
  context: StandingContext,
  asked: AskedSchedule,
): Promise<Result<StandingRecord, Refusal>> {
  const cron = parseCron(asked.cron);
  if (!cron.ok) return cron;
  const { command } = asked;
  if (command.on === 'estate')
    return err(
      refusal(
        'not_supported',
        `\`${command.name}\` changes the estate, which is never done by a schedule: only work on a site is.`,
        'Send it when it is wanted.',
      ),
    );
  const estate = await context.estate();
  const site = findSite(estate, asked.args.site ?? '');
  if (!site.ok) return site;
  if (command.risk === 'break-glass')
    return err(
      refusal(
        'not_supported',
        'Break-glass is never scheduled: each one is approved by itself.',
        'Ask for it when it is needed.',
      ),
    );
  const its = policyOf(context.config, estate, site.value, []);
  const zone = its.calendar?.timezone ?? 'UTC';
  const need = needsStanding(its.calendar, { cron: cron.value, zone }, command.risk, await context.now());
  if (!its.asProduction || !need.needed)
    return err(
      refusal(
        'nothing_gained',
        its.asProduction
          ? 'No run of this schedule in sight falls outside working hours, so none needs an approval.'
          : `${site.value.name} is not treated as production, so no run needs an approval.`,
        'Nothing to do.',
      ),
    );
  const { policy } = its;
  const objection = unreachable(await context.approvers(), asked.requester, policy.quorum, policy.requester_counts);
  if (objection) return err(objection);
  const standing: NewStanding = {
    definition: { command: command.name, args: asked.args, site: site.value.name, cron: cron.value, zone },
    rules: rulesOf(its, command.risk),
    requester: asked.requester,
    requesterCounts: policy.requester_counts,
    quorum: policy.quorum,
    decideWithinMs: policy.decide_within,
    validMs: policy.standing_approval,
    channel: context.config.slack.channels.operations,
  };
  return context.store.ask(standing);
}

/** Who brings about what uses and changed terms bring about. */
const TWOKEY: StandingActor = { person: 'twokey', account: 'twokey', reason: null };

const actorOf = ({ person, account }: Actor): Actor => ({ person, account });

type Changed = Promise<Result<StandingChange, Refusal>>;

function unknown(id: string): Refusal {
  return refusal('unknown_standing', `There is no standing approval "${id}".`);
}

/** Counts a vote or says why not; the terms are compared first, so that nobody votes on what has changed. */
export async function castStandingVote(
  context: StandingContext,
  id: string,
  voter: Voter,
  verdict: 'approve' | 'deny',
  reason: string | null,
): Changed {
  const found = await context.store.find(id);
  if (!found) return err(unknown(id));
  const terms = await termsNow(context, found.definition);
  const by = { ...actorOf(voter), reason, steppedUp: voter.stepUp !== undefined };
  return context.store.change(id, by, (standing, now) => voteOnStanding(standing, voter, verdict, terms, now));
}

/** Takes a vote back. */
export function takeStandingVoteBack(context: StandingContext, id: string, voter: Voter): Changed {
  const by = { ...actorOf(voter), reason: null };
  return context.store.change(id, by, (standing, now) => withdrawFromStanding(standing, voter, now));
}

/** Ends it for good, at the word of an approver or an admin. */
export function endStanding(
  context: StandingContext,
  id: string,
  by: Voter & { readonly admin: boolean },
  reason: string,
): Changed {
  return context.store.change(id, { ...actorOf(by), reason }, (standing) => revokeStanding(standing, by, reason));
}

/**
 * Asks whether a run of a schedule may start by its standing approval: the definition as it is now, the policy as it is
 * now, every voter and the one who asked resolved anew. What that finds out of the approval is written; only ok lets the
 * run start. One whose requester may not run it at the moment stays as it is: the votes are still there if they may again.
 */
export async function startByStanding(
  context: StandingContext,
  id: string,
  definition: StandingDefinition,
): Promise<Result<{ readonly counted: readonly string[] }, Refusal>> {
  const found = await context.store.find(id);
  if (!found) return err(unknown(id));
  const terms = await termsNow(context, definition);
  const { eligible, requester } = await context.resolvePeople(found, standingApprovers(found));
  if (requester)
    return err({ ...requester, next: 'Somebody who may asks for it again, once this one has been revoked.' });
  const used = await context.store.change(id, TWOKEY, (standing, now) =>
    standingAtStart(standing, terms, eligible, now),
  );
  if (!used.ok) return used;
  if (used.value.kind === 'use') return ok({ counted: used.value.counted });
  const why = 'reason' in used.value ? used.value.reason : '';
  const next = used.value.kind === 'suspend' ? 'It needs more approvals.' : 'Ask for it again if it is still wanted.';
  return err(refusal('drift', `The standing approval ${id} is ${used.value.becomes}: ${why}`, next));
}

/** Voids the live ones whose policy is another one now; the configuration changes with a start. */
export async function checkStandingTerms(context: StandingContext): Promise<void> {
  for (const standing of await context.store.list('live')) {
    const terms = await termsNow(context, standing.definition);
    if (!standingLapse(standing, terms, standing.readAt)) continue;
    await context.store.change(standing.id, TWOKEY, (locked, now) => {
      const lapse = standingLapse(locked, terms, now);
      return lapse ? ok(lapse) : err(refusal('request_closed', 'It has been changed meanwhile.'));
    });
  }
}
