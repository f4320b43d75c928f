import type { ThingKind } from '../src/estate/thing.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';
import { nameInWords } from './confirmation.ts';
import type { Ballot, ConfirmationClick, Request, Voter } from './request.ts';

/** What a click changes. The caller writes it in the transaction in which it read the request. */
export type Change =
  | { readonly kind: 'vote'; readonly verdict: 'approve' | 'deny'; readonly becomes: 'open' | 'approved' | 'denied' }
  | { readonly kind: 'withdraw'; readonly becomes: 'open' | 'approved' }
  | { readonly kind: 'confirm'; readonly typed: boolean; readonly becomes: 'open' | 'approved' };

/** Distinct people whose approval counts now: not withdrawn, of this generation, never the requester unless configured. */
export function countedApprovers(request: Request): string[] {
  const people = request.votes
    .filter((vote) => vote.verdict === 'approve' && !vote.withdrawn && vote.generation === request.generation)
    .map((vote) => vote.person)
    .filter((person) => request.requesterCounts || person !== request.requester);
  return [...new Set(people)];
}

function closed(request: Request): Refusal {
  const words: Record<Request['state'], string> = {
    open: 'is open',
    approved: 'has been approved already',
    denied: 'has been denied',
    expired: 'has expired',
    cancelled: 'has been cancelled',
    started: 'has started already',
  };
  return refusal('request_closed', `This request ${words[request.state]}.`);
}

function mayVote(request: Request, voter: Voter, { verdict, shown }: Ballot): Refusal | null {
  if (!voter.fullMember)
    return refusal('foreign_user', 'Guests, bots, deactivated people and other workspaces never vote.');
  if (voter.person === request.requester && verdict === 'approve' && !request.requesterCounts) {
    return refusal('self_approval', 'You asked for this, so your own approval cannot count.');
  }
  const ownDeny = voter.person === request.requester && verdict === 'deny';
  const ownCounts = voter.person === request.requester && request.requesterCounts;
  if (!voter.approver && !ownDeny && !ownCounts) return refusal('not_approver', 'You are not an approver.');
  if (verdict === 'deny') return null;
  const stale = staleCard(request, shown);
  if (stale) return stale;
  if (voter.stepUp !== undefined || !request.stepUpRequired) return null;
  return refusal('step_up_required', 'Approvals here need a code of your authenticator app, and you are not enrolled.');
}

/**
 * Why a click on a card that showed the plan of generation `shown` cannot count for the present plan, which the person
 * has not seen; null when it is the present plan.
 */
function staleCard({ generation }: Request, shown: number | null): Refusal | null {
  if (shown === generation) return null;
  const why =
    shown === null
      ? 'The card that you pressed does not say which version of the plan it showed'
      : `The plan has changed since the card that you pressed: it showed version ${shown}, and now it is version ${generation}`;
  return refusal(
    'drift',
    `${why}. Your click counts for nothing.`,
    'Look at the card as it is drawn now, and press again.',
  );
}

/**
 * Judges a click on Approve or Deny at the database's time `now`. Any deny ends the request, also one that is
 * approved but has not started. An approval counts only for the plan that the pressed card showed (drift). A vote cannot
 * be changed, only withdrawn before the start.
 */
export function castVote(request: Request, voter: Voter, ballot: Ballot, now: Date): Result<Change, Refusal> {
  const { verdict } = ballot;
  const denyAfterApproval = verdict === 'deny' && request.state === 'approved';
  if (request.state !== 'open' && !denyAfterApproval) return err(closed(request));
  if (request.state === 'open' && now >= request.decideBy)
    return err(refusal('expired', 'The time to decide is over.'));
  const objection = mayVote(request, voter, ballot);
  if (objection) return err(objection);
  const own = request.votes.filter(
    (vote) => vote.person === voter.person && vote.generation === request.generation && !vote.withdrawn,
  );
  if (own.some((vote) => vote.verdict === verdict)) return err(refusal('already_voted', 'Your vote counts already.'));
  if (verdict === 'deny') return ok({ kind: 'vote', verdict, becomes: 'denied' });
  const approvers = new Set(countedApprovers(request)).add(voter.person);
  return ok({ kind: 'vote', verdict, becomes: stateWith(request, approvers.size, request.unconfirmed === null) });
}

/** Approved takes both: the quorum, and all that the requester has to confirm. */
function stateWith(request: Request, approvers: number, confirmed: boolean): 'open' | 'approved' {
  return confirmed && approvers >= request.quorum ? 'approved' : 'open';
}

