import type { PolicyFacts, Verdict } from '../../approvals/policy.ts';
import type { Review, ReviewKind } from '../../approvals/reviews.ts';
import type { Refusal } from '../kernel/errors.ts';
import type { Result } from '../kernel/result.ts';
import type { Plan } from './plan.ts';
import type { OperationRecord, OperationView } from './records.ts';
import type { BoundRules } from './site-policy.ts';

/** An operation that is about to be recorded. */
export interface NewOperation {
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly line: string;
  readonly site: string;
  readonly environment: string;
  readonly requester: string;
  /** The id that the requester used. */
  readonly account: string;
  readonly plan: Plan;
  readonly planHash: string;
  readonly verdict: Exclude<Verdict, { kind: 'refuse' }>;
  /** What the verdict was made of. */
  readonly inputs: PolicyFacts;
  readonly quorum: number;
  readonly requesterCounts: boolean;
  /** How long it usually takes, in milliseconds; null when nobody knows. */
  readonly estimateMs: number | null;
  readonly decideWithinMs: number;
  readonly startWithinMs: number;
  /** The time that somebody named, or null. */
  readonly notBefore: Date | null;
  /** Until when it is held, whatever the votes; null when it is not. */
  readonly opensAt: Date | null;
  /** Why it cannot wait for its window; null when it is no emergency. */
  readonly emergency: string | null;
  readonly rules: BoundRules;
  /** Names the one act of asking; a second request of the same key is the same request. Null when there is no such name. */
  readonly requestKey: string | null;
  /** Channel in which the card is posted. */
  readonly channel: string;
  /** Channel in which a review is opened. */
  readonly auditChannel: string;
  /** The review that it opens, and what open reviews of the requester mean for it; null when it opens none. */
  readonly review: {
    readonly kind: ReviewKind;
    /** Every id of the requester: earlier ones may be recorded under another of theirs. */
    readonly people: readonly string[];
    /**
     * Judged under a lock, so that two requests of one person at once cannot both pass, without the reviews of what this
     * request supersedes; null when nothing bars it.
     */
    readonly bars: ((open: readonly Review[]) => Refusal | null) | null;
  } | null;
}

/** The book of operations: what was asked, and what became of it. */
export interface OperationBook {
  /** The database's time. */
  now(): Promise<Date>;
  /**
   * Records the operation, its audit row and, when nothing has to be waited for, its run; all or nothing.
   * Answers the operation that is there when its request key is known already, a refusal when open reviews bar it.
   * Otherwise what the same person asked for before, word for word and for the same time, and what still waits, ends as
   * superseded.
   */
  open(operation: NewOperation): Promise<Result<OperationRecord, Refusal>>;
  view(id: string): Promise<OperationView | null>;
  /** The last operations, of one site, or of these sites only. */
  history(filter: {
    readonly site: string | null;
    readonly sites?: readonly string[] | null;
    readonly limit: number;
  }): Promise<readonly OperationRecord[]>;
  /** The last operation of the same command on the same site that had started before this one was asked for. */
  runBefore(operation: OperationRecord): Promise<OperationRecord | null>;
  /** How long this command took on this site, the mean of its last successes in milliseconds; null without any. */
  estimate(site: string, command: string): Promise<number | null>;
  /** Operations that have not ended. */
  active(site: string | null): Promise<readonly OperationRecord[]>;
  /** Ends what has not started, asks for the end of what runs. */
  cancel(
    id: string,
    person: string,
    mayCancel: (operation: OperationRecord) => Refusal | null,
  ): Promise<Result<'ended' | 'asked', Refusal>>;
  /** Gives up waiting for a host that does not answer: the operation will end as lost. */
  leave(id: string, person: string): Promise<Result<true, Refusal>>;
  /** Closes an operation that ended badly as seen by a person. */
  markSeen(id: string, person: string): Promise<Result<true, Refusal>>;
}

/** The stored output of operations. */
export interface Journal {
  /** Output of a job from `start` on, at most `limit` bytes; empty at the end. */
  read(jid: string, start: number, limit: number): Promise<Uint8Array>;
}
