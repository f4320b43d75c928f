import type { Button, KnownBlock } from '@slack/types';
import { cronInWords, nextRuns } from '../../../../approvals/cron.ts';
import type { StandingRecord, StandingVoteRecord } from '../../../../approvals/ports.ts';
import { hashDefinition, isLive, type StandingState, standingApprovers } from '../../../../approvals/standing.ts';
import { inZone } from '../../../../approvals/when.ts';
import { scheduledLine } from '../../../../commands/contract/words.ts';
import type { Rendered } from './answer.ts';
import { clipped, code, escaped, fitted, instant, withPeople } from './mrkdwn.ts';

const ICONS: Readonly<Record<StandingState, string>> = {
  open: ':raised_hand:',
  active: ':white_check_mark:',
  suspended: ':double_vertical_bar:',
  denied: ':no_entry_sign:',
  expired: ':alarm_clock:',
  void: ':wastebasket:',
  revoked: ':no_entry:',
};
const WORDS: Readonly<Record<StandingState, string>> = {
  open: 'awaiting approval',
  active: 'active',
  suspended: 'suspended',
  denied: 'denied',
  expired: 'expired',
  void: 'void',
  revoked: 'revoked',
};
/** Runs that are told, so that an approver sees what the words mean. */
const RUNS_TOLD = 3;

function stateLine(standing: StandingRecord): string {
  const { state, quorum, decideBy, expiresAt, reason } = standing;
  const words = [`${ICONS[state]} *${WORDS[state]}*`];
  if (state === 'open' || state === 'suspended')
    words.push(`: ${standingApprovers(standing).length} of ${quorum} approvals.`);
  if (state === 'open') words.push(` Decide by ${instant(decideBy, 'time')}.`);
  if (state === 'active' && expiresAt) words.push(` until ${instant(expiresAt, 'day-time')}, then it expires.`);
  if (reason !== null) words.push(`\n${withPeople(clipped(reason, 400))}`);
  return words.join('');
}

function whenLines({ definition, readAt, state }: StandingRecord): string[] {
  const { cron, zone } = definition;
  const lines = [`*When*  ${escaped(clipped(cronInWords(cron), 300))} (${code(cron)}, ${escaped(zone)})`];
  if (!isLive(state)) return lines;
  const runs = nextRuns(cron, zone, readAt, RUNS_TOLD).map((run) => inZone(run, zone));
  return [...lines, `*Next runs*  ${runs.join(' · ') || 'none'} (${escaped(zone)})`];
}

function voteLine(vote: StandingVoteRecord): string {
  const gone = vote.voidReason === null ? (vote.withdrawn ? ', withdrawn' : '') : `, void: ${escaped(vote.voidReason)}`;
  return `<@${vote.person}> ${vote.verdict === 'approve' ? 'approved' : 'denied'} ${instant(vote.at, 'day-time')}${gone}`;
}

function buttons({ id, state, quorum, definition }: StandingRecord): Button[] {
  const button = (action: string, label: string, extra: Partial<Button> = {}): Button => ({
    type: 'button',
    action_id: `standing-${action}`,
    text: { type: 'plain_text', text: label },
    value: id,
    ...extra,
  });
  if (!isLive(state)) return [];
  const withdraw = button('withdraw', 'Withdraw');
  const revoke = button('revoke', 'Revoke', { style: 'danger' });
  if (state === 'active') return [withdraw, revoke];
  const approve = button('approve', 'Approve', {
    confirm: {
      title: { type: 'plain_text', text: clipped(`Approve every run: ${scheduledLine(definition)}?`, 100) },
      text: {
        type: 'plain_text',
        text: clipped(
          `${cronInWords(definition.cron)}. Once ${quorum} people have approved, no run is asked about any more.`,
          300,
        ),
      },
      confirm: { type: 'plain_text', text: 'Approve' },
      deny: { type: 'plain_text', text: 'Not yet' },
    },
  });
  return [approve, button('deny', 'Deny'), withdraw, ...(state === 'suspended' ? [revoke] : [])];
}

/** The message of a standing approval, from its rows alone. */
export function renderStanding(standing: StandingRecord): Rendered {
  const { id, definition, requester, askedAt, state, votes } = standing;
  const title = `Standing approval: ${scheduledLine(definition)}`;
  const section = (lines: readonly string[], separator = '\n'): KnownBlock => ({
    type: 'section',
    text: { type: 'mrkdwn', text: fitted(lines, separator, 2_500) },
  });
  const elements = buttons(standing);
  return {
    text: clipped(escaped(`${clipped(title, 400)}: ${WORDS[state]}. Standing approval ${id}.`), 2_900),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: clipped(title, 150) } },
      {
        type: 'context',
        elements: [
          {
            type: 'mrkdwn',
            text: `Asked by <@${requester}> ${instant(askedAt, 'day-time')} · standing approval ${code(id)} · definition ${code(hashDefinition(definition).slice(0, 12))}`,
          },
        ],
      },
      section([stateLine(standing)]),
      section([
        `*What*  ${code(clipped(scheduledLine(definition), 300))} on ${escaped(clipped(definition.site, 80))}`,
        ...whenLines(standing),
      ]),
      ...(isLive(state)
        ? [
            section([
              'Each run of exactly this starts without another vote. Any change of it, or of the policy, voids it; every voter is asked about again at each run.',
            ]),
          ]
        : []),
      ...(votes.length > 0 ? [section(votes.map(voteLine), ' · ')] : []),
      ...(elements.length > 0 ? [{ type: 'actions' as const, elements }] : []),
    ],
  };
}

/** A sentence about a standing approval that nobody has clicked: that it expires soon, or what has become of it. */
export function renderRemark({ id, definition, requester }: StandingRecord, words: string): Rendered {
  const what = clipped(scheduledLine(definition), 150);
  const news = withPeople(clipped(words, 350));
  return {
    text: clipped(`${escaped(`The standing approval ${id} (${what})`)} ${news}`, 2_900),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `:calendar: The standing approval ${code(id)} of <@${requester}> for ${code(what)} ${news}`,
        },
      },
    ],
  };
}
