import type { PoolNews } from '../../../../approvals/pool.ts';
import type { Rendered } from './answer.ts';
import { clipped, escaped, mentions } from './mrkdwn.ts';

/** Environments that are named; a configuration with more of them is told the rest by `twokey doctor`. */
const MOST = 8;

/** The words about the pool of approvers: where it does not suffice any more, who is left, what to do; or that it does again. */
export function renderPool({ short, mended }: PoolNews): Rendered {
  const lines = short.slice(0, MOST).map(({ environment, quorum, left }) => {
    const who = left.length === 0 ? 'nobody is left who can approve' : `only ${mentions(left)} can still approve`;
    return `*${escaped(environment)}* needs ${quorum} approvals, but ${who}.`;
  });
  const rest = short.length > MOST ? [`And ${short.length - MOST} more environments.`] : [];
  const again = mended.length > 0 ? [`There are enough approvers again for: ${escaped(mended.join(', '))}.`] : [];
  const next =
    short.length > 0
      ? [
          'What waits there cannot be approved, and new requests are refused.',
          '*Next:* an admin names more approvers in the configuration (`roles.approver`) and restarts Twokey, or adds people to the user group; whoever lost access by mistake gets it back in Slack.',
        ]
      : [];
  const head =
    short.length > 0
      ? `:warning: *Too few approvers: ${escaped(clipped(short.map((one) => one.environment).join(', '), 200))}*`
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
        text: { type: 'mrkdwn', text: clipped([head, ...lines, ...rest, ...again, ...next].join('\n'), 3_000) },
      },
    ],
  };
}
