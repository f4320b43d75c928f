import type { Confirmation } from '../../approvals/confirmation.ts';
import type { OperationRecord } from './records.ts';

/** The head of the audit log as it is told on a day. */
export interface DailyHead {
  /** Calendar day in UTC, `2026-11-21`. */
  readonly day: string;
  readonly rows: number;
  readonly head: string;
}

/** Somebody who can be written to. */
export interface Reachable {
  readonly person: string;
  /** An id of theirs that is active. */
  readonly account: string;
}

/**
 * `opened` and `half` call the approvers; `late` says in the channel who has not answered, and tells the admins. Its time
 * is three quarters of the time to decide: of the default hour, fifteen minutes are left to find somebody else.
 */
export type ReminderKind = 'opened' | 'half' | 'late';

/** A request that waits for votes, and which of its reminders is due. */
export interface ReminderDue {
  readonly operation: string;
  readonly generation: number;
  /** Grows whenever votes that were there are missing again. */
  readonly call: number;
  readonly kind: ReminderKind;
  readonly requester: string;
  /** True when the requester's own vote counts. */
  readonly requesterCounts: boolean;
  /** Where its card stands. */
  readonly channel: string;
  /** People whose vote counts for the present plan. */
  readonly voted: readonly string[];
}

/** A request to which a direct message would call somebody, as it stands now; null when there is nothing to decide any more. */
export interface OpenRequest {
  readonly operation: string;
  readonly generation: number;
  readonly call: number;
  readonly command: string;
  readonly site: string;
  readonly environment: string;
  readonly requester: string;
  readonly requesterCounts: boolean;
  readonly why: string;
  readonly decideBy: Date;
  /** Until `decideBy`, in milliseconds. */
  readonly leftMs: number;
  readonly missing: number;
  readonly voted: readonly string[];
  readonly card: { readonly channel: string; readonly ts: string };
}

/** An operation that waits for its requester to confirm it anew, as it stands now. */
export interface Reconfirmation {
  readonly operation: OperationRecord;
  readonly asks: Confirmation;
  /** Where its card stands; `ts` is null while it is posted again. */
  readonly card: { readonly channel: string; readonly ts: string | null };
}

/** The rows behind what is told outside the operations' threads. Writes carry the announcer's epoch. */
export interface NoticeStore {
  /** Records today's head and its message for `channel`, once a day; nothing while the log is empty. */
  noteHead(epoch: number, channel: string): Promise<void>;
  remindersDue(): Promise<readonly ReminderDue[]>;
  /**
   * Records that these people are written to, and for `late` that it is said in the channel; a second call for the same
   * reminder records nothing.
   */
  remind(epoch: number, due: ReminderDue, people: readonly Reachable[]): Promise<void>;
  /** The message is not needed any more; one that was begun may have arrived. */
  drop(epoch: number, post: number): Promise<void>;
  openRequest(operation: string): Promise<OpenRequest | null>;
  /**
   * What the notice `post` tells the requester of an operation whose confirmation became void. Null when nothing is left
   * to confirm, it does not wait any more, or a later notice tells it.
   */
  reconfirmation(operation: string, post: number): Promise<Reconfirmation | null>;
}

/** Who can still vote: every approver but those who have voted already, and the one who asked unless their vote counts. */
export function peopleToRemind(
  request: Pick<ReminderDue, 'requester' | 'requesterCounts' | 'voted'>,
  approvers: readonly Reachable[],
): readonly Reachable[] {
  return approvers.filter(
    ({ person }) => (person !== request.requester || request.requesterCounts) && !request.voted.includes(person),
  );
}
