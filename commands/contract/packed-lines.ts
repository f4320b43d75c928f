import { type Part, type Span, text } from './answer.ts';

/** Characters of one part, and of all of them if nothing else says so: a message of Slack's holds about 12,000 with its markup. */
const PART = 2_000;
const ALL = 8_000;

/** Characters that a line can take up at most, with what escaping makes of it. */
function room(spans: readonly Span[]): number {
  return JSON.stringify(spans).replaceAll(/[&<>]/g, '&amp;').length;
}

/** Packs lines into parts, in their order, as far as so many characters hold them; the first always is. */
export function packed(
  lines: readonly (readonly Span[])[],
  most = ALL,
): {
  readonly parts: readonly Part[];
  readonly shown: number;
} {
  const parts: Part[] = [];
  let [shown, all, here] = [0, 0, 0];
  let spans: Span[] = [];
  for (const line of lines) {
    const size = room(line);
    if (shown > 0 && all + size > most) break;
    if (here > 0 && here + size > PART) {
      parts.push(text(...spans));
      [spans, here] = [[], 0];
    }
    spans.push(...(here === 0 ? [] : ['\n']), ...line);
    [here, all, shown] = [here + size, all + size, shown + 1];
  }
  if (spans.length > 0) parts.push(text(...spans));
  return { parts, shown };
}
