import type { Closer, Review } from '../../approvals/reviews.ts';
import type { Refusal } from '../kernel/errors.ts';
import type { Result } from '../kernel/result.ts';
import type { OperationState } from './state.ts';

/** A review with what people need to know of its operation. */
export interface ReviewRecord extends Review {
  readonly line: string;
  readonly site: string;
  readonly environment: string;
  /** The reason of an emergency, else the policy's. */
  readonly why: string;
  readonly quorum: number;
  readonly state: OperationState;
}

/** Which reviews are listed: those of these sites, null for all; at most so many. */
export interface ReviewFilter {
  readonly sites: readonly string[] | null;
  readonly limit: number;
}

/** The reviews, as commands and buttons use them. */
export interface ReviewBook {
  /** Open ones, the oldest first; or those that were closed last, the newest first. */
  list(which: 'open' | 'closed', filter: ReviewFilter): Promise<readonly ReviewRecord[]>;
  /** Closes one for good, if this person may; a refused attempt is audited as well. */
  close(operation: string, by: Closer, note: string): Promise<Result<ReviewRecord, Refusal>>;
}

/** The rows behind what is said of reviews. Writes carry the announcer's epoch. */
export interface ReviewNotices {
  find(operation: string): Promise<ReviewRecord | null>;
  /** Records a message for each review that has been open for another whole day: one a day, none for days that were missed. */
  remind(epoch: number): Promise<void>;
  /** Messages of reviews that were closed since they were sent. */
  closedSince(): Promise<readonly { readonly operation: string; readonly channel: string; readonly ts: string }[]>;
  /** The message shows the closing. */
  closingShown(epoch: number, operation: string): Promise<void>;
  /** The message was deleted: the closing is said with a new one. */
  messageGone(epoch: number, operation: string, ts: string): Promise<void>;
}
