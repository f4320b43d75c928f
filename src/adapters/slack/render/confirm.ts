import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import { keyInWords, readKey } from '../../../estate/thing.ts';
import { destroyedBy } from '../../../operations/plan.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import { clipped, code, escaped, fitted } from './mrkdwn.ts';
import { REASON, WORDS_BLOCK, wordsField } from './note-form.ts';

export const CONFIRM_MODAL = 'confirm';
const REASON_HINT = 'The approvers read it on the card, and it stays in the audit log.';

/** What travels through the form: what it is about, which plan was looked at, what has to be typed, and where the answer belongs. */
export const confirmMemory = z.object({
  operation: z.string().regex(/^[0-9a-z]{8}$/),
  channel: z.string(),
  generation: z.number().int(),
  name: z.string(),
  reason: z.boolean(),
});
export type ConfirmMemory = z.output<typeof confirmMemory>;

const field = z.object({ value: z.object({ value: z.string().nullish() }) });
const state = z.object({ values: z.object({ name: field, [WORDS_BLOCK]: field.optional() }) });

function frame(blocks: KnownBlock[], more: Partial<ModalView> = {}): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Confirm this operation?' },
    close: { type: 'plain_text', text: 'Not yet' },
    blocks,
    ...more,
  };
}

function section(lines: readonly string[]): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: fitted(lines, '\n', 2_900) } };
}

/** What stands in the modal while the operation is read: a trigger lives three seconds. */
export function confirmLoading(): ModalView {
  return frame([section(['One moment, the operation is being read…'])]);
}

/** A refusal in place of the form. */
export function confirmRefused(blocks: KnownBlock[]): ModalView {
  return frame(blocks, { close: { type: 'plain_text', text: 'Close' } });
}

/** What is destroyed, with a sign and in words; nothing for a plan that destroys nothing. */
export function destroyedLines(plan: OperationRecord['plan']): string[] {
  const destroyed = destroyedBy(plan);
  if (destroyed.length === 0) return [];
  return [
    ':warning: *It destroys, and nothing brings it back by itself:*',
    ...destroyed.map((one) => `• ${escaped(one)}`),
  ];
}

/** The form in which the requester types the name of what it works on, and says why where a reason is asked for. */
export function confirmForm(operation: OperationRecord, memory: ConfirmMemory): ModalView {
  const { line, environment, plan, planHash } = operation;
  const { kind, name } = readKey(operation.site);
  const destroyed = destroyedLines(plan);
  return frame(
    [
      section([
        `*${escaped(clipped(line, 300))}* on ${escaped(clipped(`${keyInWords(operation.site)}, ${environment}`, 200))}`,
        `Operation ${code(operation.id)}, plan ${code(planHash.slice(0, 12))}. It starts once nothing else is missing.`,
      ]),
      ...(destroyed.length > 0 ? [section(destroyed)] : []),
      section([`Type the name of the ${kind}, exactly as it is written here: ${code(name)}`]),
      {
        type: 'input',
        block_id: 'name',
        label: { type: 'plain_text', text: `Name of the ${kind}` },
        element: { type: 'plain_text_input', action_id: 'value' },
      },
      ...(memory.reason ? [wordsField('Reason', REASON, REASON_HINT)] : []),
    ],
    {
      callback_id: CONFIRM_MODAL,
      private_metadata: JSON.stringify(memory),
      submit: { type: 'plain_text', text: 'Confirm' },
    },
  );
}

/** What somebody filled in; the name just as it was typed. */
export function submittedConfirmation(given: unknown): { readonly name: string; readonly reason: string | null } {
  const read = state.safeParse(given);
  if (!read.success) return { name: '', reason: null };
  const reason = (read.data.values[WORDS_BLOCK]?.value.value ?? '').trim();
  return { name: read.data.values.name.value.value ?? '', reason: reason === '' ? null : reason };
}

/** What is wrong with it, by field; null when the operation can be asked. */
export function confirmationProblems(
  memory: ConfirmMemory,
  given: { readonly name: string; readonly reason: string | null },
): Record<string, string> | null {
  const length = given.reason?.length ?? 0;
  const problems = {
    ...(given.name === memory.name
      ? {}
      : { name: `That is not the name. It is written ${clipped(memory.name, 100)}, exactly so.` }),
    ...(memory.reason && (length < REASON.least || length > REASON.most)
      ? { [WORDS_BLOCK]: `Say why, in ${REASON.least} to ${REASON.most} characters.` }
      : {}),
  };
  return Object.keys(problems).length === 0 ? null : problems;
}
