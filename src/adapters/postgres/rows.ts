import type { OperationRecord, StepRecord, VoteRecord } from '../../operations/records.ts';

/** A row of twokey.operation as the driver gives it. Only this program writes it, under the schema's constraints. */
export interface OperationRow {
  readonly id: string;
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly line: string;
  readonly site: string;
  readonly environment: string;
  readonly requester: string;
  readonly plan: OperationRecord['plan'];
  readonly plan_hash: string;
  readonly verdict: OperationRecord['verdict'] & { readonly until?: string | Date | null };
  readonly quorum: number;
  readonly requester_counts: boolean;
  readonly state: OperationRecord['state'];
  readonly reason: string | null;
  readonly next: string | null;
  readonly result: Readonly<Record<string, string>> | null;
  readonly generation: number;
  readonly run_number: number;
  readonly revision: number;
  readonly created_at: Date;
  readonly decide_by: Date | null;
  readonly start_by: Date | null;
  readonly not_before: Date | null;
  readonly opens_at: Date | null;
  readonly emergency: string | null;
  readonly rules: OperationRecord['rules'];
  readonly confirmed_at: Date | null;
  readonly confirmed_typed: boolean | null;
  readonly confirmed_reason: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly estimate_ms: number | null;
  readonly cancel_by: string | null;
  readonly seen_by: string | null;
  readonly approvers_left: readonly string[] | null;
}

/** What has not ended, in the words of the index `operation_open`: without them every operation there ever was is read. */
export const NOT_ENDED = `state in ('awaiting', 'held', 'queued', 'running', 'unreachable')`;

export function toOperation(row: OperationRow): OperationRecord {
  const { verdict } = row;
  return {
    id: row.id,
    command: row.command,
    args: row.args,
    line: row.line,
    site: row.site,
    environment: row.environment,
    requester: row.requester,
    plan: row.plan,
    planHash: row.plan_hash,
    // JSON keeps the end of a hold as text.
    verdict:
      verdict.kind === 'hold' && verdict.until !== null ? { ...verdict, until: new Date(verdict.until) } : verdict,
    quorum: row.quorum,
    requesterCounts: row.requester_counts,
    state: row.state,
    reason: row.reason,
    next: row.next,
    result: row.result,
    generation: row.generation,
    runNumber: row.run_number,
    revision: row.revision,
    createdAt: row.created_at,
    decideBy: row.decide_by,
    startBy: row.start_by,
    notBefore: row.not_before,
    opensAt: row.opens_at,
    emergency: row.emergency,
    confirmed:
      row.confirmed_at === null
        ? null
        : { at: row.confirmed_at, typed: row.confirmed_typed === true, reason: row.confirmed_reason },
    rules: row.rules,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    estimateMs: row.estimate_ms,
    cancelRequestedBy: row.cancel_by,
    approversLeft: row.approvers_left,
    seenBy: row.seen_by,
  };
}

/** A row of twokey.step joined with its latest job. */
export interface StepRow {
  readonly operation: string;
  readonly n: number;
  readonly step: string;
  readonly title: string;
  readonly cleanup: boolean;
  readonly state: StepRecord['state'];
  readonly host: string;
  readonly jid: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly exit_code: number | null;
  readonly detail: string | null;
  readonly progress: string | null;
  readonly output_bytes: number;
}

export function toStep(row: StepRow): StepRecord {
  return {
    operation: row.operation,
    n: row.n,
    step: row.step,
    title: row.title,
    cleanup: row.cleanup,
    state: row.state,
    host: row.host,
    jid: row.jid,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    exitCode: row.exit_code,
    detail: row.detail,
    progress: row.progress,
    outputBytes: row.output_bytes,
  };
}

/** A row of twokey.vote. */
export interface VoteRow {
  readonly operation: string;
  readonly generation: number;
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly reason: string | null;
  readonly at: Date;
  readonly withdrawn_at: Date | null;
  readonly void_reason: string | null;
  readonly step_up: boolean;
}

export function toVote(row: VoteRow): VoteRecord {
  return {
    operation: row.operation,
    generation: row.generation,
    person: row.person,
    verdict: row.verdict,
    reason: row.reason,
    at: row.at,
    withdrawnAt: row.withdrawn_at,
    voidReason: row.void_reason,
    steppedUp: row.step_up,
  };
}
