import type { KnownBlock, RichTextBlock } from '@slack/types';
import type { Answer, Part } from '../../../../commands/contract/answer.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { clipped, escaped, spans, visible, withPeople } from './mrkdwn.ts';

/** Slack's limits for messages, from the reference of Block Kit. */
const MAX_BLOCKS = 48;
const MAX_SECTION = 2_900;
/** How much of a refusal is kept for what to do next, however long the reason is. */
const KEPT_FOR_NEXT = 1_000;
/** All blocks of a message together; beyond about 13,200 characters Slack answers msg_blocks_too_long. */
const MAX_TOTAL = 12_000;

export interface Rendered {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

/** Preformatted text exactly as it is, nothing in it has a meaning; control characters become their pictures. */
export function preformatted(text: string): RichTextBlock {
  return {
    type: 'rich_text',
    elements: [
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: text === '' ? ' ' : visible(text) }] },
    ],
  };
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const size = (cell: string) => Array.from(cell).length;
  const widths = head.map((_, column) => all.reduce((widest, row) => Math.max(widest, size(row[column] ?? '')), 0));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[column] ?? 0) - size(cell))))
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: clipped(text === '' ? ' ' : text, MAX_SECTION) } };
}

function render(part: Part): KnownBlock {
  switch (part.kind) {
    case 'heading':
      return { type: 'header', text: { type: 'plain_text', text: clipped(part.text, 150) } };
    case 'text':
      return section(spans(part.text));
    case 'fields':
      return section(part.rows.map((row) => `*${escaped(row.label)}*  ${spans(row.value)}`).join('\n'));
    case 'table':
      return preformatted(clipped(table(part.head, part.rows), MAX_SECTION));
    case 'log':
      return preformatted(clipped(part.text.trimEnd(), MAX_SECTION));
    default:
      return part satisfies never;
  }
}

/** A few plain words as a message. */
export function renderWords(words: string): Rendered {
  return { text: escaped(words), blocks: [section(escaped(words))] };
}

/** An answer as a message. What does not fit is left out, and that is said. */
export function renderAnswer(answer: Answer): Rendered {
  const blocks: KnownBlock[] = [];
  let total = 0;
  for (const part of answer.parts) {
    const block = render(part);
    total += JSON.stringify(block).length;
    if (blocks.length >= MAX_BLOCKS || total > MAX_TOTAL) {
      blocks.push(section('_There is more than a message can hold; ask for less at once._'));
      break;
    }
    blocks.push(block);
  }
  return { text: clipped(escaped(answer.summary), 3_000), blocks };
}

/** Commands that sentences name without the slash command before them. */
const OWN_COMMAND =
  /`((?:cluster|host|site|settings|release) [a-z]+|help|sites|history|totp|reviews|standing|patches|profiles|profile show|duties|window)( [^`]*)?`/g;

/** A sentence whose commands stand as they have to be typed. */
export function withSlash(sentence: string, slash: string): string {
  return sentence.replaceAll(OWN_COMMAND, `\`${slash} $1$2\``);
}

/** A refusal: why, and what to do next. */
export function renderRefusal(refused: Refusal, slash: string): Rendered {
  const next = withSlash(refused.next, slash);
  // The sentences are ours and carry back-ticks on purpose; what people typed in them is escaped.
  const then = `*Next:* ${withPeople(next)}`;
  const why = clipped(
    `:no_entry: ${withPeople(refused.message)}`,
    MAX_SECTION - 1 - Math.min(then.length, KEPT_FOR_NEXT),
  );
  return {
    text: clipped(withPeople(`${refused.message} ${next}`), 3_000),
    blocks: [section(`${why}\n${then}`)],
  };
}
