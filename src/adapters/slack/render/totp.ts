import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import type { StandingRecord } from '../../../../approvals/ports.ts';
import { STANDING_GENERATION } from '../../../../approvals/standing.ts';
import { workAsHeading } from '../../../../commands/contract/words.ts';
import type { Secret } from '../../../kernel/secret.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import { clipped, code, escaped } from './mrkdwn.ts';

export const ENROL_MODAL = 'totp-enrol';
export const OFF_MODAL = 'totp-off';
export const VOTE_MODAL = 'totp-vote';

/** What travels through the form of a vote: for which plan the code is given, and where the answer belongs. */
export const voteMemory = z.object({
  on: z.enum(['operation', 'standing']),
  id: z.string().regex(/^[0-9a-z]{8}$/),
  generation: z.int(),
  channel: z.string(),
});

const state = z.object({
  values: z.object({ code: z.object({ value: z.object({ value: z.string().nullish() }) }) }),
});

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text } };
}

const CODE_FIELD: KnownBlock = {
  type: 'input',
  block_id: 'code',
  label: { type: 'plain_text', text: 'Code' },
  hint: { type: 'plain_text', text: 'Six digits. Each code counts once.' },
  // Longer than six, for the blank that apps show in the middle.
  element: { type: 'plain_text_input', action_id: 'value', min_length: 6, max_length: 12 },
};

function modal(title: string, blocks: KnownBlock[]): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: title },
    close: { type: 'plain_text', text: 'Close' },
    blocks,
  };
}

function form(callback: string, title: string, submit: string, blocks: KnownBlock[]): ModalView {
  return {
    ...modal(title, [...blocks, CODE_FIELD]),
    callback_id: callback,
    submit: { type: 'plain_text', text: submit },
  };
}

const TITLE = 'Codes for approvals';

/** What opens at once; the real view takes its place. */
export function totpLoading(): ModalView {
  return modal(TITLE, [section('One moment…')]);
}

/** A sentence or a refusal in place of a form. */
export function totpSaid(blocks: KnownBlock[]): ModalView {
  return modal(TITLE, blocks);
}

/** The one view that shows a secret. Nothing of it is kept with the view. */
export function enrolModal(secret: Secret, link: string): ModalView {
  const grouped = secret.reveal().match(/.{1,4}/g) ?? [];
  return form(ENROL_MODAL, TITLE, 'Activate', [
    section('Add an account to your authenticator app, by this key (by time, six digits) or by the link.'),
    section(`*Setup key*\n${code(grouped.join(' '))}`),
    section(`*Link*\n${code(link)}`),
    section(
      ':warning: They are shown *this once*. Then type the code that the app shows: from there on each of your approvals asks for one.',
    ),
  ]);
}

export function offModal(): ModalView {
  return form(OFF_MODAL, TITLE, 'Switch off', [
    section('Your approvals will not ask for a code any more. Where the policy requires codes they will not count.'),
  ]);
}

/** Asks for the code of an approval. `what` is said in bold, `which` below it. */
function voteForm(memory: z.output<typeof voteMemory>, what: string, which: string): ModalView {
  return {
    ...form(VOTE_MODAL, 'Approve this request?', 'Approve', [section(`*${escaped(clipped(what, 300))}*\n${which}`)]),
    private_metadata: JSON.stringify(memory),
  };
}

/** The form for the approval of an operation. */
export function voteModal(operation: OperationRecord, channel: string): ModalView {
  const { id, environment, generation } = operation;
  const version = generation > 1 ? ` (version ${generation} of its plan)` : '';
  const memory = { on: 'operation', id, generation, channel } as const;
  return voteForm(memory, `${workAsHeading(operation)}, ${environment}`, `Operation ${code(id)}${version}.`);
}

/** The form for a vote on a standing approval. */
export function standingVoteModal({ id, definition }: StandingRecord, channel: string): ModalView {
  const { command, site, cron, zone } = definition;
  const memory = { on: 'standing', id, generation: STANDING_GENERATION, channel } as const;
  return voteForm(memory, `${command} ${site}, ${cron} (${zone})`, `Standing approval ${code(id)}.`);
}

export function totpDone(text: string): ModalView {
  return totpSaid([section(`:white_check_mark: ${text}`)]);
}

/** The code that somebody typed, without blanks; null when it is not six digits. */
export function submittedCode(given: unknown): string | null {
  const read = state.safeParse(given);
  const digits = read.success ? (read.data.values.code.value.value ?? '').replaceAll(/[\s\u200b-]/g, '') : '';
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
