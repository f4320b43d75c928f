import { type Confirmation, nameInWords } from '../../../../approvals/confirmation.ts';
import { readKey } from '../../../estate/thing.ts';
import { unconfirmedOf } from '../../../operations/gate.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import { hasEnded } from '../../../operations/state.ts';
import type { Rendered } from './answer.ts';
import { clipped, code, escaped, instant } from './mrkdwn.ts';

/** What the asker is told once an operation is recorded: what comes next, and what they have to do themselves. */
export function renderRecorded(operation: OperationRecord, channel: string): Rendered {
  const { id, state, quorum, verdict, opensAt, site, environment, line } = operation;
  const asked = hasEnded(state) ? null : unconfirmedOf(operation);
  const votes = quorum > 0 ? `It waits for ${quorum} approvals. ${verdict.why}` : verdict.why;
  const next = hasEnded(state)
    ? `It has ended already: ${state}.`
    : state === 'queued'
      ? `It starts now. ${verdict.why}`
      : state === 'held'
        ? `It is held. ${votes}`
        : votes;
  const when = opensAt === null ? '' : ` Its time comes ${instant(opensAt, 'day-time')}.`;
  const todo = asked === null ? '' : ` ${todoWords(asked, site)}`;
  const { warning } = verdict;
  const what = clipped(line, 200);
  // Names of freezes and holidays come from the configuration, as long as somebody wrote them.
  const lines = [
    `:memo: Operation ${code(id)} is recorded: ${code(what)}, ${clipped(escaped(environment), 80)}.`,
    `${clipped(escaped(next), 900)}${when}`,
    ...(asked === null ? [] : [`*You have to do something too:*${todo}`]),
    ...(warning === undefined ? [] : [`:warning: *Warning:* ${clipped(escaped(warning), 400)}`]),
    `Its card is in <#${channel}>.`,
  ];
  return {
    text: clipped(escaped(`Operation ${id} is recorded: ${what}, ${environment}. ${next}${todo}`), 3_000),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n') } }],
  };
}

function todoWords(asked: Confirmation, site: string): string {
  if (asked.kind === 'click') return 'Press Confirm on its card; it does not start before.';
  const { kind, name } = readKey(site);
  return `Press Confirm on its card and type ${nameInWords(kind)}, ${name}${asked.reason ? ', with a reason' : ''}; it does not start before.`;
}
