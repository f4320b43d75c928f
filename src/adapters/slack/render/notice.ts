import { workAsHeading } from '../../../../commands/contract/words.ts';
import type { DailyHead, OpenRequest } from '../../../operations/notices.ts';
import type { Rendered } from './answer.ts';
import { clipped, code, escaped, instant } from './mrkdwn.ts';

/** The daily word about the audit log: what stands there today can be compared with it for ever. */
export function renderHead({ day, rows, head }: DailyHead): Rendered {
  const text = `Audit log on ${day}: ${rows} rows, the last one with the hash ${head}.`;
  const mrkdwn = [
    `:scroll: *Audit log on ${day}*`,
    `${rows} rows; the hash of the last one is ${code(head)}`,
    'This message is the witness outside the database: each row’s hash covers the row before it, so whoever changes or removes any of these rows later cannot keep this hash.',
    `To compare, now or in years: ${code(`twokey audit verify --head ${head} --rows ${rows}`)}`,
  ].join('\n');
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: mrkdwn } }] };
}

/** The direct message that calls an approver. `link` leads to the card. */
export function renderReminder(request: OpenRequest, kind: 'opened' | 'half', link: string): Rendered {
  const what = clipped(`${workAsHeading(request)}, ${request.environment}`, 120);
  const missing = request.missing === 1 ? 'One more approval is' : `${request.missing} approvals are`;
  const opening =
    kind === 'opened'
      ? 'A request waits for your vote'
      : 'Half of the time is over, and this still waits for your vote';
  return {
    text: escaped(`${opening}: ${what}. ${missing} needed.`),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: [
            `:raised_hand: ${opening}: *${escaped(what)}*`,
            `Asked by <@${request.requester}>. ${escaped(clipped(request.why, 300))} ${missing} needed, by ${instant(request.decideBy, 'time')}.`,
            `<${link}|Open the card> to look at it, approve it or deny it. Operation ${code(request.operation)}.`,
          ].join('\n'),
        },
      },
    ],
  };
}
