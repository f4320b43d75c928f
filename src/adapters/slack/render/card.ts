import type { ActionsBlock, KnownBlock } from '@slack/types';
import { nameInWords } from '../../../../approvals/confirmation.ts';
import { countedApprovers } from '../../../../approvals/machine.ts';
import { bytesInWords, stateOfView } from '../../../../commands/contract/words.ts';
import { readKey } from '../../../estate/thing.ts';
import { durationInWords } from '../../../kernel/duration.ts';
import { toRequest } from '../../../operations/gate.ts';
import type { OperationRecord, OperationView, StepRecord } from '../../../operations/records.ts';
import { hasEnded, type OperationState, type StepState } from '../../../operations/state.ts';
import type { Rendered } from './answer.ts';
import { cardBlockId } from './card-block.ts';
import { cardButtons, cardTitle } from './card-buttons.ts';
import { destroyedLines } from './confirm.ts';
import { clipped, code, escaped, fitted, instant, mentions } from './mrkdwn.ts';
import { effectLines } from './plan-words.ts';
import { waitingLines } from './waiting.ts';

const OPERATION_ICONS: Readonly<Record<OperationState, string>> = {
  awaiting: ':raised_hand:',
  held: ':double_vertical_bar:',
  queued: ':hourglass_flowing_sand:',
  running: ':arrow_forward:',
  unreachable: ':satellite_antenna:',
  succeeded: ':white_check_mark:',
  failed: ':x:',
  cancelled: ':black_square_for_stop:',
  denied: ':no_entry_sign:',
  expired: ':alarm_clock:',
  lost: ':grey_question:',
};
const STEP_ICONS: Readonly<Record<StepState, string>> = {
  waiting: ':white_circle:',
  running: ':arrow_forward:',
  unreachable: ':satellite_antenna:',
  succeeded: ':white_check_mark:',
  failed: ':x:',
  cancelled: ':black_square_for_stop:',
  lost: ':grey_question:',
  skipped: ':heavy_minus_sign:',
};

function stepLine(step: StepRecord, readAt: Date): string {
  const until = step.endedAt ?? readAt;
  const took =
    step.startedAt && step.state !== 'skipped'
      ? ` · ${durationInWords(until.getTime() - step.startedAt.getTime())}`
      : '';
  const progress = step.state === 'running' && step.progress !== null ? ` · ${escaped(step.progress)}` : '';
  const detail =
    step.detail === null || step.state === 'succeeded' ? '' : `\n        ${escaped(clipped(step.detail, 300))}`;
  return `${STEP_ICONS[step.state]} ${step.n}. ${escaped(step.title)}: ${step.state === 'succeeded' ? 'done' : step.state}${took}${progress}${detail}`;
}

/** The warning on what waits and can never be approved by the people there are. */
function shortWords({ state, quorum }: OperationRecord, left: readonly string[]): string {
  if (state !== 'awaiting' && state !== 'held') return '';
  const who = left.length === 0 ? 'nobody can approve it' : `only ${mentions(left)} can approve it`;
  return `\n:warning: *Warning:* it needs ${quorum} approvals, but ${who}. Ask an admin to name more approvers, or cancel it.`;
}

function confirmedWords(
  { requester, site }: OperationRecord,
  { at, typed, reason }: NonNullable<OperationRecord['confirmed']>,
) {
  const how = typed ? `, with ${nameInWords(readKey(site).kind)} typed out` : '';
  const why = reason === null ? '' : `\n*Reason*  ${escaped(clipped(reason, 500))}`;
  return `*Confirmed* by <@${requester}> ${instant(at, 'time')}${how}.${why}`;
}

function isWaiting({ state }: OperationRecord): boolean {
  return state === 'awaiting' || state === 'held';
}

