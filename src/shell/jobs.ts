import type { Refusal } from '../kernel/errors.ts';
import type { Result } from '../kernel/result.ts';
import type { Secret } from '../kernel/secret.ts';
import type { JobEnd, JobState } from './state.ts';
import type { HostTarget } from './transport.ts';

/** One remote process. The same `jid` is never run twice. */
export interface JobSpec {
  /** 1 to 80 letters, digits, `_` and `-`. */
  readonly jid: string;
  /** Constant script text; the job's environment also has TWOKEY_JOB, TWOKEY_DIR and TWOKEY_PROGRESS. */
  readonly body: string;
  /** Set as environment variables `P_name` before the body. Not for secrets. */
  readonly params: Readonly<Record<string, string>>;
  /** The job's standard input. */
  readonly stdin?: Secret;
  /** Name of the lock to hold for the life of everything the job starts; when it is taken, the job ends as `busy`. */
  readonly lock?: string;
  /** Where the log is cut, rounded down to blocks of 512 bytes. Default 2 GiB. */
  readonly capBytes?: number;
}

export type JobEvent =
  | { readonly kind: 'data'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: 'progress'; readonly text: string }
  | { readonly kind: 'alive' }
  | { readonly kind: 'end'; readonly end: JobEnd };

/** What an account finds on its host; one round trip. */
export interface HostProbe {
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  /** `uname -srm`. */
  readonly system: string;
  readonly hostname: string;
  /** Changes whenever the host, or the container that it is, was restarted. */
  readonly bootId: string;
  readonly uptimeSeconds: number;
  /** The host's clock, in seconds since 1970. */
  readonly clock: number;
  /** Programs that jobs need and that are missing there: of `setsid`, `mkfifo` and `flock`. */
  readonly missing: readonly string[];
  readonly baseWritable: boolean;
  /** Of the file system that holds the jobs, in bytes; null when the host does not say. */
  readonly disk: { readonly total: number; readonly free: number } | null;
  /** True: the login manager ends jobs at logout (KillUserProcesses); `loginctl enable-linger` is needed. */
  readonly killsJobsAtLogout: boolean;
}

export interface RunOptions {
  readonly stdin?: Secret;
  /** From the call to the end of the script, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface RunOutput {
  readonly code: number;
  /** stdout and stderr merged, at most 1 MiB. */
  readonly output: Uint8Array;
  readonly truncated: boolean;
}

/** Jobs on hosts. Every call is one attempt over one session; whoever calls decides about trying again. */
export interface Jobs {
  /** Starts a job, or finds it started (`fresh` false). After a lost answer simply call it again. */
  start(
    target: HostTarget,
    spec: JobSpec,
  ): Promise<Result<{ readonly fresh: boolean; readonly dir: string; readonly state: JobState }, Refusal>>;
  /**
   * The job's output from byte `offset` on, live, until its end. Any prefix of it may be stored; go on at the next byte.
   * Throws CodedError `host_unreachable` when the host cannot be dialled and `link_lost` when the link breaks: the job itself goes on. A job that does not
   * start within 15 seconds is voided. Aborting the signal ends the iteration without an `end` event.
   */
  follow(target: HostTarget, jid: string, offset: number, signal?: AbortSignal): AsyncIterable<JobEvent>;
  /** How the job is now. */
  state(target: HostTarget, jid: string): Promise<Result<JobState, Refusal>>;
  /** TERM, and KILL after `graceSeconds`, for all that the job started; a job that has not started never will. */
  kill(target: HostTarget, jid: string, graceSeconds: number): Promise<Result<JobState, Refusal>>;
  /** Makes sure that a job which has not started never will; changes nothing for one that has. */
  void(target: HostTarget, jid: string): Promise<Result<JobState, Refusal>>;
  /**
   * Removes an ended job's directory; one that is not there is fine. After that `start` would run it again. Refusals:
   * operation_ended for a job that lives, precheck_failed where the account cannot remove it, and those of the way there.
   */
  remove(target: HostTarget, jid: string): Promise<Result<void, Refusal>>;
  /**
   * Removes an ended job's output and all else in its directory that is not needed to know that it has ended, so that no
   * `start` ever runs it again; a reader is told that the log was cut. Refusals: as for remove, and operation_ended for a
   * job of which nobody knows the end.
   */
  strip(target: HostTarget, jid: string): Promise<Result<void, Refusal>>;
  probe(target: HostTarget): Promise<Result<HostProbe, Refusal>>;
  /**
   * Runs a short read-only question without a job; parameters as in JobSpec. It is asked once at most: a link that is lost
   * after it was sent gives the refusal `link_lost`, and nobody knows whether it ran to its end. It waits for everything
   * that may still print, and ends on the host at its time limit, and at once when it is given up or the link breaks.
   */
  run(
    target: HostTarget,
    script: string,
    params: Readonly<Record<string, string>>,
    options?: RunOptions,
  ): Promise<Result<RunOutput, Refusal>>;
}
