import type { ThingKind } from '../src/estate/thing.ts';
import type { Confirmation } from './confirmation.ts';

/** What approvals know of an operation: just enough to judge votes. */
export interface Request {
  readonly operation: string;
  /** Grows when the plan is replaced; votes count only for the generation in which they were given. */
  readonly generation: number;
  readonly planHash: string;
  /** The person who asked (people, not Slack ids). */
  readonly requester: string;
  readonly state: RequestState;
  readonly quorum: number;
  readonly requesterCounts: boolean;
  /** True when the policy takes approvals only with a code of the voter's second factor. */
  readonly stepUpRequired: boolean;
  /** Until when votes are taken. */
  readonly decideBy: Date;
  readonly votes: readonly Vote[];
  /** What the requester still has to confirm, and the name to type for it; null when nothing is left. */
  readonly unconfirmed: {
    readonly asks: Confirmation;
    /** What it works on, whose name has to be typed. */
    readonly of: ThingKind;
    readonly name: string;
  } | null;
}

export type RequestState = 'open' | 'approved' | 'denied' | 'expired' | 'cancelled' | 'started';

export interface Vote {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly generation: number;
  readonly withdrawn: boolean;
  /** True when a code was given with it. */
  readonly steppedUp: boolean;
}

/**
 * What a click decides. An approval stands for the plan that the pressed card showed: `shown` is that plan's generation,
 * null when the card does not say. A denial needs none, nor do taking a vote back and cancelling: at worst these stop
 * what would have been approved, and it can be asked for again.
 */
export type Ballot =
  | { readonly verdict: 'approve'; readonly shown: number | null }
  | { readonly verdict: 'deny'; readonly shown?: never };

/** What comes with a click on Confirm or in its form. */
export interface ConfirmationClick {
  /** The generation of the plan that the pressed card showed; null when the card does not say. */
  readonly shown: number | null;
  /** What was typed as the name; null for a click without a form. */
  readonly name: string | null;
  readonly reason: string | null;
}

/** A person who does something. */
export interface Actor {
  /** Their main id: people are told apart by it. */
  readonly person: string;
  /** The id that they used. */
  readonly account: string;
}

/** Somebody who clicks, resolved at the moment of the click. */
export interface Voter extends Actor {
  /** False for guests, bots, deactivated accounts and members of other workspaces. */
  readonly fullMember: boolean;
  readonly approver: boolean;
  /** That a code was given with this very click. */
  readonly stepUp?: true;
}
