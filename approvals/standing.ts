import { canonicalJson } from '../src/kernel/canonical.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { sha256 } from '../src/kernel/ids.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';
import { describeDifferences } from './differences.ts';
import { castVote, countedApprovers, quorumAtStart, withdrawVote } from './machine.ts';
import type { Request, RequestState, Voter } from './request.ts';
import { codesRequired } from './step-up.ts';

/** What a schedule does, and when: all that a standing approval is bound to. */
export interface StandingDefinition {
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly site: string;
  /** Five fields, as parseCron answers them. */
  readonly cron: string;
  /** IANA zone in which the cron expression is read. */
  readonly zone: string;
}

/** What holds now, to be compared with what was approved. */
export interface StandingTerms {
  readonly definition: StandingDefinition;
  /** The policy's rules, by the words in which a difference is told. */
  readonly rules: Readonly<Record<string, string>>;
}

/**
 * open: waits for its first quorum · active: may be used · suspended: was active and has lost votes, takes new ones ·
 * the other four are ends.
 */
export type StandingState = LiveState | 'denied' | 'expired' | 'void' | 'revoked';
/** As long as it can still be used, or become so. */
export type LiveState = 'open' | 'active' | 'suspended';

/** A standing approval: the quorum for every run of one schedule, given once and for a time. */
export interface Standing extends StandingTerms {
  readonly id: string;
  readonly requester: string;
  readonly requesterCounts: boolean;
  readonly quorum: number;
  readonly state: StandingState;
  /** Until when the first quorum may be reached. */
  readonly decideBy: Date;
  /** End of what it approves, counted from its first activation; null before that. */
  readonly expiresAt: Date | null;
  readonly votes: readonly StandingVote[];
}

export interface StandingVote {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  /** True for a vote that was taken back, or was voided. */
  readonly withdrawn: boolean;
  /** True when a code was given with it. */
  readonly steppedUp: boolean;
}

/** What happens to a standing approval. The caller writes it in the transaction in which it was judged. */
export type StandingChange =
  | {
      readonly kind: 'vote';
      readonly verdict: 'approve' | 'deny';
      readonly becomes: LiveState | 'denied';
    }
  | { readonly kind: 'withdraw'; readonly becomes: LiveState }
  | {
      readonly kind: 'suspend';
      readonly becomes: 'suspended';
      readonly voided: readonly string[];
      readonly reason: string;
    }
  | { readonly kind: 'void'; readonly becomes: 'void'; readonly reason: string }
  | { readonly kind: 'revoke'; readonly becomes: 'revoked' }
  | { readonly kind: 'expire'; readonly becomes: 'expired'; readonly reason: string }
  | { readonly kind: 'use'; readonly becomes: 'active'; readonly counted: readonly string[] };

/** How long before its end a standing approval is announced to expire, in milliseconds. */
export const ANNOUNCED_BEFORE_MS = 7 * 86_400_000;

/**
 * Votes on operations belong to a generation of their plan; a standing approval has one for all its life. Its terms are
 * never replaced: other terms end it, and what is asked for then has another id. So a click on any of its messages,
 * however old, can only count for what that message showed.
 */
export const STANDING_GENERATION = 1;

/** The hash to which votes are bound: lower-case hexadecimal SHA-256 of the canonical JSON. */
export function hashDefinition(definition: StandingDefinition): string {
  return sha256(canonicalJson(definition));
}

export function isLive(state: StandingState): state is LiveState {
  return state === 'open' || state === 'active' || state === 'suspended';
}

const ENDED_WORDS: Readonly<Record<Exclude<StandingState, LiveState>, string>> = {
  denied: 'has been denied',
  expired: 'has expired',
  void: 'is void',
  revoked: 'has been revoked',
};
const ASK_AGAIN = 'Ask for it again if it is still wanted.';

function closed(state: Exclude<StandingState, LiveState>): Refusal {
  return refusal('request_closed', `This standing approval ${ENDED_WORDS[state]}.`, ASK_AGAIN);
}

/** The same thing as votes on operations see it, so that the same rules judge it. */
function asRequest(standing: Standing): Request {
  const states: Readonly<Record<StandingState, RequestState>> = {
    open: 'open',
    suspended: 'open',
    active: 'approved',
    denied: 'denied',
    expired: 'expired',
    void: 'cancelled',
    revoked: 'cancelled',
  };
  return {
    operation: standing.id,
    generation: STANDING_GENERATION,
    planHash: hashDefinition(standing.definition),
    requester: standing.requester,
    state: states[standing.state],
    quorum: standing.quorum,
    requesterCounts: standing.requesterCounts,
    stepUpRequired: codesRequired(standing.rules),
    decideBy: standing.expiresAt ?? standing.decideBy,
    votes: standing.votes.map((vote) => ({ ...vote, generation: STANDING_GENERATION })),
    unconfirmed: null,
  };
}

/** People whose approval counts, before they are resolved anew. */
export function standingApprovers(standing: Standing): string[] {
  return countedApprovers(asRequest(standing));
}

