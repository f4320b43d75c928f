import type { Finding } from '../../src/operations/patches/finding.ts';
import { TYPED_DIGITS } from '../../src/operations/patches/overwritten.ts';
import { type Acknowledgement, findingsOf, type PatchReport } from '../../src/operations/patches/verdict.ts';
import { KIND_WORDS, shortPath, unreadInWords } from '../../src/operations/patches/words.ts';
import { type Part, type Span, text } from './answer.ts';

/** How many files an answer names; all of them are counted, and in the file beside it. */
const LISTED = 50;
/** Characters of one part, and of all of them: a message of Slack's holds about 12,000 with its markup. */
const PART = 2_000;
const ALL = 8_000;
/** How many lines the file beside an answer has at most. */
const FILED = 20_000;

/** Characters that a line can take up at most, with what escaping makes of it. */
function room(spans: readonly Span[]): number {
  return JSON.stringify(spans).replaceAll(/[&<>]/g, '&amp;').length;
}

function line({ host, path, kind }: Finding): readonly Span[] {
  return [`${host} `, { code: shortPath(path) }, ` ${KIND_WORDS[kind]}`];
}

/** The first files that differ, as far as a message holds them, with how many there are beyond. */
export function findingParts(report: PatchReport): readonly Part[] {
  const findings = findingsOf(report);
  const parts: Part[] = [];
  let spans: Span[] = [];
  let [all, here, shown] = [0, 0, 0];
  for (const one of findings.slice(0, LISTED)) {
    const own = line(one);
    const size = room(own);
    if (all + size > ALL) break;
    if (here > 0 && here + size > PART) {
      parts.push(text(...spans));
      [spans, here] = [[], 0];
    }
    spans.push(...(here === 0 ? [] : ['\n']), ...own);
    [all, here, shown] = [all + size, here + size, shown + 1];
  }
  if (spans.length > 0) parts.push(text(...spans));
  const left = findings.length - shown;
  return left === 0 ? parts : [...parts, text(`${left} more are in the file in your direct messages with me.`)];
}

/** All of them as a file, where an answer does not name all. */
export function findingFile(report: PatchReport): { readonly name: string; readonly text: string } | null {
  const findings = findingsOf(report);
  if (findings.length <= LISTED) return null;
  const lines = findings
    .slice(0, FILED)
    .map(({ host, path, kind, found }) => [host, path, KIND_WORDS[kind], found ?? ''].join('\t'));
  const left = findings.length - lines.length;
  return {
    name: `patches-${report.site}.txt`,
    text: `${[...lines, ...(left === 0 ? [] : [`and ${left} more`])].join('\n')}\n`,
  };
}

/** How each host stands, a row a host. */
export function hostRows(report: PatchReport): Part {
  return {
    kind: 'fields',
    rows: report.hosts.map((one) => {
      const { host, same, findings, behind, trouble } = one;
      if (trouble) return { label: host, value: [{ strong: 'UNKNOWN' }, `: ${trouble.why}`] };
      const unread = unreadInWords(one);
      const value: Span[] = [`${same} as shipped, ${findings.length} not`];
      if (behind > 0) value.push(`, ${behind} behind folders that are links and not looked at`);
      if (unread !== '') value.push('; ', { strong: 'UNKNOWN' }, `: ${unread}`);
      return { label: host, value };
    }),
  };
}

/** Who said what of which set, and when. */
export function acknowledgedSpans({ by, at, reason, digest }: Acknowledgement): readonly Span[] {
  return [
    { person: by },
    ' ',
    { at, style: 'day-time' },
    `: ${reason} (set `,
    { code: digest.slice(0, TYPED_DIGITS) },
    ')',
  ];
}
