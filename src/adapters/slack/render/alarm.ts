import type { OperationRecord } from '../../../operations/records.ts';
import type { Rendered } from './answer.ts';
import { clipped, code, escaped } from './mrkdwn.ts';

/** The words about an emergency for the audit channel: who, what, why, and what it still needs. */
export function renderAlarm(operation: OperationRecord): Rendered {
  const { id, line, requester, environment, emergency, quorum } = operation;
  const needs = `It does not wait for its window; it needs ${quorum} approvals all the same. Operation ${id}.`;
  return {
    text: clipped(escaped(`Emergency on ${environment}: ${line}. ${emergency ?? ''} Operation ${id}.`), 3_000),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:rotating_light: *Emergency on ${escaped(environment)}*\n<@${requester}> asked for ${code(clipped(line, 500))}\n*Reason*  ${escaped(clipped(emergency ?? '', 500))}\n${needs}`,
        },
      },
    ],
  };
}
