import { barredByReviews } from '../../../../approvals/reviews.ts';
import { DRY_RUN_FIELD, type OperationCommand, type RawArguments } from '../../../../commands/contract/command.ts';
import { approverSpans, verdictSpans } from '../../../../commands/contract/forecast.ts';
import { typedAgain } from '../../../../commands/contract/typed.ts';
import { accountsOf } from '../../../config/people.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import type { Considered, Wanted } from '../../../operations/request.ts';
import type { Rendered } from '../render/answer.ts';
import { renderDryRun } from '../render/dry-run.ts';
import { activeIn, type Knowing } from './access.ts';
import type { Desk } from './desk.ts';

/** What has to be known to say what would become of something. */
type Deciding = Pick<Desk, 'config' | 'consider' | 'reviews'> & Knowing;

/** More reviews than are ever open at once. */
const MOST_REVIEWS = 1_000;

/**
 * Shows what would be recorded and what would become of it, were it asked for now. Nothing is recorded, posted or told to
 * anybody else. Refusals: those of asking for it, as far as they concern the plan and who may.
 */
export async function tryOperation(
  desk: Deciding,
  it: { readonly command: OperationCommand; readonly raw: RawArguments; readonly wanted: Wanted },
): Promise<Result<Rendered, Refusal>> {
  const considered = await desk.consider(it.wanted);
  if (!considered.ok) return considered;
  const { assessed: judged, risk, its, target, approvers } = considered.value;
  const { requester } = it.wanted;
  const { [DRY_RUN_FIELD.key]: _tried, ...args } = it.raw;
  const line = typedAgain(it.command, args);
  const barred = judged.ok && risk === 'break-glass' ? await barredBy(desk, requester, line) : null;
  const assessed: Considered['assessed'] = barred === null ? judged : err(barred);
  return ok(
    renderDryRun(considered.value, {
      verdict: verdictSpans(assessed, target.kind),
      approvers: assessed.ok
        ? approverSpans(assessed.value.quorum, its.policy.requester_counts, requester, approvers)
        : null,
      typed: `${desk.config.slack.command} ${line}`,
    }),
  );
}

/** Why open reviews of the asker would bar it; null when none would. One of this very line that waits would be superseded. */
async function barredBy(desk: Deciding, requester: string, line: string): Promise<Refusal | null> {
  const own = accountsOf(desk.config.people, requester);
  const open = await desk.reviews.list('open', { sites: null, limit: MOST_REVIEWS });
  const waits = (state: string) => state === 'awaiting' || state === 'held';
  return barredByReviews(
    open.filter((one) => own.includes(one.person) && !(waits(one.state) && one.line === line)),
    await activeIn(desk, ['approver', 'admin']),
  );
}
