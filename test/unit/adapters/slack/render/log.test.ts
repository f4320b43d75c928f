import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { renderPost, SEGMENT_CHARS, segmentLength } from '../../../../../src/adapters/slack/render/log.ts';
import type { Post, PostBody } from '../../../../../src/operations/announce.ts';
import { T0 } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, NASTY } from '../../../../support/slack-limits.ts';

/** Bytes read at once, as the sender does: a character has at most four. */
const WINDOW = SEGMENT_CHARS * 4;
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

/** Cuts a whole output as the sender does while it grows by the given amounts. */
function segments(output: Buffer, growth: readonly number[]): Buffer[] {
  const cut: Buffer[] = [];
  let posted = 0;
  let stored = 0;
  for (const more of [...growth, output.length]) {
    stored = Math.min(output.length, stored + more);
    const ended = stored === output.length;
    for (;;) {
      const window = output.subarray(posted, Math.min(stored, posted + WINDOW));
      const length = window.length === 0 ? 0 : segmentLength(window, ended && window.length === stored - posted);
      if (length === 0) break;
      cut.push(output.subarray(posted, posted + length));
      posted += length;
    }
  }
  return cut;
}

const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom('ä', '€', '😀', '\ufeff', 'x').map((unit) => unit.repeat(4_000)),
);
const text = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join('\n')));
const binary = fc.oneof(
  fc.uint8Array({ maxLength: 9_000 }).map((bytes) => Buffer.from(bytes)),
  // Halves of characters, forms that are too long, surrogates: what TextDecoder replaces in several ways.
  fc
    .array(fc.constantFrom(0x61, 0x0a, 0xc3, 0xa4, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xed, 0xe0, 0xff), {
      maxLength: 9_000,
      size: 'max',
    })
    .map((bytes) => Buffer.from(bytes)),
);
const growth = fc.array(fc.integer({ min: 0, max: 6_000 }), { maxLength: 10 });

describe('cutting output into messages', () => {
  it('loses and doubles no byte, whatever the bytes are and however they come', () => {
    fc.assert(
      fc.property(fc.oneof(text, binary), growth, (output, steps) => {
        const cut = segments(output, steps);
        expect(Buffer.concat(cut).equals(output)).toBe(true);
        for (const one of cut) expect(decode(one).length).toBeLessThanOrEqual(SEGMENT_CHARS);
      }),
      { numRuns: 250 },
    );
  });

  it('never splits a character', () => {
    fc.assert(
      fc.property(text, growth, (output, steps) => {
        const cut = segments(output, steps);
        expect(cut.map(decode).join('')).toBe(decode(output));
      }),
      { numRuns: 150 },
    );
  });

  it('ends a message at the end of a line where there is one', () => {
    expect(segmentLength(Buffer.from('one\ntwo\nthr'), false)).toBe(8);
    expect(segmentLength(Buffer.from(`${'a'.repeat(3_000)}\n${'b'.repeat(3_000)}\n`), false)).toBe(3_001);
  });

  it('waits for the end of a line, unless there is none to come', () => {
    expect(segmentLength(Buffer.from('password: '), false)).toBe(0);
    expect(segmentLength(Buffer.from('password: '), true)).toBe(10);
    expect(segmentLength(new Uint8Array(0), false)).toBe(0);
  });

  it('cuts a line that is too long, between two characters', () => {
    expect(segmentLength(Buffer.from('x'.repeat(9_000)), false)).toBe(SEGMENT_CHARS);
    expect(segmentLength(Buffer.from(`x${'😀'.repeat(3_000)}`), false)).toBe(
      1 + 4 * Math.floor((SEGMENT_CHARS - 1) / 2),
    );
  });

  it('waits for the rest of a character, unless there is none to come', () => {
    const half = Buffer.concat([Buffer.from('x'.repeat(10)), Buffer.from('😀').subarray(0, 2)]);
    expect(segmentLength(half, false)).toBe(0);
    expect(segmentLength(half, true)).toBe(12);
  });
});

function post(kind: Post['kind'], body: PostBody): Post {
  return {
    id: 1,
    key: 'log:job:0',
    operation: '7k3m9q2x',
    kind,
    channel: 'C0OPS',
    body,
    state: 'new',
    attempts: 0,
    createdAt: T0,
    threadTs: '1.1',
  };
}

describe('a message of output', () => {
  it.each(NASTY.map((nasty) => [nasty.slice(0, 24), nasty]))(
    '%j… is taken by Slack and means nothing',
    (_shown, nasty) => {
      const message = renderPost(post('log', { heading: nasty, text: nasty.slice(0, SEGMENT_CHARS) }));
      expectSlackTakes(message);
      expect(foreignTokens(message)).toEqual([]);
      const note = renderPost(post('note', { text: nasty }));
      expectSlackTakes(note);
      expect(foreignTokens(note)).toEqual([]);
    },
  );

  it('shows the text as it is, control characters too, without the line feed at its end', () => {
    const { blocks } = renderPost(post('log', { heading: 'Step 1', text: '<b> *x* `y` \u001b[1m\u0000\n\n' }));
    expect(blocks).toEqual([
      { type: 'context', elements: [{ type: 'mrkdwn', text: '*Step 1*' }] },
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: '<b> *x* `y` ␛[1m␀\n' }] }],
      },
    ]);
  });

  it('of an empty line is not empty', () => {
    expectSlackTakes(renderPost(post('log', { text: '\n' })));
  });
});
