import type { KnownBlock } from '@slack/types';
import type { Post } from '../../../operations/announce.ts';
import { preformatted, type Rendered } from './answer.ts';
import { clipped, escaped, visible } from './mrkdwn.ts';

/** Most characters of output in one message. */
export const SEGMENT_CHARS = 3_500;
const LINE_FEED = 0x0a;

/** A segment of output, or a remark about it, as a message of the operation's thread. */
export function renderPost(post: Post): Rendered {
  const { heading, text = '' } = post.body;
  const head: KnownBlock[] =
    heading === undefined
      ? []
      : [{ type: 'context', elements: [{ type: 'mrkdwn', text: `*${escaped(clipped(heading, 400))}*` }] }];
  if (post.kind === 'note') {
    return {
      text: clipped(escaped(text), 3_000),
      blocks: [...head, { type: 'context', elements: [{ type: 'mrkdwn', text: `_${escaped(clipped(text, 400))}_` }] }],
    };
  }
  // The line feed at the end is the message's own end.
  const shown = text.endsWith('\n') ? text.slice(0, -1) : text;
  return {
    text: clipped(escaped(`${heading ?? 'Output'}: ${clipped(visible(shown), 200)}`), 1_200),
    blocks: [...head, preformatted(shown)],
  };
}

/** Bytes and UTF-16 units of the character that begins at `at`; a byte that is not UTF-8 counts as one character. */
function characterAt(bytes: Uint8Array, at: number): { bytes: number; units: number; cut: boolean } {
  const lead = bytes[at] ?? 0;
  const size = lead >= 0xf0 && lead <= 0xf4 ? 4 : lead >= 0xe0 && lead < 0xf0 ? 3 : lead >= 0xc2 && lead < 0xe0 ? 2 : 1;
  for (let next = 1; next < size; next += 1) {
    const byte = bytes[at + next];
    if (byte === undefined) return { bytes: next, units: next, cut: true };
    if ((byte & 0xc0) !== 0x80) return { bytes: 1, units: 1, cut: false };
  }
  // Overlong forms and halves of surrogate pairs decode to several replacement characters.
  return {
    bytes: size,
    units: size === 1 ? 1 : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at, at + size)).length,
    cut: false,
  };
}

/**
 * How many of these bytes make the next segment: whole lines as long as they fit, else a cut between two characters;
 * 0 when the line is not complete and more is to come. Counted in bytes of the output, which need not be UTF-8.
 */
export function segmentLength(bytes: Uint8Array, complete: boolean): number {
  let at = 0;
  let units = 0;
  let lineEnd = 0;
  while (at < bytes.length) {
    const character = characterAt(bytes, at);
    if (units + character.units > SEGMENT_CHARS) return lineEnd > 0 ? lineEnd : at;
    // The rest of this character has not come yet.
    if (character.cut && !complete) break;
    if (bytes[at] === LINE_FEED) lineEnd = at + 1;
    at += character.bytes;
    units += character.units;
  }
  if (lineEnd > 0) return lineEnd;
  return complete ? bytes.length : 0;
}
