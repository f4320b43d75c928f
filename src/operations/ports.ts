import type { Freeze } from '../../approvals/freezes.ts';
import type { Decision, PolicyFacts, Verdict } from '../../approvals/policy.ts';
import type { Host } from '../estate/types.ts';
import type { Refusal } from '../kernel/errors.ts';
import type { Result } from '../kernel/result.ts';
import type { Secret } from '../kernel/secret.ts';
import type { JobEvent, JobSpec } from '../shell/jobs.ts';
import type { RoomFacts } from './host-room.ts';
import type { LocalTools } from './local.ts';
import type { Plan } from './plan.ts';
import type { OperationRecord, VoteRecord } from './records.ts';
import type { BoundRules } from './site-policy.ts';
import type { OperationState, StepState } from './state.ts';

/** Hosts, as operations use them. Every call is one attempt; trying again is the caller's business. */
export interface HostPort {
  /**
   * Runs a short read-only script and waits for it, 30 seconds unless told otherwise. `stdin` is its standard input, empty
   * without it. Output is bounded.
   */
  run(
    host: Host,
    script: string,
    params: Readonly<Record<string, string>>,
    options?: { readonly timeoutMs: number; readonly stdin?: Secret },
  ): Promise<Result<{ readonly code: number; readonly output: Uint8Array }, Refusal>>;
  /** Starts a job unless it was started before; safe to call again after any crash. */
  start(host: Host, job: JobSpec): Promise<Result<{ readonly fresh: boolean; readonly dir: string }, Refusal>>;
  /** Output from `offset` on. Ends with an `end` event, or throws CodedError when the link is lost. */
  follow(host: Host, jid: string, offset: number, signal: AbortSignal): AsyncIterable<JobEvent>;
  /** TERM to the job's group, KILL after the grace. Answers once the group is dead or could not be reached. */
  kill(host: Host, jid: string, graceSeconds: number): Promise<Result<true, Refusal>>;
  /** Removes what an ended job left on its host, also that it ever was there: only for one that is never asked about again. */
  remove(host: Host, jid: string): Promise<Result<true, Refusal>>;
  /** Removes the output of an ended job and all else that is not needed to know that it has ended. */
  strip(host: Host, jid: string): Promise<Result<true, Refusal>>;
}

export interface SecretPort {
  /** The secret of that name, or a refusal that says where to put it. */
  read(name: string): Promise<Result<Secret, Refusal>>;
}

/** What the gate sees inside the transaction that may start a run. */
export interface ClaimFacts {
  readonly operation: OperationRecord;
  readonly votes: readonly VoteRecord[];
  /** Freezes that hold at this instant. */
  readonly freezes: readonly Freeze[];
  readonly now: Date;
}

/** What a start is judged by: beside the gate's facts the room on its hosts, which nobody else can take meanwhile. */
export interface StartFacts extends ClaimFacts {
  readonly room: RoomFacts;
}

/** The policy as it stands at the start. */
export interface PolicyNow {
  readonly verdict: Verdict;
  /** What the verdict was made of. */
  readonly inputs: PolicyFacts;
  readonly rules: BoundRules;
  readonly requesterCounts: boolean;
}

/** Asks the policy at the database's time about a plan. */
export type AskPolicy = (facts: Pick<ClaimFacts, 'now' | 'freezes'>, plan: Plan) => PolicyNow;

/** What the policy says of an operation that may wait. */
export type WaitingVerdict = Exclude<Verdict, { kind: 'refuse' }>;

/** Another plan or another policy than people were asked about; votes and the confirmation are void. */
export interface Drift {
  readonly kind: 'drift';
  readonly plan: Plan;
  readonly planHash: string;
  readonly rules: BoundRules;
  readonly requesterCounts: boolean;
  /** What has changed, the plan or the policy, in sentences; the first says which. */
  readonly reason: string;
  readonly changes: readonly string[];
  readonly policy: WaitingVerdict;
  /** Until when it is held; null when nothing but people has to be waited for. */
  readonly opensAt: Date | null;
}

/** The gate's verdict on a claim; the store writes what follows from it in the same transaction. */
export type ClaimVerdict = JudgedClaim & {
  /** What the policy said at that instant and what it looked at, for the audit log. */
  readonly decision?: Decision;
};

type JudgedClaim =
  | { readonly kind: 'start' }
  | Drift
  | {
      readonly kind: 'reopen';
      readonly voided: readonly string[];
      /** Whose votes lack the code that the policy asks for. */
      readonly unproved: readonly string[];
      readonly reason: string;
      readonly policy: WaitingVerdict;
      /** Votes that are missing now. */
      readonly missing: number;
      /** What people have to do; null when it goes on by itself. */
      readonly next: string | null;
    }
  | { readonly kind: 'end'; readonly state: OperationState; readonly reason: string; readonly next: string }
  | { readonly kind: 'ignore'; readonly reason: string }
  /** It is judged again later; `behind` are the operations of which one has to end before that can help, if it is these. */
  | { readonly kind: 'wait'; readonly reason: string; readonly behind: readonly string[] };

