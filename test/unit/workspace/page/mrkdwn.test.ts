import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Piece, parseMrkdwn } from '../../../../src/workspace/page/blockkit/mrkdwn.ts';

function written(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      if ('pieces' in piece) return written(piece.pieces);
      if ('text' in piece) return piece.text;
      if (piece.kind === 'date') return piece.fallback;
      return piece.kind === 'link' ? piece.label : piece.label || piece.id;
    })
    .join('');
}

describe('parseMrkdwn', () => {
  it('marks bold, italic, struck and code, and nests them', () => {
    expect(parseMrkdwn('*a _b_* ~c~ `d*e*`')).toEqual([
      {
        kind: 'bold',
        pieces: [
          { kind: 'text', text: 'a ' },
          { kind: 'italic', pieces: [{ kind: 'text', text: 'b' }] },
        ],
      },
      { kind: 'text', text: ' ' },
      { kind: 'strike', pieces: [{ kind: 'text', text: 'c' }] },
      { kind: 'text', text: ' ' },
      { kind: 'code', text: 'd*e*' },
    ]);
  });

  it('leaves clock times, file names and arithmetic alone', () => {
    const text = '12:30:15 a_b_c.sql 2*3*4 * not bold * _ no _ 1.2.3';
    expect(parseMrkdwn(text)).toEqual([{ kind: 'text', text }]);
  });

  it('keeps code blocks as written, marks and empty lines included', () => {
    expect(parseMrkdwn('a\n```\n*x*\n\n\n  :tada: &lt;y&gt;\n```\nb')).toEqual([
      { kind: 'text', text: 'a\n' },
      { kind: 'pre', text: '*x*\n\n\n  :tada: <y>' },
      { kind: 'text', text: 'b' },
    ]);
  });

  it('reads mentions, links and dates', () => {
    expect(
      parseMrkdwn('<@U1> <#C1|ops> <!here> <https://x.test/a_b|doc &amp; more> <!date^17^{date} at {time}|then>'),
    ).toEqual([
      { kind: 'user', id: 'U1', label: '' },
      { kind: 'text', text: ' ' },
      { kind: 'channel', id: 'C1', label: 'ops' },
      { kind: 'text', text: ' ' },
      { kind: 'broadcast', id: 'here', label: '' },
      { kind: 'text', text: ' ' },
      { kind: 'link', url: 'https://x.test/a_b', label: 'doc & more' },
      { kind: 'text', text: ' ' },
      { kind: 'date', unix: 17, pattern: '{date} at {time}', url: '', fallback: 'then' },
    ]);
  });

  it('reads quotes line by line', () => {
    expect(parseMrkdwn('a\n&gt; b\n&gt; c\nd')).toEqual([
      { kind: 'text', text: 'a\n' },
      { kind: 'quote', pieces: [{ kind: 'text', text: 'b\nc' }] },
      { kind: 'text', text: 'd' },
    ]);
  });

  it('replaces known emoji names only', () => {
    expect(written(parseMrkdwn(':key: :no_such_sign:'))).toBe('🔑 :no_such_sign:');
  });

  it('never loses a letter or digit, whatever the marks around it', () => {
    const token = fc.constantFrom('*', '_', '~', '`', '```', '\n', ' ', 'a', 'Z', '7', 'é', '>', '(', '.', ':');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const source = tokens.join('');
        const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, '');
        expect(letters(written(parseMrkdwn(source)))).toBe(letters(source));
      }),
      { numRuns: 500 },
    );
  });
});
