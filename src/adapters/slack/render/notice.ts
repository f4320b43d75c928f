import { askedInWords } from '../../../../approvals/confirmation.ts';
import { workAsHeading } from '../../../../commands/contract/words.ts';
import { readKey } from '../../../estate/thing.ts';
import { durationInWords } from '../../../kernel/duration.ts';
import type { DailyHead, OpenRequest, Reconfirmation, ReminderKind } from '../../../operations/notices.ts';
import type { Rendered } from './answer.ts';
import { clipped, code, escaped, fitted, instant } from './mrkdwn.ts';

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

function inWords(request: OpenRequest): { readonly what: string; readonly missing: string } {
  return {
    what: clipped(`${workAsHeading(request)}, ${request.environment}`, 120),
    missing: request.missing === 1 ? 'One more approval is' : `${request.missing} approvals are`,
  };
}

/** The direct message that calls an approver. `link` leads to the card. */
export function renderReminder(request: OpenRequest, kind: Exclude<ReminderKind, 'late'>, link: string): Rendered {
  const { what, missing } = inWords(request);
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

/** The direct message that tells a requester that their confirmation is void and asked for anew. `link` leads to the card. */
export function renderReconfirm({ operation, asks }: Reconfirmation, link: string): Rendered {
  const { id, site, environment, reason, decideBy } = operation;
  const what = clipped(`${workAsHeading(operation)}, ${environment}`, 120);
  const opening = 'What you had confirmed has changed, so your confirmation is void';
  const todo = `It waits for you ${askedInWords(asks, readKey(site).kind)}`;
  const until = decideBy === null ? '' : ` Without that it expires ${instant(decideBy, 'day-time')}.`;
  const lines = [
    `:raised_hand: ${opening}: *${escaped(what)}*`,
    ...(reason === null ? [] : [escaped(clipped(reason, 400))]),
    `${todo}: <${link}|open the card>, look at it as it is now, and press *Confirm*.${until} Operation ${code(id)}.`,
  ];
  return {
    text: escaped(`${opening}: ${what}. ${todo}.`),
    blocks: [{ type: 'section', text: { type: 'mrkdwn', text: lines.join('\n') } }],
  };
}

/** Room for the names of those who have not answered, in characters of JSON. */
const NAMES = 1_500;

/** That time runs out and nobody answers: aloud in the channel, or to an admin. `silent` are those who could still vote. */
export function renderLate(
  request: OpenRequest,
  silent: readonly string[],
  reader: 'channel' | 'admin',
  link: string,
): Rendered {
  const { what, missing } = inWords(request);
  const left = durationInWords(request.leftMs);
  const names = silent.map((person) => `<@${person}>`);
  const who =
    names.length === 0 ? 'Nobody is left who could approve it.' : `Not answered yet: ${fitted(names, ', ', NAMES)}.`;
  const next =
    reader === 'channel'
      ? 'please look at it, then approve it or deny it'
      : 'you are told as an admin, who can change who approves, or cancel it';
  return {
    text: escaped(`${left} left to decide: ${what}. ${missing} needed.`),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: [
            `:hourglass_flowing_sand: *${left} left* to decide: *${escaped(what)}*. ${missing} needed, by ${instant(request.decideBy, 'time')}; then it expires.`,
            who,
            `<${link}|Open the card>: ${next}. Asked by <@${request.requester}>. Operation ${code(request.operation)}.`,
          ].join('\n'),
        },
      },
    ],
  };
}

/** That an admin has reset somebody's codes: to that person, and where such things are said aloud. */
export function renderReset({ person, by }: { readonly person: string; readonly by: string }): Rendered {
  const text = `<@${by}> has reset the codes for approvals of <@${person}>. Until <@${person}> enrols again with ${code('totp')}, no code is asked for, and where codes are required no approval of theirs is taken. If nobody asked for this, tell an admin now.`;
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: `:key: ${text}` } }] };
}
