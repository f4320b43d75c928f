import type { Block } from './protocol.ts';
import { type Chosen, elementsOf, type Names, optionsOf, stateOf, textOf } from './viewState.ts';

/** One thing that a person can press or choose, found in rendered blocks by the words on it. */
export interface Found {
  readonly blockId: string;
  readonly actionId: string;
  /** For an option of a menu: its value. */
  readonly selected: string | undefined;
}

/** Buttons with this label; else options of menus with this text. Exact, apart from surrounding blanks. */
export function findByLabel(blocks: readonly Block[], label: string): Found[] {
  const wanted = label.trim();
  const elements = elementsOf(blocks);
  const buttons = elements.filter((one) => one.element.type === 'button' && textOf(one.element.text).trim() === wanted);
  if (buttons.length > 0)
    return buttons.map((one) => ({ blockId: one.blockId, actionId: one.actionId, selected: undefined }));
  return elements.flatMap((one) =>
    optionsOf(one.element)
      .filter((option) => textOf(option.text).trim() === wanted)
      .map((option) => ({ blockId: one.blockId, actionId: one.actionId, selected: String(option.value) })),
  );
}

/** Every label a person could press, for the message of a failed search. */
export function labels(blocks: readonly Block[]): string[] {
  return elementsOf(blocks).flatMap((one) =>
    one.element.type === 'button'
      ? [textOf(one.element.text)]
      : optionsOf(one.element).map((option) => textOf(option.text)),
  );
}

/** The entry of `actions` for a press or a choice. Undefined when these blocks do not hold such an element. */
export function actionFor(
  blocks: readonly Block[],
  blockId: string,
  actionId: string,
  selected: Chosen,
  names: Names,
): Record<string, unknown> | undefined {
  const element = elementsOf(blocks).find((one) => one.blockId === blockId && one.actionId === actionId)?.element;
  if (element === undefined) return undefined;
  const base = { action_id: actionId, block_id: blockId, type: element.type };
  if (element.type !== 'button') return { ...base, ...stateOf(element, selected, names) };
  return {
    ...base,
    text: element.text,
    ...(element.value === undefined ? {} : { value: element.value }),
    ...(element.style === undefined ? {} : { style: element.style }),
  };
}
