import type { Confirmation } from '../../../../approvals/confirmation.ts';
import { unconfirmedOf } from '../../../operations/gate.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import { clipped, escaped, instant } from './mrkdwn.ts';

/** What is still missing before an operation that waits may start. */
interface Missing {
  /** Approvals that count, the requester's own among them where it does. */
  readonly counted: readonly string[];
  readonly confirmation: Confirmation | null;
  readonly votes: number;
}

function missingOf(operation: OperationRecord, counted: readonly string[]): Missing {
  const votes = Math.max(0, operation.quorum - counted.length);
  return { counted, confirmation: unconfirmedOf(operation), votes };
}

/** The part of a card's state that says for what it waits and why, and below it who has to do what next. */
export function waitingLines(operation: OperationRecord, counted: readonly string[]): string {
  const missing = missingOf(operation, counted);
  return `: ${whyLine(operation, missing)}\n*Next:* ${nextLine(operation, missing)}`;
}

function whyLine(operation: OperationRecord, missing: Missing): string {
  const { state, opensAt, notBefore, quorum, verdict } = operation;
  const words: string[] = [];
  if (state === 'held') {
    words.push(
      opensAt === null
        ? 'no window is in sight.'
        : `it starts ${instant(opensAt, 'day-time')} by itself${conditionWords(missing)}.`,
    );
    if (notBefore !== null && opensAt !== null)
      words.push(
        notBefore.getTime() === opensAt.getTime()
          ? 'That time was asked for.'
          : `It was asked for ${instant(notBefore, 'day-time')}; its window opens later.`,
      );
  }
  if (quorum > 0) words.push(`${missing.counted.length} of ${quorum} approvals.`);
  words.push(escaped(clipped(verdict.why, 500)));
  return words.join(' ');
}

function conditionWords({ votes, confirmation }: Missing): string {
  const people = [...(votes > 0 ? ['approved'] : []), ...(confirmation === null ? [] : ['confirmed'])].join(' and ');
  return people === '' ? '' : `, if it is ${people} by then or after`;
}

function nextLine(operation: OperationRecord, missing: Missing): string {
  const { state, decideBy } = operation;
  const words = [
    ...(missing.votes > 0 ? [approversWords(operation, missing)] : []),
    ...(missing.confirmation === null ? [] : [requesterWords(operation.requester, missing.confirmation)]),
  ];
  if (words.length === 0) return 'nobody has to do anything.';
  if (decideBy) words.push(`Without that it expires ${instant(decideBy, state === 'held' ? 'day-time' : 'time')}.`);
  return words.join(' ');
}

function approversWords({ requester, requesterCounts }: OperationRecord, { counted, votes }: Missing): string {
  const more = counted.length > 0 ? 'more ' : '';
  const who = `${votes} ${more}${votes === 1 ? 'approver' : 'approvers'}`;
  const presses = votes === 1 ? 'presses *Approve*' : 'press *Approve*';
  if (!requesterCounts) return `${who} other than <@${requester}> ${presses}.`;
  return counted.includes(requester)
    ? `${who} ${presses}.`
    : `${who} ${presses}; <@${requester}> may be ${votes === 1 ? 'that one' : 'one of them'}.`;
}

function requesterWords(requester: string, asked: Confirmation): string {
  if (asked.kind === 'click') return `<@${requester}> presses *Confirm*.`;
  return `<@${requester}> presses *Confirm* and types the site’s name${asked.reason ? ' and a reason' : ''}.`;
}
