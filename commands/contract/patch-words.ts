import type { Finding } from '../../src/operations/patches/finding.ts';
import { TYPED_DIGITS } from '../../src/operations/patches/overwritten.ts';
import { type Acknowledgement, findingsOf, type PatchReport } from '../../src/operations/patches/verdict.ts';
import { KIND_WORDS, shortPath, unreadInWords } from '../../src/operations/patches/words.ts';
import { type Answer, type Part, type Span, text } from './answer.ts';
import { packed } from './packed-lines.ts';

/** How many files an answer names; all of them are counted. */
const LISTED = 50;
/** Characters of them: what is said of the hosts above and the command below need the rest of a message. */
const LISTED_CHARACTERS = 5_000;
/** How many lines the file beside an answer has at most. */
const FILED = 20_000;

function line({ host, path, kind }: Finding): readonly Span[] {
  return [`${host} `, { code: shortPath(path) }, ` ${KIND_WORDS[kind]}`];
}

/** The first files that differ, as far as a message holds them, and a file of all of them where it does not. */
export function listed(report: PatchReport): Pick<Answer, 'parts' | 'file'> {
  const findings = findingsOf(report);
  const { parts, shown } = packed(findings.slice(0, LISTED).map(line), LISTED_CHARACTERS);
  const left = findings.length - shown;
  if (left === 0) return { parts };
  return {
    parts: [...parts, text(`${left} more are in the file in your direct messages with me.`)],
    file: { name: `patches-${report.site}.txt`, text: fileOf(findings) },
  };
}

function fileOf(findings: readonly Finding[]): string {
  const lines = findings
    .slice(0, FILED)
    .map(({ host, path, kind, found }) => [host, path, KIND_WORDS[kind], found ?? ''].join('\t'));
  const left = findings.length - lines.length;
  return `${[...lines, ...(left === 0 ? [] : [`and ${left} more`])].join('\n')}\n`;
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
