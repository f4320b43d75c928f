import type { z } from 'zod';
import type { Block } from '../protocol.ts';
import { KINDS, type Surface } from './kinds.ts';

/** Blocks in one message, or in one view. */
const MAX_BLOCKS: Readonly<Record<Surface, number>> = { message: 50, modal: 100, home: 100 };
/** Undocumented by Slack: a message whose blocks are longer than about this is refused as a whole. */
export const MAX_MESSAGE_BLOCK_CHARACTERS = 13_200;
const MAX_TABLE_CHARACTERS = 10_000;
const MAX_MARKDOWN_CHARACTERS = 12_000;

/** Problems as Slack words them: `[ERROR] what [json-pointer:/blocks/0/text/text]`. Empty when all is well. */
export function checkBlocks(blocks: readonly Block[], surface: Surface, pointer = '/blocks'): string[] {
  const problems: string[] = [];
  const say = (what: string, where: string): void => {
    problems.push(`[ERROR] ${what} [json-pointer:${pointer}${where}]`);
  };
  if (blocks.length > MAX_BLOCKS[surface]) say(`no more than ${MAX_BLOCKS[surface]} items allowed`, '');
  const seen = new Set<string>();
  blocks.forEach((block, index) => {
    const kind = KINDS[surface][block.type];
    if (kind === undefined) {
      say(`unsupported type: ${block.type}`, `/${index}/type`);
      return;
    }
    const parsed = kind.safeParse(block);
    for (const issue of parsed.error?.issues ?? []) say(wording(issue), `/${index}${joined(issue.path)}`);
    if (typeof block.block_id === 'string') {
      if (seen.has(block.block_id)) say(`block_id already exists: ${block.block_id}`, `/${index}/block_id`);
      seen.add(block.block_id);
    }
    const ids = actionIds(block);
    if (new Set(ids).size < ids.length) say('action_id has to be unique within its block', `/${index}`);
  });
  const tables = blocks.filter((block) => block.type === 'table');
  if (tables.length > 1) say('only one table is allowed in a message', '');
  if (tables.some((table) => textLength(table.rows) > MAX_TABLE_CHARACTERS)) {
    say(`no more than ${MAX_TABLE_CHARACTERS} characters allowed in a table`, '');
  }
  const markdown = blocks
    .filter((block) => block.type === 'markdown')
    .reduce((sum, block) => sum + textLength(block.text), 0);
  if (markdown > MAX_MARKDOWN_CHARACTERS)
    say(`no more than ${MAX_MARKDOWN_CHARACTERS} characters of markdown allowed`, '');
  return problems;
}

/** What counts against the limit of a whole message: the JSON of its blocks, of a table only the text. */
export function blockCharacters(blocks: readonly Block[]): number {
  return blocks.reduce(
    (sum, block) => sum + (block.type === 'table' ? textLength(block.rows) : JSON.stringify(block).length),
    0,
  );
}

/** Gives every block a block_id and every interactive element an action_id, as Slack does on arrival. */
export function withIds(blocks: readonly Block[], newId: () => string): Block[] {
  const named = (element: unknown): unknown =>
    isRecord(element) && typeof element.type === 'string' && INTERACTIVE.has(element.type)
      ? { ...element, action_id: element.action_id ?? newId() }
      : element;
  return blocks.map((block) => ({
    ...block,
    block_id: block.block_id ?? newId(),
    ...(Array.isArray(block.elements) && block.type === 'actions' ? { elements: block.elements.map(named) } : {}),
    ...(block.accessory === undefined ? {} : { accessory: named(block.accessory) }),
    ...(block.element === undefined ? {} : { element: named(block.element) }),
  }));
}

const INTERACTIVE = new Set([
  'file_input',
  'button',
  'overflow',
  'checkboxes',
  'radio_buttons',
  'datepicker',
  'timepicker',
  'datetimepicker',
  'static_select',
  'multi_static_select',
  'external_select',
  'users_select',
  'multi_users_select',
  'conversations_select',
  'channels_select',
  'plain_text_input',
  'number_input',
  'email_text_input',
  'url_text_input',
]);

/** The interactive elements of a block, wherever they stand in it. */
export function interactiveElements(block: Block): Record<string, unknown>[] {
  const candidates: unknown[] = [block.accessory, block.element];
  if (Array.isArray(block.elements)) candidates.push(...block.elements);
  return candidates
    .filter(isRecord)
    .filter((element) => typeof element.type === 'string' && INTERACTIVE.has(element.type));
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function actionIds(block: Block): string[] {
  return interactiveElements(block)
    .map((element) => element.action_id)
    .filter((id) => typeof id === 'string');
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + textLength(item), 0);
  if (!isRecord(value)) return 0;
  return textLength(value.text) + textLength(value.elements);
}

function joined(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part)}`).join('');
}

/** Slack's words for what a schema found. */
export function wording(issue: z.core.$ZodIssue): string {
  if (issue.code === 'unrecognized_keys') return `invalid additional property: ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_union') return 'unsupported type';
  if (issue.code === 'too_big') {
    return issue.origin === 'array'
      ? `no more than ${issue.maximum} items allowed`
      : `must be less than ${Number(issue.maximum) + 1}${issue.origin === 'string' ? ' characters' : ''}`;
  }
  if (issue.code === 'too_small') {
    return issue.origin === 'array'
      ? `must provide at least ${issue.minimum} items`
      : `must be more than ${Number(issue.minimum) - 1}${issue.origin === 'string' ? ' characters' : ''}`;
  }
  if (issue.code !== 'invalid_type') return issue.message;
  return /received undefined/.test(issue.message) ? 'missing required field' : `wrong type: expected ${issue.expected}`;
}
