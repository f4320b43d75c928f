import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { LONGEST_NOTE } from '../../../../approvals/reviews.ts';

export const NOTE_MODAL = 'note';

/** Length of words in characters, without the blanks around them. */
interface Length {
  readonly least: number;
  readonly most: number;
}

/** Length of a reason. */
export const REASON = { least: 3, most: 500 } as const satisfies Length;

const KEPT = 'It is kept in the audit log and shown to all.';

/** The buttons behind which a form asks for words, and what those words are for. */
const FORMS = {
  deny: {
    title: 'Deny this request?',
    submit: 'Deny it',
    label: 'Reason',
    intro: 'One denial ends operation',
    kept: 'The reason is shown on its card and kept in the audit log.',
    short: 'Say why',
    length: REASON,
  },
  review: {
    title: 'Close this review?',
    submit: 'Close it',
    label: 'What you saw',
    intro: 'Say what you found when you looked at operation',
    kept: KEPT,
    short: 'Say it',
    length: { least: 1, most: LONGEST_NOTE },
  },
  'standing-deny': {
    title: 'Deny this request?',
    submit: 'Deny it',
    label: 'Reason',
    intro: 'One denial ends the request for the standing approval',
    kept: KEPT,
    short: 'Say it',
    length: REASON,
  },
  'standing-revoke': {
    title: 'Revoke it?',
    submit: 'Revoke it',
    label: 'Reason',
    intro: 'No run starts by it any more: the standing approval',
    kept: KEPT,
    short: 'Say it',
    length: REASON,
  },
} as const;
export type NoteAction = keyof typeof FORMS;

export function asksForNote(action: string): action is NoteAction {
  return Object.hasOwn(FORMS, action);
}

/** What travels through the form: what was pressed, on what, and where the answer belongs. */
export const noteMemory = z.object({
  action: z.string().refine(asksForNote),
  id: z.string().regex(/^[0-9a-z]{8}$/),
  channel: z.string(),
});
export type NoteMemory = z.output<typeof noteMemory>;

/** The block of the words, by which a problem with them is said on their field. */
export const WORDS_BLOCK = 'reason';

const state = z.object({
  values: z.object({ [WORDS_BLOCK]: z.object({ value: z.object({ value: z.string().nullish() }) }) }),
});

/** A field for a few lines of words. */
export function wordsField(label: string, { least, most }: Length, hint?: string): KnownBlock {
  return {
    type: 'input',
    block_id: WORDS_BLOCK,
    label: { type: 'plain_text', text: label },
    ...(hint === undefined ? {} : { hint: { type: 'plain_text', text: hint } }),
    element: { type: 'plain_text_input', action_id: 'value', multiline: true, min_length: least, max_length: most },
  };
}

/** The form that asks for words. Nothing has to be looked up for it, so it can open at once. */
export function noteForm(memory: NoteMemory): ModalView {
  const { title, submit, label, intro, kept, length } = FORMS[memory.action];
  return {
    type: 'modal',
    callback_id: NOTE_MODAL,
    private_metadata: JSON.stringify(memory),
    title: { type: 'plain_text', text: title },
    submit: { type: 'plain_text', text: submit },
    close: { type: 'plain_text', text: 'Not yet' },
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `${intro} \`${memory.id}\`. ${kept}` } },
      wordsField(label, length),
    ],
  };
}

/** The words that somebody filled in, or what is wrong with them. */
export function submittedNote(
  action: NoteAction,
  given: unknown,
): { readonly ok: true; readonly note: string } | { readonly ok: false; readonly problem: string } {
  const { short, length } = FORMS[action];
  const read = state.safeParse(given);
  const note = read.success ? (read.data.values[WORDS_BLOCK].value.value ?? '').trim() : '';
  if (note.length < length.least) return { ok: false, problem: `${short}, in at least ${length.least} characters.` };
  if (note.length > length.most) return { ok: false, problem: `At most ${length.most} characters.` };
  return { ok: true, note };
}
