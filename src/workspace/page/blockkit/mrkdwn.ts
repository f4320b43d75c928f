import { emojiSign } from './emoji.ts';

/** One piece of a parsed mrkdwn text. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code' | 'pre'; readonly text: string }
  | { readonly kind: 'bold' | 'italic' | 'strike' | 'quote'; readonly pieces: readonly Piece[] }
  | { readonly kind: 'link'; readonly url: string; readonly label: string }
  | { readonly kind: 'user' | 'channel' | 'group' | 'broadcast'; readonly id: string; readonly label: string }
  | {
      readonly kind: 'date';
      readonly unix: number;
      readonly pattern: string;
      readonly url: string;
      readonly fallback: string;
    };

const MARKS = { '*': 'bold', _: 'italic', '~': 'strike' } as const;
const WORD = /[\p{L}\p{N}]/u;
const BARE_URL = /^https?:\/\/[^\s<>|]*[^\s<>|.,;:!?)'"\]]/;

/** Undoes the three entities that Slack uses in texts. */
export function unescapeText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function angle(body: string): Piece {
  const [head = '', ...rest] = body.split('|');
  const label = unescapeText(rest.join('|'));
  if (head.startsWith('!date^')) {
    const [, unix = '', pattern = '', url = ''] = head.split('^');
    return { kind: 'date', unix: Number(unix), pattern, url, fallback: label };
  }
  if (head.startsWith('@')) return { kind: 'user', id: head.slice(1), label };
  if (head.startsWith('#')) return { kind: 'channel', id: head.slice(1), label };
  if (head.startsWith('!subteam^')) return { kind: 'group', id: head.slice(9), label };
  if (head.startsWith('!')) return { kind: 'broadcast', id: head.slice(1), label };
  const url = unescapeText(head);
  return { kind: 'link', url, label: label === '' ? url : label };
}

/** The index of the mark that closes the one at `open`, or -1: on the same line, not after a space, not before a letter. */
function closing(source: string, open: number, mark: string): number {
  if (/\s/.test(source[open + 1] ?? ' ')) return -1;
  for (let at = open + 2; at < source.length && source[at] !== '\n'; at += 1) {
    const isClose = source[at] === mark && !/\s/.test(source[at - 1] ?? '') && !WORD.test(source[at + 1] ?? ' ');
    if (isClose) return at;
  }
  return -1;
}

interface Match {
  readonly piece: Piece;
  readonly end: number;
}

function matchAt(source: string, at: number): Match | undefined {
  const sign = source[at];
  if (sign === '`') {
    const end = source.indexOf('`', at + 1);
    const body = end === -1 ? '' : source.slice(at + 1, end);
    if (body === '' || body.includes('\n')) return undefined;
    return { piece: { kind: 'code', text: unescapeText(body) }, end: end + 1 };
  }
  if (sign === '<') {
    const end = source.indexOf('>', at);
    return end > at + 1 ? { piece: angle(source.slice(at + 1, end)), end: end + 1 } : undefined;
  }
  if (sign === ':') {
    const name = /^:([a-z0-9_+'-]+(?:::skin-tone-\d)?):/.exec(source.slice(at, at + 60));
    const emoji = name?.[1] === undefined ? undefined : emojiSign(name[1]);
    return name && emoji !== undefined ? { piece: { kind: 'text', text: emoji }, end: at + name[0].length } : undefined;
  }
  const before = source[at - 1] ?? ' ';
  if (WORD.test(before)) return undefined;
  if (sign === '*' || sign === '_' || sign === '~') {
    const end = closing(source, at, sign);
    if (end === -1) return undefined;
    return { piece: { kind: MARKS[sign], pieces: inline(source.slice(at + 1, end)) }, end: end + 1 };
  }
  if (sign === 'h') {
    const url = BARE_URL.exec(source.slice(at))?.[0];
    if (url === undefined) return undefined;
    return { piece: { kind: 'link', url: unescapeText(url), label: unescapeText(url) }, end: at + url.length };
  }
  return undefined;
}

function inline(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') pieces.push({ kind: 'text', text: unescapeText(text) });
    text = '';
  };
  let at = 0;
  while (at < source.length) {
    const match = matchAt(source, at);
    if (match === undefined) {
      text += source[at];
      at += 1;
    } else {
      flush();
      pieces.push(match.piece);
      at = match.end;
    }
  }
  flush();
  return pieces;
}

function withQuotes(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  for (const part of source.split(/((?:^(?:&gt;|>)[^\n]*\n?)+)/m)) {
    if (/^(?:&gt;|>)/.test(part)) {
      const body = part.replace(/^(?:&gt;|>) ?/gm, '').replace(/\n$/, '');
      pieces.push({ kind: 'quote', pieces: inline(body) });
    } else if (part !== '') {
      pieces.push(...inline(part));
    }
  }
  return pieces;
}

/** Parses Slack's mrkdwn. Nothing is ever dropped: what is not a mark stays as written. */
export function parseMrkdwn(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  source.split(/```([\s\S]*?)```\n?/).forEach((part, index) => {
    if (index % 2 === 1) pieces.push({ kind: 'pre', text: unescapeText(part.replace(/^\n|\n$/g, '')) });
    else pieces.push(...withQuotes(part));
  });
  return pieces;
}
