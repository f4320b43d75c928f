import { interactiveElements, isRecord } from './blocks/check.ts';
import type { ElementState, View, ViewValues } from './model.ts';
import type { Block } from './protocol.ts';

/** What a person put into one element: a text, an option's value or text, several of them, or nothing. */
export type Chosen = string | readonly string[] | null;

/** Turns names of people and channels into ids; gives back what it does not know. */
export interface Names {
  user(idOrName: string): string;
  channel(idOrName: string): string;
  /** A file as an app is told of it. Throws when this person has uploaded none of that id. */
  file(id: string): Record<string, unknown>;
}

/** The state of every element of a view that holds one, from its initial values. */
export function initialState(blocks: readonly Block[]): ViewValues {
  const values: Record<string, Record<string, ElementState>> = {};
  for (const { blockId, actionId, element } of elementsOf(blocks)) {
    if (!HOLDERS.has(String(element.type))) continue;
    values[blockId] = { ...values[blockId], [actionId]: startOf(element) };
  }
  return values;
}

/** Elements with the ids under which their state is kept. */
export function elementsOf(
  blocks: readonly Block[],
): { blockId: string; actionId: string; element: Record<string, unknown> }[] {
  return blocks.flatMap((block) =>
    interactiveElements(block).map((element) => ({
      blockId: String(block.block_id),
      actionId: String(element.action_id),
      element,
    })),
  );
}

/** One element's state as Slack sends it. Throws when an option is chosen that is not offered. */
export function stateOf(element: Readonly<Record<string, unknown>>, chosen: Chosen, names: Names): ElementState {
  const type = String(element.type);
  const one = typeof chosen === 'string' ? (chosen === '' ? null : chosen) : (chosen?.[0] ?? null);
  const many = chosen === null ? [] : typeof chosen === 'string' ? [chosen] : chosen;
  switch (type) {
    case 'static_select':
    case 'external_select':
    case 'radio_buttons':
    case 'overflow':
      return { type, selected_option: one === null ? null : optionOf(element, one) };
    case 'multi_static_select':
    case 'checkboxes':
      return { type, selected_options: many.map((choice) => optionOf(element, choice)) };
    case 'users_select':
      return { type, selected_user: one === null ? null : names.user(one) };
    case 'multi_users_select':
      return { type, selected_users: many.map((name) => names.user(name)) };
    case 'conversations_select':
      return { type, selected_conversation: one === null ? null : names.channel(one) };
    case 'channels_select':
      return { type, selected_channel: one === null ? null : names.channel(one) };
    case 'file_input':
      return { type, files: many.map((id) => names.file(id)) };
    case 'datepicker':
      return { type, selected_date: one };
    case 'timepicker':
      return { type, selected_time: one };
    case 'datetimepicker':
      return { type, selected_date_time: one === null ? null : Number(one) };
    default:
      return { type, value: one };
  }
}

/** Reads what a page sent for one element: a plain choice, or the state in Slack's own shape. */
export function chosenIn(value: unknown): Chosen {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map((item) => chosenIn(item)).filter((item) => typeof item === 'string');
  if (!isRecord(value)) return null;
  if (Array.isArray(value.files)) return value.files.filter(isRecord).map((file) => String(file.id));
  const option = value.selected_option ?? value.value;
  const inner =
    option ??
    value.selected_options ??
    value.selected_user ??
    value.selected_users ??
    value.selected_conversation ??
    value.selected_channel ??
    value.selected_date ??
    value.selected_time ??
    value.selected_date_time;
  return inner === undefined || inner === null ? null : chosenIn(inner);
}

/** A view's state with `values` put in: by block_id, then by action_id or directly, what the person chose. */
export function mergedState(
  view: Pick<View, 'blocks' | 'state'>,
  values: Readonly<Record<string, unknown>>,
  names: Names,
): ViewValues {
  const state: Record<string, Record<string, ElementState>> = {};
  for (const [blockId, actions] of Object.entries(view.state)) state[blockId] = { ...actions };
  for (const { blockId, actionId, element } of elementsOf(view.blocks)) {
    const given = values[blockId];
    const inner = isRecord(given) && !('type' in given) ? given[actionId] : given;
    const block = state[blockId];
    if (inner === undefined || block?.[actionId] === undefined) continue;
    block[actionId] = stateOf(element, chosenIn(inner), names);
  }
  return state;
}

/** Whether the element holds anything: an input block that is not optional needs it. */
export function isEmpty(state: ElementState): boolean {
  return Object.entries(state).every(
    ([key, value]) => key === 'type' || value === null || (Array.isArray(value) && value.length === 0),
  );
}

/** The files that a `file_input` holds. */
export function filesIn(state: ElementState): Record<string, unknown>[] {
  return Array.isArray(state.files) ? state.files.filter(isRecord) : [];
}

/** Every option of a menu, grouped ones included. */
export function optionsOf(element: Readonly<Record<string, unknown>>): Record<string, unknown>[] {
  const direct = Array.isArray(element.options) ? element.options : [];
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  return [
    ...direct,
    ...groups.flatMap((group) => (isRecord(group) && Array.isArray(group.options) ? group.options : [])),
  ].filter(isRecord);
}

/** The text of a text object, or the empty string. */
export function textOf(value: unknown): string {
  return isRecord(value) && typeof value.text === 'string' ? value.text : '';
}

const HOLDERS = new Set([
  'static_select',
  'multi_static_select',
  'external_select',
  'radio_buttons',
  'checkboxes',
  'users_select',
  'multi_users_select',
  'conversations_select',
  'channels_select',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'file_input',
  'plain_text_input',
  'number_input',
  'email_text_input',
  'url_text_input',
]);

function optionOf(element: Readonly<Record<string, unknown>>, choice: string): Record<string, unknown> {
  const options = optionsOf(element);
  const found =
    options.find((option) => option.value === choice) ?? options.find((option) => textOf(option.text) === choice);
  if (found === undefined) {
    const offered = options.map((option) => textOf(option.text)).join(', ');
    throw new Error(`"${choice}" is not offered; there is: ${offered}`);
  }
  return found;
}

const SAME: Names = { user: (id) => id, channel: (id) => id, file: (id) => ({ id }) };

function startOf(element: Readonly<Record<string, unknown>>): ElementState {
  const initial =
    element.initial_option ??
    element.initial_options ??
    element.initial_value ??
    element.initial_user ??
    element.initial_users ??
    element.initial_conversation ??
    element.initial_channel ??
    element.initial_date ??
    element.initial_time ??
    element.initial_date_time ??
    null;
  return stateOf(element, chosenIn(initial), SAME);
}