/** How a local step ended; nobody is ever in doubt about it. */
export type LocalOutcome =
  | { readonly kind: 'succeeded'; readonly result: Readonly<Record<string, string>> }
  | { readonly kind: 'failed'; readonly message: string; readonly next: string }
  | { readonly kind: 'cancelled' };

/** Replaces the plan of an operation that waits. */
export interface ReplanStore {
  /** Shows the operation to `judge` and writes the new plan if it answers one; one transaction, under the row's lock. */
  replan(
    operation: string,
    person: string,
    judge: (facts: ClaimFacts) => Result<Drift | null, Refusal>,
  ): Promise<Result<'same' | 'replaced', Refusal>>;
}

/** The rows that a run reads and writes. Each call is one transaction. */
export interface RunStore {
  load(operation: string): Promise<OperationRecord>;
  /** People whose approval counts for the present plan, before they are resolved anew. */
  voters(operation: string): Promise<readonly string[]>;
  /** Says why a queued operation does not start yet; an empty reason says nothing. */
  waiting(operation: string, reason: string): Promise<void>;
  /** True while this run is queued and each of those operations runs. */
  isBehind(operation: string, runNumber: number, others: readonly string[]): Promise<boolean>;
  /** Judges and writes what follows; of two that need room on the same hosts, the second one sees the first. */
  claim(operation: string, runNumber: number, judge: (facts: StartFacts) => ClaimVerdict): Promise<ClaimVerdict>;
  /** Opens a step unless it is open; `fresh` is true for the one who opened it. */
  openStep(step: {
    operation: string;
    n: number;
    step: string;
    title: string;
    host: string;
    cleanup: boolean;
    /** The text that runs; kept, because a later version of the program may have another. */
    script: string;
  }): Promise<{ readonly jid: string; readonly fresh: boolean }>;
  /** Opens the next attempt of a step whose job is known never to have run; answers its job id. */
  nextAttempt(operation: string, n: number, script: string): Promise<string>;
  setStep(
    operation: string,
    n: number,
    change: { state: StepState; exitCode?: number; detail?: string },
  ): Promise<void>;
  /**
   * Does a local step: opens it, does `work` and writes its outcome, all in one transaction. What was done before is not
   * done again, only answered. A refusal of `work` takes back what it wrote; a cancellation comes before it.
   */
  runLocal(
    step: { operation: string; n: number; step: string; title: string; cleanup: boolean },
    work: (tools: LocalTools) => Promise<Result<Readonly<Record<string, string>>, Refusal>>,
  ): Promise<LocalOutcome>;
  setProgress(operation: string, n: number, progress: string): Promise<void>;
  setState(operation: string, state: 'running' | 'unreachable', reason: string | null): Promise<void>;
  finish(
    operation: string,
    end: { state: OperationState; reason: string; next: string; result?: Readonly<Record<string, string>> },
  ): Promise<void>;
  /** Bytes of the job's output that are stored. */
  journalOffset(jid: string): Promise<number>;
  /** Appends at exactly `offset`; false when somebody else has stored those bytes already. */
  append(jid: string, offset: number, bytes: Uint8Array): Promise<boolean>;
  /** The last `bytes` of a job's stored output. */
  tail(jid: string, bytes: number): Promise<Uint8Array>;
  /** True when a person gave up waiting for the operation's host. */
  isLeft(operation: string): Promise<boolean>;
  /** Who asked to cancel, or null. */
  cancelRequested(operation: string): Promise<string | null>;
  /** Resolves when the operation is asked to be cancelled, or when `signal` aborts. */
  untilCancelled(operation: string, signal: AbortSignal): Promise<string | null>;
}

/** A durable workflow's means: the result of a named step is stored once, and given back when the workflow runs again. */
export interface Durable {
  step<T>(name: string, run: () => Promise<T>): Promise<T>;
}

/** Builds a plan again from what is true now; handed in by the composition root, because operations never look up. */
export type Replan = (operation: OperationRecord) => Promise<Result<Plan, Refusal>>;

/** The people of an operation as they are at its start. */
export interface PeopleNow {
  /** Whether each voter's approval still counts. */
  readonly eligible: ReadonlyMap<string, boolean>;
  /** Why the one who asked for it may not run it any more; null when they may. */
  readonly requester: Refusal | null;
}

/** Resolves the requester and the voters anew. Throws CodedError when nobody can tell (Slack does not answer). */
export type ResolvePeople = (operation: OperationRecord, plan: Plan, voters: readonly string[]) => Promise<PeopleNow>;
