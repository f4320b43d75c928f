import type { ModalView } from '@slack/types';
import { z } from 'zod';

export const DENY_MODAL = 'deny';
/** Length of a reason in characters, without the blanks around it. */
export const REASON = { least: 3, most: 500 } as const;

/** What travels through the form: which operation, and where the answer belongs. */
export const denyMemory = z.object({ operation: z.string().regex(/^[0-9a-z]{8}$/), channel: z.string() });

const state = z.object({
  values: z.object({ reason: z.object({ value: z.object({ value: z.string().nullish() }) }) }),
});

/** The form that asks why. Nothing has to be looked up for it, so it can open at once. */
export function denyModal(memory: z.output<typeof denyMemory>): ModalView {
  return {
    type: 'modal',
    callback_id: DENY_MODAL,
    private_metadata: JSON.stringify(memory),
    title: { type: 'plain_text', text: 'Deny this request?' },
    submit: { type: 'plain_text', text: 'Deny it' },
    close: { type: 'plain_text', text: 'Not yet' },
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `One denial ends operation \`${memory.operation}\`. The reason is shown on its card and kept in the audit log.`,
        },
      },
      {
        type: 'input',
        block_id: 'reason',
        label: { type: 'plain_text', text: 'Reason' },
        element: {
          type: 'plain_text_input',
          action_id: 'value',
          multiline: true,
          min_length: REASON.least,
          max_length: REASON.most,
        },
      },
    ],
  };
}

/** The reason that somebody filled in, or what is wrong with it. */
export function submittedReason(
  given: unknown,
): { readonly ok: true; readonly reason: string } | { readonly ok: false; readonly problem: string } {
  const read = state.safeParse(given);
  const reason = read.success ? (read.data.values.reason.value.value ?? '').trim() : '';
  if (reason.length < REASON.least) return { ok: false, problem: `Say why, in at least ${REASON.least} characters.` };
  if (reason.length > REASON.most) return { ok: false, problem: `At most ${REASON.most} characters.` };
  return { ok: true, reason };
}
