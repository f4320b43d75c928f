import { expect } from 'vitest';
import { z } from 'zod';
import type { Rendered } from '../../src/adapters/slack/render/answer.ts';
import { blockCharacters, checkBlocks, MAX_MESSAGE_BLOCK_CHARACTERS } from '../../src/workspace/blocks/check.ts';

const block = z.looseObject({ type: z.string() });

/** Fails when Slack would refuse the message, or when it says nothing to a screen reader. */
export function expectSlackTakes(message: Rendered): void {
  const blocks = z.array(block).parse(JSON.parse(JSON.stringify(message.blocks)));
  expect(checkBlocks(blocks, 'message')).toEqual([]);
  expect(blockCharacters(blocks)).toBeLessThanOrEqual(MAX_MESSAGE_BLOCK_CHARACTERS);
  expect(message.text.trim().length).toBeGreaterThan(0);
  expect(message.text.length).toBeLessThanOrEqual(4_000);
}

/** Every text that Slack would read as mrkdwn, the fallback text too. */
export function mrkdwnOf(message: Rendered): string[] {
  const texts = [message.text];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) for (const inner of value) walk(inner);
    else if (typeof value === 'object' && value !== null) {
      if ('type' in value && value.type === 'mrkdwn' && 'text' in value) texts.push(String(value.text));
      for (const inner of Object.values(value)) walk(inner);
    }
  };
  walk(message.blocks);
  return texts;
}

/** What a token between angle brackets may be: a mention of a person, a channel, or a date with its fallback. */
const TOKEN = /^(?:@[UW][A-Z0-9]+|#C[A-Z0-9]+|!date\^\d+\^[^|>]+\|[^|>]+ UTC)$/;

/** The tokens in the texts that are not ours: what somebody could have smuggled in. */
export function foreignTokens(message: Rendered): string[] {
  return mrkdwnOf(message)
    .flatMap((text) => [...text.matchAll(/<([^>]*)>?/g)].map((found) => found[1] ?? ''))
    .filter((token) => !TOKEN.test(token));
}

/** Texts that have hurt messages before: markup, mentions, control characters, several bytes, several units. */
export const NASTY: readonly string[] = [
  '<!channel> & <@U0ADM> *bold* `code` ```fence``` _x_ ~y~',
  '"quotes" and \\backslashes\\ '.repeat(200),
  'line\n'.repeat(1_000),
  'ä€😀'.repeat(1_500),
  '😀'.repeat(3_000),
  '&<>'.repeat(1_500),
  '`'.repeat(4_000),
  '\u0000\u0007\u001b[31m\u007f\u2028\u202e'.repeat(300),
  'x'.repeat(8_000),
];
