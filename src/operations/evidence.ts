import type { AuditRow, PostedHead } from './audit.ts';
import { jobParams } from './execute-step.ts';
import type { Plan } from './plan.ts';
import type { OperationRecord, OperationView } from './records.ts';

/** A plan that people were asked to approve. */
export interface Generation {
  readonly generation: number;
  readonly at: Date;
  readonly planHash: string;
  readonly quorum: number;
  readonly verdict: OperationRecord['verdict'];
  readonly plan: Plan;
}

/** One remote process, with the text that it ran and a digest of what it printed. */
export interface JobEvidence {
  readonly jid: string;
  readonly n: number;
  readonly host: string;
  readonly createdAt: Date;
  /** Null for a job of before scripts were kept. */
  readonly script: { readonly sha256: string; readonly body: string } | null;
  /** Of the stored output, in which known secrets are blanked. */
  readonly output: { readonly bytes: number; readonly sha256: string };
}

export interface EvidenceSource {
  readonly view: OperationView;
  readonly generations: readonly Generation[];
  readonly jobs: readonly JobEvidence[];
  /** Every row of the audit log about the operation. */
  readonly audit: readonly AuditRow[];
  /** The head of the whole log when this was put together. */
  readonly head: PostedHead;
}

/** Actions whose rows hold what the policy said and what it looked at. */
const VERDICTS: ReadonlySet<string> = new Set([
  'operation.requested',
  'operation.started',
  'operation.drifted',
  'operation.reopened',
  'operation.held_again',
  'operation.window_opened',
]);

/** The evidence of an operation as one document: who, what, why it was allowed, what ran, what came of it. No secrets. */
export function buildEvidence({ view, generations, jobs, audit, head }: EvidenceSource) {
  const { operation, steps, votes } = view;
  const planned = [...operation.plan.steps, ...operation.plan.cleanup];
  const events = (fits: (row: AuditRow) => boolean) =>
    audit.filter(fits).map((row) => ({
      row: row.seq,
      at: row.at,
      by: row.actor,
      action: row.action,
      data: JSON.parse(row.data) as unknown,
    }));
  return {
    format: 'twokey evidence 1',
    operation: {
      id: operation.id,
      command: operation.command,
      line: operation.line,
      args: operation.args,
      site: operation.site,
      environment: operation.environment,
      requestedBy: operation.requester,
      requestedAt: operation.createdAt,
      startedAt: operation.startedAt,
      endedAt: operation.endedAt,
      state: operation.state,
      reason: operation.reason,
      result: operation.result,
      cancelRequestedBy: operation.cancelRequestedBy,
      seenBy: operation.seenBy,
      generation: operation.generation,
      planHash: operation.planHash,
    },
    plans: generations,
    verdicts: events((row) => VERDICTS.has(row.action)),
    votes: votes.map(({ operation: _operation, ...vote }) => vote),
    confirmations: events((row) => row.action.startsWith('confirmation.')),
    clicks: events((row) => row.action === 'button.clicked'),
    refusals: events((row) => row.action.endsWith('.refused')),
    steps: steps.map((step) => {
      const plannedStep = planned[step.n - 1];
      return {
        n: step.n,
        step: step.step,
        title: step.title,
        cleanup: step.cleanup,
        state: step.state,
        exitCode: step.exitCode,
        detail: step.detail,
        startedAt: step.startedAt,
        endedAt: step.endedAt,
        secrets: plannedStep?.secrets ?? [],
        jobs: jobs
          .filter((job) => job.n === step.n)
          .map(({ n: _n, ...job }) => ({ ...job, parameters: plannedStep ? jobParams(operation, plannedStep) : {} })),
      };
    }),
    audit: { head, rows: audit },
  };
}

/** An evidence file as it is handed out. */
export interface EvidenceFile {
  readonly name: string;
  readonly text: string;
  readonly sha256: string;
}