function stateLine(view: OperationView): string {
  const { operation, votes, readAt } = view;
  const waits = isWaiting(operation);
  const words = [`${OPERATION_ICONS[operation.state]} *${stateOfView(view)}*`];
  if (waits) {
    words.push(waitingLines(operation, countedApprovers(toRequest(operation, votes))));
  } else if (operation.state === 'queued') {
    words.push(`: it starts as soon as the ${readKey(operation.site).kind} is free and the last check has passed.`);
  } else if (operation.startedAt) {
    words.push(` · ${durationInWords((operation.endedAt ?? readAt).getTime() - operation.startedAt.getTime())}`);
    if (!hasEnded(operation.state) && operation.estimateMs !== null)
      words.push(`, usually ${durationInWords(operation.estimateMs)}`);
  }
  if (operation.approversLeft !== null) words.push(shortWords(operation, operation.approversLeft));
  const { warning } = operation.verdict;
  if (warning !== undefined && !hasEnded(operation.state)) words.push(`\n:warning: *Warning:* ${escaped(warning)}`);
  if (operation.emergency !== null)
    words.push(`\n:rotating_light: *Emergency:* ${escaped(clipped(operation.emergency, 500))}`);
  if (operation.confirmed !== null) words.push(`\n${confirmedWords(operation, operation.confirmed)}`);
  if (operation.cancelRequestedBy && !hasEnded(operation.state))
    words.push(`\n<@${operation.cancelRequestedBy}> asked to cancel it.`);
  // What waits has said why already, and who has to do what.
  const repeats = waits && operation.reason?.startsWith(operation.verdict.why) === true;
  if (operation.reason && !repeats) words.push(`\n${escaped(clipped(operation.reason, 900))}`);
  if (operation.next && !operation.seenBy && !waits) words.push(`\n*Next:* ${escaped(clipped(operation.next, 500))}`);
  if (operation.seenBy) words.push(`\nClosed as seen by <@${operation.seenBy}>.`);
  return words.join('');
}

function resultLines(operation: OperationRecord): string[] | null {
  const { result } = operation;
  if (!result || operation.state !== 'succeeded') return null;
  const known = new Set(['path', 'bytes', 'sha256']);
  const lines = [
    ...(result.path === undefined ? [] : [`*Path*  ${code(result.path)}`]),
    ...(result.bytes === undefined ? [] : [`*Size*  ${bytesInWords(Number(result.bytes))}`]),
    ...(result.sha256 === undefined ? [] : [`*sha256*  ${code(result.sha256)}`]),
    ...Object.entries(result)
      .filter(([key]) => !known.has(key))
      .map(
        ([key, value]) =>
          `*${escaped(key.replace(/_bytes$/, ' size').replaceAll('_', ' '))}*  ${escaped(key.endsWith('_bytes') ? bytesInWords(Number(value)) : value)}`,
      ),
  ];
  return lines.length > 0 ? lines : null;
}

function voteLines({ operation, votes }: OperationView): string[] | null {
  if (operation.quorum === 0 && votes.length === 0 && !isWaiting(operation))
    return [`*Votes*  none needed. ${escaped(clipped(operation.verdict.why, 500))}`];
  const lines = votes
    .filter((vote) => vote.generation === operation.generation || vote.voidReason !== null)
    .map((vote) => {
      const gone = vote.withdrawnAt ? ', withdrawn' : vote.voidReason ? `, void: ${escaped(vote.voidReason)}` : '';
      return `<@${vote.person}> ${vote.verdict === 'approve' ? 'approved' : 'denied'} ${instant(vote.at, 'time')}${gone}`;
    });
  return lines.length > 0 ? lines.map((line, index) => (index === 0 ? `*Votes*  ${line}` : line)) : null;
}

/** The card of an operation, from its rows alone. */
export function renderCard(view: OperationView): Rendered {
  const { operation, steps, readAt } = view;
  // Together with the head and the buttons these stay below what Slack takes for a whole message.
  const section = (lines: readonly string[], limit: number, separator = '\n'): KnownBlock => ({
    type: 'section',
    text: { type: 'mrkdwn', text: fitted(lines, separator, limit) },
  });
  const waits = isWaiting(operation);
  const votes = voteLines(view);
  const destroyed = hasEnded(operation.state) ? [] : destroyedLines(operation.plan);
  const result = resultLines(operation);
  const actions = cardButtons(operation);
  const actionBlock: ActionsBlock[] =
    actions.length > 0 ? [{ type: 'actions', block_id: cardBlockId(operation), elements: actions }] : [];
  return {
    text: clipped(
      escaped(
        `${cardTitle(operation)}: ${stateOfView(view)}. Operation ${operation.id}.${operation.reason ? ` ${clipped(operation.reason, 500)}` : ''}`,
      ),
      3_000,
    ),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clipped(cardTitle(operation), 150) } },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: `Asked by <@${operation.requester}> ${instant(operation.createdAt, 'day-time')} · operation ${code(operation.id)} · plan ${code(operation.planHash.slice(0, 12))}${operation.generation > 1 ? ` (version ${operation.generation})` : ''}`,
          },
        ],
      },
      section([stateLine(view)], 2_000),
      ...(destroyed.length > 0 ? [section(destroyed, 1_200)] : []),
      section(steps.length === 0 ? ['_No steps._'] : steps.map((step) => stepLine(step, readAt)), 2_900),
      ...(result === null ? [] : [section(result, 2_500)]),
      ...(waits ? [section(['*What it does*', ...effectLines(operation.plan)], 2_500)] : []),
      ...(votes === null ? [] : [section(votes, 2_000, ' · ')]),
      ...actionBlock,
    ],
  };
}
