import type { Refusal } from '../src/kernel/errors.ts';
import type { Result } from '../src/kernel/result.ts';
import { type Change, castVote, withdrawVote } from './machine.ts';
import type { RequestStore } from './ports.ts';
import type { Voter } from './request.ts';

/** Counts a vote or says why not. Fifty clicks at once are judged one after the other, each on what the one before left. */
export function vote(
  store: RequestStore,
  operation: string,
  voter: Voter,
  verdict: 'approve' | 'deny',
  reason: string | null,
): Promise<Result<Change, Refusal>> {
  return store.change(operation, { voter, reason }, (request, now) => castVote(request, voter, verdict, now));
}

/** Takes a vote back, as long as the operation has not started. */
export function withdraw(store: RequestStore, operation: string, voter: Voter): Promise<Result<Change, Refusal>> {
  return store.change(operation, { voter, reason: null }, (request, now) => withdrawVote(request, voter, now));
}
