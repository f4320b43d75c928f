import type { UiFile } from '../../protocol.ts';
import { child, flag, type Json, list, num, plain, str, strings } from './read.ts';

/** What a person entered in one element, in the shape of Slack's `view.state.values[block_id][action_id]`. */
export interface FieldValue {
  readonly type: string;
  readonly value?: string | null;
  readonly selected_option?: Json | null;
  readonly selected_options?: readonly Json[];
  readonly selected_date?: string | null;
  readonly selected_time?: string | null;
  readonly selected_date_time?: number | null;
  readonly selected_user?: string | null;
  readonly selected_users?: readonly string[];
  readonly selected_channel?: string | null;
  readonly selected_conversation?: string | null;
  readonly files?: readonly UiFile[];
}

/** block_id -> action_id -> value. */
export type FormValues = Readonly<Record<string, Readonly<Record<string, FieldValue>>>>;

/** All options of a select, those of its groups included. */
export function allOptions(element: Json): readonly Json[] {
  const groups = list(element, 'option_groups');
  return groups.length > 0 ? groups.flatMap((group) => list(group, 'options')) : list(element, 'options');
}

/** The value an element starts with, or undefined where the element takes no input. */
export function initialValue(element: Json): FieldValue | undefined {
  const type = str(element, 'type');
  const orNull = (key: string) => (str(element, key) === '' ? null : str(element, key));
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return { type, value: orNull('initial_value') };
    case 'static_select':
    case 'radio_buttons':
      return { type, selected_option: child(element, 'initial_option') ?? null };
    case 'checkboxes':
    case 'multi_static_select':
      return { type, selected_options: list(element, 'initial_options') };
    case 'datepicker':
      return { type, selected_date: orNull('initial_date') };
    case 'timepicker':
      return { type, selected_time: orNull('initial_time') };
    case 'datetimepicker':
      return { type, selected_date_time: num(element, 'initial_date_time') ?? null };
    case 'users_select':
      return { type, selected_user: orNull('initial_user') };
    case 'multi_users_select':
      return { type, selected_users: strings(element, 'initial_users') };
    case 'channels_select':
      return { type, selected_channel: orNull('initial_channel') };
    case 'conversations_select':
      return { type, selected_conversation: orNull('initial_conversation') };
    case 'file_input':
      return { type, files: [] };
    default:
      return undefined;
  }
}

/** The bare selection of a value: an option, a list of options, a date, a user id, or a text. */
export function selectedOf(value: FieldValue): unknown {
  const { type: _type, ...rest } = value;
  return Object.values(rest)[0];
}

function elementsOf(block: Json): readonly Json[] {
  const single = child(block, 'element') ?? child(block, 'accessory');
  return single === undefined ? list(block, 'elements') : [single];
}

/** The values of a whole view: what was entered, else what each element starts with. */
export function formValues(blocks: readonly Json[], entered: FormValues): FormValues {
  const values: Record<string, Record<string, FieldValue>> = {};
  for (const block of blocks) {
    for (const element of elementsOf(block)) {
      const start = initialValue(element);
      if (start === undefined) continue;
      const blockId = str(block, 'block_id');
      const actionId = str(element, 'action_id');
      const known = entered[blockId]?.[actionId];
      const inBlock = values[blockId] ?? {};
      inBlock[actionId] = known !== undefined && known.type === start.type ? known : start;
      values[blockId] = inBlock;
    }
  }
  return values;
}

function isEmpty(value: FieldValue | undefined): boolean {
  const selected = value === undefined ? null : selectedOf(value);
  return (
    selected === null || selected === undefined || selected === '' || (Array.isArray(selected) && !selected.length)
  );
}

/** What Slack itself refuses before it asks the app: required inputs left empty and texts of a wrong length. */
export function localErrors(blocks: readonly Json[], values: FormValues): Readonly<Record<string, string>> {
  const errors: Record<string, string> = {};
  for (const block of blocks) {
    const element = child(block, 'element');
    if (str(block, 'type') !== 'input' || element === undefined) continue;
    const blockId = str(block, 'block_id');
    const value = values[blockId]?.[str(element, 'action_id')];
    if (isEmpty(value)) {
      if (!flag(block, 'optional')) errors[blockId] = `Please fill in “${plain(block, 'label')}”.`;
      continue;
    }
    const length = value?.value?.length ?? 0;
    const least = num(element, 'min_length');
    const most = num(element, 'max_length');
    if (least !== undefined && length < least) errors[blockId] = `At least ${least} characters, please.`;
    if (most !== undefined && length > most) errors[blockId] = `At most ${most} characters, please.`;
  }
  return errors;
}
