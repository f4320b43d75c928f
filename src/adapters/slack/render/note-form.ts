import type { ModalView } from '@slack/types';
import { z } from 'zod';
import { LONGEST_NOTE } from '../../../../approvals/reviews.ts';

export const NOTE_MODAL = 'note';

/** The buttons behind which a form asks for words, and what those words are for. */
const FORMS = {
  review: {
    title: 'Close this review?',
    submit: 'Close it',
    label: 'What you saw',
    intro: 'Say what you found when you looked at operation',
    least: 1,
    most: LONGEST_NOTE,
  },
  'standing-deny': {
    title: 'Deny this request?',
    submit: 'Deny it',
    label: 'Reason',
    intro: 'One denial ends the request for the standing approval',
    least: 3,
    most: 500,
  },
  'standing-revoke': {
    title: 'Revoke it?',
    submit: 'Revoke it',
    label: 'Reason',
    intro: 'No run starts by it any more: the standing approval',
    least: 3,
    most: 500,
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

const state = z.object({
  values: z.object({ note: z.object({ value: z.object({ value: z.string().nullish() }) }) }),
});

/** The form that asks for words. Nothing has to be looked up for it, so it can open at once. */
export function noteForm(memory: NoteMemory): ModalView {
  const form = FORMS[memory.action];
  return {
    type: 'modal',
    callback_id: NOTE_MODAL,
    private_metadata: JSON.stringify(memory),
    title: { type: 'plain_text', text: form.title },
    submit: { type: 'plain_text', text: form.submit },
    close: { type: 'plain_text', text: 'Not yet' },
    blocks: [
      {
        type: 'section',
        text: { type: 'mrkdwn', text: `${form.intro} \`${memory.id}\`. It is kept in the audit log and shown to all.` },
      },
      {
        type: 'input',
        block_id: 'note',
        label: { type: 'plain_text', text: form.label },
        element: {
          type: 'plain_text_input',
          action_id: 'value',
          multiline: true,
          min_length: form.least,
          max_length: form.most,
        },
      },
    ],
  };
}

/** The words that somebody filled in, or what is wrong with them. */
export function submittedNote(
  action: NoteAction,
  given: unknown,
): { readonly ok: true; readonly note: string } | { readonly ok: false; readonly problem: string } {
  const { least, most } = FORMS[action];
  const read = state.safeParse(given);
  const note = read.success ? (read.data.values.note.value.value ?? '').trim() : '';
  if (note.length < least) return { ok: false, problem: `Say it, in at least ${least} characters.` };
  if (note.length > most) return { ok: false, problem: `At most ${most} characters.` };
  return { ok: true, note };
}
