import type { Refusal } from '../src/kernel/errors.ts';
import type { Result } from '../src/kernel/result.ts';
import { type Change, castVote, confirmRequest, withdrawVote } from './machine.ts';
import type { RequestStore } from './ports.ts';
import type { Ballot, ConfirmationClick, Voter } from './request.ts';

/** Counts a vote or says why not. Fifty clicks at once are judged one after the other, each on what the one before left. */
export function vote(
  store: RequestStore,
  operation: string,
  voter: Voter,
  ballot: Ballot,
  reason: string | null,
): Promise<Result<Change, Refusal>> {
  return store.change(operation, { act: 'vote', voter, reason }, (request, now) =>
    castVote(request, voter, ballot, now),
  );
}

/** Takes a vote back, as long as the operation has not started. */
export function withdraw(store: RequestStore, operation: string, voter: Voter): Promise<Result<Change, Refusal>> {
  return store.change(operation, { act: 'vote', voter, reason: null }, (request, now) =>
    withdrawVote(request, voter, now),
  );
}

/** Takes the requester's confirmation, or says why not. */
export function confirm(
  store: RequestStore,
  operation: string,
  voter: Voter,
  given: ConfirmationClick,
): Promise<Result<Change, Refusal>> {
  return store.change(operation, { act: 'confirmation', voter, reason: given.reason }, (request, now) =>
    confirmRequest(request, voter, given, now),
  );
}
