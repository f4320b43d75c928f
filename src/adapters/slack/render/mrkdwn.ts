import type { Span } from '../../../../commands/contract/answer.ts';

/** Text of other origin inside mrkdwn: the three characters that Slack gives a meaning. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Cuts at a limit without splitting a character, and says that it did. */
export function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${[...text.slice(0, limit - 1)].join('').replace(/[\ud800-\udbff]$/, '')}…`;
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
  if ('strong' in part) return `*${escaped(part.strong)}*`;
  return instant(part.at, part.style);
}

export function spans(parts: readonly Span[]): string {
  return parts.map(span).join('');
}
