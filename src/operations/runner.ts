import { sleep } from '../kernel/clock.ts';
import { messageOf, type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { park } from './attach.ts';
import { executeStep, type StepContext, type StepOutcome } from './execute-step.ts';
import { judgeClaim, judgeWithoutPlan } from './gate.ts';
import { whenRoom } from './host-room.ts';
import type { Plan } from './plan.ts';
import type { AskPolicy, ClaimVerdict, Durable, PeopleNow, Replan, ResolvePeople } from './ports.ts';
import type { OperationRecord } from './records.ts';

export interface RunContext extends StepContext {
  readonly replan: Replan;
  readonly resolvePeople: ResolvePeople;
  /** The policy as it stands now, to be asked in the transaction of the claim. */
  readonly policy: (operation: OperationRecord) => Promise<AskPolicy>;
}

/**
 * One run of an operation, from the claim to the outcome. Called by the durable engine; called again after any crash,
 * with the results of finished steps given back by `durable`, so every name below must stay what it is.
 */
export async function runOperation(
  durable: Durable,
  context: RunContext,
  operationId: string,
  runNumber: number,
): Promise<string> {
  const claim = await durable.step('claim', () => claimRun(context, operationId, runNumber));
  if (claim !== 'start') return claim;
  const operation = await context.store.load(operationId);
  const results: Record<string, string> = {};
  let failed: Failed | null = null;
  let endedAt = 0;
  for (const [index, planned] of operation.plan.steps.entries()) {
    const n = index + 1;
    const outcome = await durable.step(`step:${n}:${planned.step}`, () =>
      executeStep(context, operation, n, planned, false),
    );
    if (outcome.kind !== 'succeeded') {
      failed = { ...outcome, aftermath: planned.aftermath ?? '' };
      endedAt = n;
      break;
    }
    Object.assign(results, outcome.result);
  }
  // A lost step may still be running, so nothing is cleaned up behind its back.
  const cleaned =
    failed !== null && failed.kind !== 'lost' ? await cleanUp(durable, context, operation, endedAt) : null;
  return durable.step('finish', async () => {
    const end = outcomeOf(failed, results, cleaned);
    await context.store.finish(operationId, end);
    return end.state;
  });
}

async function cleanUp(
  durable: Durable,
  context: RunContext,
  operation: OperationRecord,
  endedAt: number,
): Promise<string | null> {
  const problems: string[] = [];
  for (const [index, planned] of operation.plan.cleanup.entries()) {
    if (planned.since !== undefined && endedAt < planned.since) continue;
    const n = operation.plan.steps.length + index + 1;
    const outcome = await durable.step(`cleanup:${n}:${planned.step}`, () =>
      executeStep(context, operation, n, planned, true),
    );
    if (outcome.kind === 'failed' || outcome.kind === 'lost') problems.push(outcome.message);
  }
  return problems.length > 0 ? problems.join(' ') : null;
}

/** How the step ended at which the run stopped, and what that leaves behind. */
type Failed = Exclude<StepOutcome, { kind: 'succeeded' }> & { readonly aftermath: string };

/** How a run ends, in the words of its card. */
export function outcomeOf(
  failed: Failed | null,
  result: Readonly<Record<string, string>>,
  cleanupProblem: string | null,
) {
  if (failed === null) return { state: 'succeeded', reason: '', next: '', result } as const;
  const left = failed.aftermath === '' ? '' : ` ${failed.aftermath}`;
  const extra = `${cleanupProblem === null ? '' : ` Cleaning up failed as well: ${cleanupProblem}`}${left}`;
  switch (failed.kind) {
    case 'cancelled':
      return {
        state: 'cancelled',
        reason: `It was cancelled${cleanupProblem === null ? ' and cleaned up' : ''}.${extra}`,
        next: 'Send the command again if it is still wanted.',
      } as const;
    case 'failed':
      return {
        state: 'failed',
        reason: extra === '' ? failed.message : sentence(failed.message) + extra,
        next: failed.next,
      } as const;
    case 'lost':
      return {
        state: 'lost',
        reason: failed.message + left,
        next: 'Look at the host. Then press Retry to run the command again from the start, or Leave to close this as seen.',
      } as const;
    default:
      return failed satisfies never;
  }
}

/** What a step said, for more to follow: it may have ended in the words of a program. */
const sentence = (message: string): string => (/[.!?]$/.test(message) ? message : `${message}.`);

/** While it waits for room everything is judged anew after so many looks, a second apart: a window may have closed. */
const LOOKS = 15;

/**
 * Claims the run. Waits while the host or Slack does not answer, for without them nobody can tell whether it may start,
 * and while there is no room on its hosts; what has been claimed has its room already.
 */
async function claimRun(context: RunContext, operationId: string, runNumber: number): Promise<string> {
  for (;;) {
    if (context.stopping.aborted) return park();
    const operation = await context.store.load(operationId);
    // This very run was claimed, and the process died before the engine had noted that.
    const claimed = operation.state === 'running' || operation.state === 'unreachable';
    if (claimed && operation.runNumber === runNumber) return 'start';
    if (operation.state !== 'queued' || operation.runNumber !== runNumber) return 'ignored';
    const fresh = await gather(context, operation);
    const verdict = await claim(context, operation, runNumber, fresh);
    if (verdict.kind !== 'wait') return verdict.kind;
    await context.store.waiting(operationId, verdict.reason);
    await untilWorthwhile(context, operationId, runNumber, verdict.behind);
  }
}

/** A pause before it is judged again. Whoever waits for room only looks at rows meanwhile, and leaves the busy host alone. */
async function untilWorthwhile(
  { store, stopping }: RunContext,
  operationId: string,
  runNumber: number,
  behind: readonly string[],
): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    await sleep(1_000, stopping);
    if (stopping.aborted || behind.length === 0 || !(await store.isBehind(operationId, runNumber, behind))) return;
  }
}

interface Fresh extends PeopleNow {
  readonly plan: Plan;
}

async function gather(context: RunContext, operation: OperationRecord): Promise<Result<Fresh, Refusal>> {
  const plan = await context.replan(operation);
  if (!plan.ok) return plan;
  const votes = await context.store.voters(operation.id);
  try {
    return ok({ plan: plan.value, ...(await context.resolvePeople(operation, plan.value, votes)) });
  } catch (error) {
    const message = `Slack does not answer, so the people cannot be checked: ${messageOf(error)}`;
    return err(refusal('internal', message, 'It goes on by itself.'));
  }
}

async function claim(
  context: RunContext,
  operation: OperationRecord,
  runNumber: number,
  fresh: Result<Fresh, Refusal>,
): Promise<ClaimVerdict> {
  if (!fresh.ok) {
    // What it works on may be gone; then there is nothing to ask the policy about.
    const why = fresh.error;
    return context.store.claim(operation.id, runNumber, (facts) => judgeWithoutPlan(facts, why, runNumber));
  }
  const policy = await context.policy(operation);
  return context.store.claim(operation.id, runNumber, (facts) => {
    const asked = policy(facts, fresh.value.plan);
    const decision = { verdict: asked.verdict, inputs: asked.inputs };
    const judged = judgeClaim(facts, fresh.value, () => asked, runNumber);
    return { ...whenRoom(judged, facts.operation, facts.room), decision };
  });
}
