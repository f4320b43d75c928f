import type { KnownBlock } from '@slack/types';
import type { Post } from '../../../operations/announce.ts';
import { preformatted, type Rendered } from './answer.ts';
import { clipped, escaped } from './mrkdwn.ts';

/** Most characters of output in one message. */
export const SEGMENT_CHARS = 3_500;

/** Control characters would be dropped or disturb the page; their pictures say what stood there. Tab and line feed stay. */
function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are looked for
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, (char) =>
    char === '\u007f' ? '␡' : String.fromCodePoint(0x2400 + (char.codePointAt(0) ?? 0)),
  );
}

/** A segment of output, or a remark about it, as a message of the operation's thread. */
export function renderPost(post: Post): Rendered {
  const { heading, text = '' } = post.body;
  const head: KnownBlock[] =
    heading === undefined ? [] : [{ type: 'context', elements: [{ type: 'mrkdwn', text: `*${escaped(heading)}*` }] }];
  if (post.kind === 'note') {
    return {
      text: clipped(text, 3_000),
      blocks: [...head, { type: 'context', elements: [{ type: 'mrkdwn', text: `_${escaped(text)}_` }] }],
    };
  }
  // The line feed at the end is the message's own end.
  const shown = visible(text.endsWith('\n') ? text.slice(0, -1) : text);
  return { text: clipped(`${heading ?? 'Output'}: ${shown}`, 300), blocks: [...head, preformatted(shown)] };
}

/**
 * How many of these bytes make the next segment: whole lines as long as they fit, else a cut between two characters;
 * 0 when the line is not complete and more is to come.
 */
export function segmentLength(bytes: Uint8Array, complete: boolean): number {
  const text = new TextDecoder().decode(bytes);
  const characters = [...text.slice(0, SEGMENT_CHARS)];
  const fits = text.length <= SEGMENT_CHARS;
  const encoder = new TextEncoder();
  const head = fits ? text : text.slice(0, SEGMENT_CHARS);
  const lineEnd = head.lastIndexOf('\n');
  if (lineEnd >= 0) return encoder.encode(head.slice(0, lineEnd + 1)).length;
  if (fits) return complete ? bytes.length : 0;
  return encoder.encode(characters.join('').replace(/[\ud800-\udbff]$/, '')).length;
}
