import { z } from 'zod';

/** Text objects, options and confirm dialogs with Slack's lengths (UTF-16 units, the strictest way to count). */

export const plain = (max: number) =>
  z.strictObject({
    type: z.literal('plain_text'),
    text: z.string().min(1).max(max),
    emoji: z.boolean().optional(),
  });

export const mrkdwn = (max: number) =>
  z.strictObject({
    type: z.literal('mrkdwn'),
    text: z.string().min(1).max(max),
    verbatim: z.boolean().optional(),
  });

export const anyText = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)]);

export const confirm = z
  .strictObject({
    title: plain(100),
    text: anyText(300),
    confirm: plain(30),
    deny: plain(30),
    style: z.enum(['primary', 'danger']).optional(),
  })
  .optional();

const optionOf = <T extends z.ZodType>(text: T) =>
  z.strictObject({
    text,
    value: z.string().min(1).max(150),
    description: plain(75).optional(),
    url: z.string().max(3000).optional(),
  });

/** For menus: plain text only. */
export const menuOption = optionOf(plain(75));
/** For radio buttons and checkboxes: mrkdwn is allowed. */
export const choiceOption = optionOf(anyText(75));
export const optionGroup = z.strictObject({ label: plain(75), options: z.array(menuOption).min(1).max(100) });

/** A field that names an option has to name one of those offered. */
export function offered(
  chosen: readonly { readonly value: string }[],
  options: readonly { readonly value: string }[],
): boolean {
  return chosen.every((choice) => options.some((option) => option.value === choice.value));
}