/**
 * Judges a click on Withdraw: possible until the operation starts; it re-opens a request that was approved, unless the
 * quorum is reached without that vote. After the time to decide that means that it expires.
 */
export function withdrawVote(request: Request, voter: Voter, now: Date): Result<Change, Refusal> {
  if (request.state !== 'open' && request.state !== 'approved') return err(closed(request));
  if (request.state === 'open' && now >= request.decideBy)
    return err(refusal('expired', 'The time to decide is over.'));
  const own = request.votes.find(
    (vote) => vote.person === voter.person && vote.generation === request.generation && !vote.withdrawn,
  );
  if (!own) return err(refusal('request_closed', 'You have no vote here to withdraw.', 'Nothing to do.'));
  const left = countedApprovers(request).filter((person) => person !== voter.person).length;
  const stays = request.state === 'approved' && stateWith(request, left, request.unconfirmed === null) === 'approved';
  return ok({ kind: 'withdraw', becomes: stays ? 'approved' : 'open' });
}

/**
 * Judges a confirmation: by the requester alone, for the plan that the pressed card showed, with the name of what it works
 * on exactly as it is written and a reason where these are asked for. Refusals: not_requester, already_confirmed,
 * wrong_name, drift, bad_arguments, and those of a request that is closed or expired.
 */
export function confirmRequest(
  request: Request,
  voter: Voter,
  given: ConfirmationClick,
  now: Date,
): Result<Change, Refusal> {
  const { unconfirmed } = request;
  if (!voter.fullMember)
    return err(refusal('foreign_user', 'Guests, bots, deactivated people and other workspaces never confirm.'));
  if (voter.person !== request.requester)
    return err(refusal('not_requester', 'Only the person who asked for this can confirm it.'));
  if ((request.state === 'open' || request.state === 'approved') && unconfirmed === null)
    return err(refusal('already_confirmed', 'Nothing is left to confirm here.'));
  if (request.state !== 'open' || unconfirmed === null) return err(closed(request));
  if (now >= request.decideBy) return err(refusal('expired', 'The time to confirm it is over.'));
  const stale = staleCard(request, given.shown);
  if (stale) return err(stale);
  const { asks, of, name } = unconfirmed;
  if (asks.kind === 'typed') {
    if (given.name === null)
      return err(
        refusal('wrong_name', `This asks for ${nameInWords(of)}.`, 'Press Confirm on its card as it stands now.'),
      );
    if (given.name !== name) return err(wrongName(of, name));
    if (asks.reason && (given.reason ?? '').trim() === '')
      return err(refusal('bad_arguments', 'This asks for a reason.', 'Press Confirm again and say why.'));
  }
  const becomes = stateWith(request, countedApprovers(request).length, true);
  return ok({ kind: 'confirm', typed: given.name !== null, becomes });
}

/** What is said of a name that is another one. */
function wrongName(of: ThingKind, name: string): Refusal {
  return refusal('wrong_name', `That is not ${nameInWords(of)}. It is written ${name}, exactly so.`);
}

/**
 * The last look, in the transaction that starts the run: which approvals still count after every voter has been
 * resolved anew (`eligible` by person), and whether they reach the quorum. `unproved` are those of people who may vote
 * but gave no code where one is required. Nothing is reached while the requester has not confirmed what has to be
 * confirmed.
 */
export function quorumAtStart(
  request: Request,
  eligible: ReadonlyMap<string, boolean>,
): {
  readonly reached: boolean;
  readonly counted: readonly string[];
  readonly voided: readonly string[];
  readonly unproved: readonly string[];
} {
  const approvers = countedApprovers(request);
  const may = approvers.filter((person) => eligible.get(person) === true);
  const proved = (person: string) =>
    !request.stepUpRequired ||
    request.votes.some(
      (vote) =>
        vote.person === person &&
        vote.generation === request.generation &&
        vote.verdict === 'approve' &&
        !vote.withdrawn &&
        vote.steppedUp,
    );
  const counted = may.filter(proved);
  const voided = approvers.filter((person) => eligible.get(person) !== true);
  return {
    reached: stateWith(request, counted.length, request.unconfirmed === null) === 'approved',
    counted,
    voided,
    unproved: may.filter((person) => !proved(person)),
  };
}

/** True once the time to decide is over, and votes or the confirmation are missing. */
export function hasExpired(request: Request, now: Date): boolean {
  return request.state === 'open' && now >= request.decideBy;
}
