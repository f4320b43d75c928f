import { z } from 'zod';
import { choiceOption, confirm, menuOption, offered, optionGroup, plain } from './text.ts';

const identifier = z.string().min(1).max(255).optional();
const flag = z.boolean().optional();
const placeholder = plain(150).optional();
const base = { action_id: identifier };
const menu = { ...base, confirm, focus_on_load: flag, placeholder };
const several = { ...menu, max_selected_items: z.number().int().min(1).optional() };
const filter = z
  .strictObject({
    include: z
      .array(z.enum(['im', 'mpim', 'private', 'public']))
      .min(1)
      .optional(),
    exclude_external_shared_channels: flag,
    exclude_bot_users: flag,
  })
  .optional();
const typed = {
  ...base,
  placeholder,
  focus_on_load: flag,
  dispatch_action_config: z
    .strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])) })
    .optional(),
};

export const button = z.strictObject({
  type: z.literal('button'),
  ...base,
  text: plain(75),
  value: z.string().max(2000).optional(),
  url: z.string().max(3000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm,
  accessibility_label: z.string().max(75).optional(),
});

export const image = z
  .strictObject({
    type: z.literal('image'),
    image_url: z.string().max(3000).optional(),
    slack_file: z.strictObject({ id: z.string().optional(), url: z.string().optional() }).optional(),
    alt_text: z.string().min(1).max(2000),
  })
  .refine((value) => (value.image_url === undefined) !== (value.slack_file === undefined), {
    message: 'exactly one of image_url and slack_file is required',
  });

const choices = {
  options: z.array(menuOption).min(1).max(100).optional(),
  option_groups: z.array(optionGroup).min(1).max(100).optional(),
};

/** Whether a menu has options one way only, and starts with ones it offers. */
function consistent(value: {
  readonly options?: readonly { readonly value: string }[] | undefined;
  readonly option_groups?: readonly { readonly options: readonly { readonly value: string }[] }[] | undefined;
  readonly initial_option?: { readonly value: string } | undefined;
  readonly initial_options?: readonly { readonly value: string }[] | undefined;
}): boolean {
  if ((value.options === undefined) === (value.option_groups === undefined)) return false;
  const all = value.options ?? (value.option_groups ?? []).flatMap((group) => group.options);
  const chosen = value.initial_options ?? (value.initial_option === undefined ? [] : [value.initial_option]);
  return offered(chosen, all);
}
const consistency = { message: 'needs options or option_groups, and an initial option has to be one of them' };

const staticSelect = z
  .strictObject({ type: z.literal('static_select'), ...menu, ...choices, initial_option: menuOption.optional() })
  .refine(consistent, consistency);
const multiStaticSelect = z
  .strictObject({
    type: z.literal('multi_static_select'),
    ...several,
    ...choices,
    initial_options: z.array(menuOption).min(1).optional(),
  })
  .refine(consistent, consistency);
const externalSelect = z.strictObject({
  type: z.literal('external_select'),
  ...menu,
  initial_option: menuOption.optional(),
  min_query_length: z.number().int().optional(),
});
const usersSelect = z.strictObject({ type: z.literal('users_select'), ...menu, initial_user: z.string().optional() });
const multiUsersSelect = z.strictObject({
  type: z.literal('multi_users_select'),
  ...several,
  initial_users: z.array(z.string()).optional(),
});
const conversation = { default_to_current_conversation: flag, response_url_enabled: flag, filter };
const conversationsSelect = z.strictObject({
  type: z.literal('conversations_select'),
  ...menu,
  ...conversation,
  initial_conversation: z.string().optional(),
});
const channelsSelect = z.strictObject({
  type: z.literal('channels_select'),
  ...menu,
  response_url_enabled: flag,
  initial_channel: z.string().optional(),
});
const overflow = z.strictObject({
  type: z.literal('overflow'),
  ...base,
  confirm,
  options: z.array(menuOption).min(1).max(5),
});
const datepicker = z.strictObject({
  type: z.literal('datepicker'),
  ...menu,
  initial_date: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}$/)
    .optional(),
});
const timepicker = z.strictObject({
  type: z.literal('timepicker'),
  ...menu,
  initial_time: z
    .string()
    .regex(/^\d{2}:\d{2}$/)
    .optional(),
  timezone: z.string().optional(),
});
const datetimepicker = z.strictObject({
  type: z.literal('datetimepicker'),
  ...base,
  confirm,
  focus_on_load: flag,
  initial_date_time: z.number().int().optional(),
});
const checkboxes = z
  .strictObject({
    type: z.literal('checkboxes'),
    ...base,
    confirm,
    focus_on_load: flag,
    options: z.array(choiceOption).min(1).max(10),
    initial_options: z.array(choiceOption).min(1).optional(),
  })
  .refine(consistent, consistency);
const radioButtons = z
  .strictObject({
    type: z.literal('radio_buttons'),
    ...base,
    confirm,
    focus_on_load: flag,
    options: z.array(choiceOption).min(1).max(10),
    initial_option: choiceOption.optional(),
  })
  .refine(consistent, consistency);

const plainTextInput = z.strictObject({
  type: z.literal('plain_text_input'),
  ...typed,
  initial_value: z.string().max(3000).optional(),
  multiline: flag,
  min_length: z.number().int().min(0).max(3000).optional(),
  max_length: z.number().int().min(1).max(3000).optional(),
});
const numberInput = z.strictObject({
  type: z.literal('number_input'),
  ...typed,
  is_decimal_allowed: z.boolean(),
  initial_value: z.string().optional(),
  min_value: z.string().optional(),
  max_value: z.string().optional(),
});
const emailInput = z.strictObject({
  type: z.literal('email_text_input'),
  ...typed,
  initial_value: z.string().optional(),
});
const urlInput = z.strictObject({ type: z.literal('url_text_input'), ...typed, initial_value: z.string().optional() });

const fileInput = z.strictObject({
  type: z.literal('file_input'),
  ...base,
  filetypes: z.array(z.string().min(1)).min(1).optional(),
  max_files: z.number().int().min(1).max(10).optional(),
});

const pickers = [
  staticSelect,
  multiStaticSelect,
  externalSelect,
  usersSelect,
  multiUsersSelect,
  conversationsSelect,
  channelsSelect,
  datepicker,
  timepicker,
  checkboxes,
  radioButtons,
] as const;

export const actionsElement = z.discriminatedUnion('type', [button, overflow, datetimepicker, ...pickers]);
export const accessory = z.discriminatedUnion('type', [button, overflow, image, ...pickers]);
const inputs = [plainTextInput, numberInput, emailInput, urlInput, datetimepicker, ...pickers] as const;
export const inputElement = z.discriminatedUnion('type', inputs);
/** Only a modal takes files. */
export const modalInputElement = z.discriminatedUnion('type', [...inputs, fileInput]);
