import type { Refusal } from '../src/kernel/errors.ts';
import type { Result } from '../src/kernel/result.ts';
import type { Change } from './machine.ts';
import type { Actor, Request, Voter } from './request.ts';
import type { Standing, StandingChange, StandingDefinition, StandingTerms, StandingVote } from './standing.ts';

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

/** A standing approval that is asked for. */
export interface NewStanding extends StandingTerms {
  readonly requester: string;
  readonly requesterCounts: boolean;
  readonly quorum: number;
  readonly decideWithinMs: number;
  /** How long it holds once it is active. */
  readonly validMs: number;
  /** Channel in which it is shown. */
  readonly channel: string;
}

/** Standing approvals and the votes on them. */
export interface StandingStore {
  /**
   * Refuses a second request for the same definition, and one where an approval holds for more than a week, naming it.
   * The one that becomes active takes the place of the one that was.
   */
  ask(asked: NewStanding): Promise<Result<StandingRecord, Refusal>>;
  find(id: string): Promise<StandingRecord | null>;
  /** The one by which runs of exactly this may start now, or null. */
  activeFor(definition: StandingDefinition): Promise<StandingRecord | null>;
  /** Those that are live, or the last ones that have ended; the newest first. */
  list(which: 'live' | 'ended'): Promise<readonly StandingRecord[]>;
  /** Like RequestStore.change. `by` is a person, or `twokey` for what time and uses bring about. */
  change(
    id: string,
    by: StandingActor,
    judge: (standing: Standing, now: Date) => Result<StandingChange, Refusal>,
  ): Promise<Result<StandingChange, Refusal>>;
}

/** Who changes a standing approval, and with what words. */
export interface StandingActor extends Actor {
  readonly reason: string | null;
  /** True when a code was given with a vote. */
  readonly steppedUp?: boolean;
}

/** A standing approval as people see it. */
export interface StandingRecord extends Standing {
  readonly askedAt: Date;
  readonly activeAt: Date | null;
  /** Why it is what it is; null when there is nothing to say. */
  readonly reason: string | null;
  readonly endedAt: Date | null;
  /** The database's time of reading. */
  readonly readAt: Date;
  /** Grows with every change that people can see. */
  readonly revision: number;
  readonly votes: readonly StandingVoteRecord[];
}

export interface StandingVoteRecord extends StandingVote {
  readonly at: Date;
  readonly reason: string | null;
  readonly voidReason: string | null;
}
