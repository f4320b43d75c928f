import type { Refusal } from '../src/kernel/errors.ts';
import type { Result } from '../src/kernel/result.ts';
import type { Change } from './machine.ts';
import type { Request, Voter } from './request.ts';

/** Requests and votes, as the service needs them. */
export interface RequestStore {
  /**
   * Locks the request, shows it with the database's time to `judge`, and writes the change it answers, with its audit
   * row, in the same transaction; a refusal leaves an audit row that names the `act`. When the change makes the request
   * approved, the run is queued in that transaction too.
   */
  change(
    operation: string,
    by: { readonly act: 'vote' | 'confirmation'; readonly voter: Voter; readonly reason: string | null },
    judge: (request: Request, now: Date) => Result<Change, Refusal>,
  ): Promise<Result<Change, Refusal>>;
}
