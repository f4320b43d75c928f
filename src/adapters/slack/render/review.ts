import type { KnownBlock } from '@slack/types';
import { byWhom } from '../../../../approvals/reviews.ts';
import { keyInWords } from '../../../estate/thing.ts';
import type { ReviewRecord } from '../../../operations/reviews.ts';
import type { Rendered } from './answer.ts';
import { clipped, code, escaped, instant } from './mrkdwn.ts';

const TITLES = { emergency: 'Emergency', 'break-glass': 'Break-glass' } as const;

function section(...lines: readonly string[]): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: lines.join('\n') } };
}

/** What was asked, as every message about its review begins. Cut so that each section fits, however much is escaped. */
function head(title: string, review: ReviewRecord): KnownBlock[] {
  const { person, line, site, operation, why } = review;
  return [
    section(
      title,
      `<@${person}> asked for ${code(clipped(line, 400))} on ${escaped(clipped(keyInWords(site), 80))}. Operation ${code(operation)}.`,
    ),
    section(`*Why*  ${escaped(clipped(why, 500))}`),
  ];
}

function closeBlock({ operation }: ReviewRecord): KnownBlock {
  return {
    type: 'actions',
    elements: [{ type: 'button', action_id: 'review', text: { type: 'plain_text', text: 'Close' }, value: operation }],
  };
}

function howToClose({ person, operation }: ReviewRecord, slash: string): string {
  return `*Review*  Somebody else than <@${person}> has to close this when it has ended: an approver or an admin presses *Close* and writes what they saw, or types ${code(`${slash} review close ${operation} <note>`)}. Until then <@${person}> cannot ask for break-glass.`;
}

/** The post that opens a review: who, what, where, why, and how it is closed; once it is closed, by whom and with which note. */
export function renderReview(review: ReviewRecord, slash: string): Rendered {
  const { kind, environment, line, why, operation, quorum, closed } = review;
  const title = `${TITLES[kind]} on ${clipped(environment, 80)}`;
  const text = clipped(escaped(`${title}: ${clipped(line, 400)}. ${clipped(why, 150)} Operation ${operation}.`), 2_900);
  const blocks = head(`:rotating_light: *${escaped(title)}*`, review);
  if (closed) {
    // Plain text, because a note of full length would not fit into a section once it is escaped.
    const note: KnownBlock = { type: 'section', text: { type: 'plain_text', text: clipped(closed.note, 1_000) } };
    const closing = section(`:white_check_mark: *Closed* ${byWhom(closed)} ${instant(closed.at, 'day-time')}`);
    return { text: `${text} The review is closed.`, blocks: [...blocks, closing, note] };
  }
  const needs =
    kind === 'emergency'
      ? `It does not wait for its window; it needs ${quorum} approvals all the same.`
      : `It needs ${quorum} approvals.`;
  return { text, blocks: [...blocks, section(needs, howToClose(review, slash)), closeBlock(review)] };
}

/** The word once a day that a review is still open. */
export function renderStillOpen(review: ReviewRecord, slash: string): Rendered {
  const title = `${TITLES[review.kind]} not reviewed yet`;
  return {
    text: escaped(`${title}: ${clipped(review.line, 400)}. Operation ${review.operation}.`),
    blocks: [
      ...head(`:hourglass: *${title}*, open since ${instant(review.openedAt, 'day-time')}`, review),
      section(howToClose(review, slash)),
      closeBlock(review),
    ],
  };
}
