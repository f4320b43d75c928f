import type { Confirmed } from '../../approvals/confirmation.ts';
import type { Verdict } from '../../approvals/policy.ts';
import type { Plan } from './plan.ts';
import type { BoundRules } from './site-policy.ts';
import type { OperationState, StepState } from './state.ts';

/** A row of the operations table. Times are the database's. */
export interface OperationRecord {
  readonly id: string;
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  /** What the person typed, normalised. */
  readonly line: string;
  readonly site: string;
  readonly environment: string;
  readonly requester: string;
  readonly plan: Plan;
  readonly planHash: string;
  readonly verdict: Exclude<Verdict, { kind: 'refuse' }>;
  readonly quorum: number;
  /** True when the policy lets the requester be one of the approvers. */
  readonly requesterCounts: boolean;
  readonly state: OperationState;
  /** Why it ended so, or why it waits; null when there is nothing to say. */
  readonly reason: string | null;
  readonly next: string | null;
  readonly result: Readonly<Record<string, string>> | null;
  readonly generation: number;
  readonly runNumber: number;
  /** Grows with every change that people can see. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly decideBy: Date | null;
  readonly startBy: Date | null;
  /** The time that somebody named with `--at`; null without one. */
  readonly notBefore: Date | null;
  /** When a held operation may go on; null while it is not held, or nobody can tell. */
  readonly opensAt: Date | null;
  /** Why it cannot wait for its window; null when it is no emergency. */
  readonly emergency: string | null;
  /** What the requester has confirmed of the present plan; null before. */
  readonly confirmed: (Confirmed & { readonly at: Date }) | null;
  /** The rules under which votes are given; null for operations that are older than these. */
  readonly rules: BoundRules | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly estimateMs: number | null;
  readonly cancelRequestedBy: string | null;
  /** Who can still approve it, when these are fewer than it needs; null while they suffice. */
  readonly approversLeft: readonly string[] | null;
  /** Who has looked at an operation that ended badly, or null. */
  readonly seenBy: string | null;
}

export interface StepRecord {
  readonly operation: string;
  /** 1 for the first; cleanup steps go on counting. */
  readonly n: number;
  readonly step: string;
  readonly title: string;
  readonly cleanup: boolean;
  readonly state: StepState;
  readonly host: string;
  readonly jid: string | null;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  readonly exitCode: number | null;
  readonly detail: string | null;
  readonly progress: string | null;
  /** Bytes of output in the journal. */
  readonly outputBytes: number;
}

export interface VoteRecord {
  readonly operation: string;
  readonly generation: number;
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly reason: string | null;
  readonly at: Date;
  readonly withdrawnAt: Date | null;
  readonly voidReason: string | null;
  /** True when a code of the voter's authenticator app was given with it. */
  readonly steppedUp: boolean;
}

/** Everything a card shows. */
export interface OperationView {
  readonly operation: OperationRecord;
  readonly steps: readonly StepRecord[];
  readonly votes: readonly VoteRecord[];
  /** The database's time at which this was read, for elapsed times. */
  readonly readAt: Date;
}