/** A time that is over, or terms that are no longer those that were approved; null when neither. */
export function standingLapse(standing: Standing, terms: StandingTerms, now: Date): StandingChange | null {
  if (!isLive(standing.state)) return null;
  if (now >= (standing.expiresAt ?? standing.decideBy)) {
    const reason = standing.expiresAt === null ? 'Nobody decided in time.' : 'Its time is over.';
    return { kind: 'expire', becomes: 'expired', reason };
  }
  if (canonicalJson(standing.definition) !== canonicalJson(terms.definition)) {
    const changes = describeDifferences(fieldsOf(standing.definition), fieldsOf(terms.definition)).join('; ');
    return { kind: 'void', becomes: 'void', reason: `What would run is no longer what was approved: ${changes}` };
  }
  const changes = describeDifferences(standing.rules, terms.rules);
  if (changes.length === 0) return null;
  const reason = `The policy is no longer the one under which it was approved: ${changes.join('; ')}`;
  return { kind: 'void', becomes: 'void', reason };
}

function fieldsOf({ args, ...plain }: StandingDefinition): Record<string, string> {
  return {
    ...plain,
    ...Object.fromEntries(Object.entries(args).map(([key, value]) => [`argument ${key}`, value])),
  };
}

/**
 * Judges a click on Approve or Deny: the rules of requests (people, not ids; never the requester unless the policy lets
 * it; any deny ends it). Terms that changed void it instead. An active one is not denied but revoked.
 */
export function voteOnStanding(
  standing: Standing,
  voter: Voter,
  verdict: 'approve' | 'deny',
  terms: StandingTerms,
  now: Date,
): Result<StandingChange, Refusal> {
  if (!isLive(standing.state)) return err(closed(standing.state));
  const lapse = standingLapse(standing, terms, now);
  if (lapse) return ok(lapse);
  if (standing.state === 'active')
    return err(
      refusal(
        'request_closed',
        'This standing approval is active already.',
        verdict === 'deny' ? 'Press *Revoke* to end it.' : 'Nothing to do.',
      ),
    );
  const ballot = verdict === 'deny' ? { verdict } : { verdict, shown: STANDING_GENERATION };
  const judged = castVote(asRequest(standing), voter, ballot, now);
  if (!judged.ok) return judged;
  if (verdict === 'deny') return ok({ kind: 'vote', verdict, becomes: 'denied' });
  const complete = judged.value.becomes === 'approved';
  return ok({ kind: 'vote', verdict, becomes: complete ? 'active' : standing.state });
}

/** Judges a click on Withdraw. One that was active and falls below its quorum is suspended. */
export function withdrawFromStanding(standing: Standing, voter: Voter, now: Date): Result<StandingChange, Refusal> {
  if (!isLive(standing.state)) return err(closed(standing.state));
  const judged = withdrawVote(asRequest(standing), voter, now);
  if (!judged.ok) return judged;
  const falls = standing.state === 'active' && judged.value.becomes === 'open';
  return ok({ kind: 'withdraw', becomes: falls ? 'suspended' : standing.state });
}

/** Judges the revocation of a standing approval, by any approver or admin, for a reason. */
export function revokeStanding(
  standing: Standing,
  by: Voter & { readonly admin: boolean },
  reason: string,
): Result<StandingChange, Refusal> {
  if (!by.fullMember)
    return err(refusal('foreign_user', 'Guests, bots, deactivated people and other workspaces never revoke.'));
  if (!by.approver && !by.admin) return err(refusal('not_allowed', 'Only approvers and admins may revoke.'));
  if (!isLive(standing.state)) return err(closed(standing.state));
  if (reason.trim() === '') return err(refusal('bad_arguments', 'A revocation needs a reason.'));
  return ok({ kind: 'revoke', becomes: 'revoked' });
}

/**
 * The look at each use, with what would run now and with every voter resolved anew (`eligible` by person). Only `use`
 * lets a run start; every other change says why it does not.
 */
export function standingAtStart(
  standing: Standing,
  terms: StandingTerms,
  eligible: ReadonlyMap<string, boolean>,
  now: Date,
): Result<StandingChange, Refusal> {
  const lapse = standingLapse(standing, terms, now);
  if (lapse) return ok(lapse);
  if (standing.state !== 'active') {
    const next = isLive(standing.state) ? 'It needs more approvals.' : ASK_AGAIN;
    return err(refusal('request_closed', `The standing approval ${standing.id} is ${standing.state}.`, next));
  }
  const { reached, counted, voided } = quorumAtStart(asRequest(standing), eligible);
  if (reached) return ok({ kind: 'use', becomes: 'active', counted });
  // Votes without a code need no word here: a policy that begins to require them is another policy, which voids it all.
  const who = voided.map((person) => `<@${person}>`).join(', ');
  const reason = `${who} may not approve any more, so ${standing.quorum - counted.length} more to approve.`;
  return ok({ kind: 'suspend', becomes: 'suspended', voided, reason });
}

/** Whether it is time to say that it expires within a week. */
export function expiresSoon({ state, expiresAt }: Standing, now: Date): boolean {
  if (expiresAt === null || (state !== 'active' && state !== 'suspended')) return false;
  return now.getTime() >= expiresAt.getTime() - ANNOUNCED_BEFORE_MS && now < expiresAt;
}
