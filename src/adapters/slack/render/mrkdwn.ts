import type { Span } from '../../../../commands/contract/answer.ts';

/** Text of other origin inside mrkdwn: the three characters that Slack gives a meaning. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The same, but people stay people: for our own sentences that name some. */
export function withPeople(text: string): string {
  return escaped(text).replaceAll(/&lt;(@[UW][A-Z0-9]{2,20})&gt;/g, '<$1>');
}

/** Cuts at a limit without splitting a character, and says that it did. */
export function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

const jsonLength = (text: string): number => JSON.stringify(text).length - 2;

/**
 * Lines as far as they fit, and how many more there are. The limit counts the JSON of them, as Slack does for all the
 * blocks of a message together; whole lines, so that no mention or date is cut in two.
 */
export function fitted(lines: readonly string[], separator: string, limit: number): string {
  const kept: string[] = [];
  let room = limit - 30;
  for (const line of lines) {
    const own = kept.length === 0 ? withinJson(line, room) : line;
    room -= jsonLength(own) + jsonLength(separator);
    if (room < 0 && kept.length > 0)
      return `${kept.join(separator)}${separator}… and ${lines.length - kept.length} more`;
    kept.push(own);
  }
  return kept.join(separator);
}

function withinJson(text: string, limit: number): string {
  if (jsonLength(text) <= limit) return text;
  let length = 1;
  let kept = '';
  for (const character of text) {
    length += jsonLength(character);
    if (length > limit) return `${kept}…`;
    kept += character;
  }
  return kept;
}

/** Control characters would be dropped or disturb the page; their pictures say what stood there. Tab and line feed stay. */
export function visible(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, (char) => {
    const point = char.codePointAt(0) ?? 0;
    if (char === '\t' || char === '\n') return char;
    if (char === '\u007f') return '␡';
    return point < 0x20 ? String.fromCodePoint(0x2400 + point) : '�';
  });
}

/** Code in mrkdwn cannot hold a back-tick; a look-alike stands in for it. */
export function code(text: string): string {
  return `\`${escaped(text).replaceAll('`', 'ˋ').replaceAll('\n', ' ')}\``;
}

/** An instant that each reader sees in their own zone, with UTC as the written fallback. */
export function instant(at: Date, style: 'time' | 'day-time'): string {
  const form = style === 'time' ? '{time}' : '{date_short_pretty} {time}';
  const fallback = `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at.getTime() / 1000)}^${form}|${fallback}>`;
}

export function span(part: Span): string {
  if (typeof part === 'string') return escaped(part);
  if ('code' in part) return code(part.code);
  if ('person' in part) return `<@${part.person}>`;
  if ('strong' in part) return bold(part.strong);
  return instant(part.at, part.style);
}

/** Slack shows an asterisk beside a blank as an asterisk, so blanks at the ends stay outside. */
function bold(text: string): string {
  const inner = text.trim();
  if (inner === '') return escaped(text);
  const at = text.indexOf(inner);
  return `${text.slice(0, at)}*${escaped(inner)}*${text.slice(at + inner.length)}`;
}

export function spans(parts: readonly Span[]): string {
  return parts.map(span).join('');
}

/** People by their ids. */
export function mentions(people: readonly string[]): string {
  return people.map((person) => `<@${person}>`).join(', ');
}
