import type { PoolNews } from '../../../../approvals/pool.ts';
import type { Rendered } from './answer.ts';
import { clipped, escaped, fitted, mentions } from './mrkdwn.ts';

/** The words about the pool of approvers: where it does not suffice any more, who is left, what to do; or that it does again. */
export function renderPool({ short, mended }: PoolNews): Rendered {
  const lines = short.map(({ environment, quorum, left }) => {
    const who = left.length === 0 ? 'nobody is left who can approve' : `only ${mentions(left)} can still approve`;
    return `*${escaped(clipped(environment, 100))}* needs ${quorum} approvals, but ${who}.`;
  });
  const again =
    mended.length > 0 ? [`There are enough approvers again for: ${escaped(clipped(mended.join(', '), 100))}.`] : [];
  const next =
    short.length > 0
      ? [
          'What waits there cannot be approved, and new requests are refused.',
          '*Next:* an admin names more approvers in the configuration (`roles.approver`) and restarts Twokey, or adds people to the user group; whoever lost access by mistake gets it back in Slack.',
        ]
      : [];
  const head =
    short.length > 0
      ? `:warning: *Too few approvers: ${escaped(clipped(short.map((one) => one.environment).join(', '), 60))}*`
      : ':white_check_mark: *There are enough approvers again*';
  const text =
    short.length > 0
      ? `Too few approvers: ${short.map((one) => `${one.environment} needs ${one.quorum} and has ${one.left.length}`).join('; ')}.`
      : `There are enough approvers again for ${mended.join(', ')}.`;
  return {
    text: clipped(escaped(text), 3_000),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: [head, fitted(lines, '\n', 1_500), ...again, ...next].filter((line) => line !== '').join('\n'),
        },
      },
    ],
  };
}
