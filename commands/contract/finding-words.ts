import { stringify } from 'yaml';
import type { Candidate } from '../../src/estate/introspection/candidate.ts';
import type { Finding, Severity } from '../../src/estate/introspection/finding.ts';
import { type ClusterDocument, type EstateDocument, type Host, hostDocument } from '../../src/estate/types.ts';
import type { Part, Span } from './answer.ts';
import { shortened } from './words.ts';

const WORDS: Readonly<Record<Severity, string>> = {
  critical: 'CRITICAL',
  warning: 'WARNING',
  unknown: 'UNKNOWN',
  info: 'INFO',
};

/** Longest piece of foreign text in a message; the file has all of it. */
const LONGEST = 300;

/** The beginning of a foreign text, without cutting a character in two. */
export function short(text: string): string {
  return shortened(text, LONGEST);
}

/** A finding as a paragraph: how bad, what about, what it means, what would mend it. */
export function findingPart(finding: Finding, where: string): Part {
  // A command that is cut would be another command.
  const mend: readonly Span[] =
    finding.mend === null
      ? []
      : finding.mend.length > LONGEST
        ? ['\nWhat would mend it is in the file.']
        : ['\nWould mend it: ', { code: finding.mend }];
  const head = [{ strong: WORDS[finding.severity] }, ` ${where}  `, { code: short(finding.subject) }];
  return { kind: 'text', text: [...head, `\n${short(finding.meaning)}`, ...mend] };
}

/** What was found at a place of the estate, a host or the whole cluster. */
export interface Located {
  readonly where: string;
  readonly finding: Finding;
}

const comment = (text: string): string =>
  text
    .split(/[\r\n]+/)
    .map((line) => `# ${line}\n`)
    .join('');

/** The document of a host as the estate's file has it. */
function plainHost(host: Host): EstateDocument['clusters'][number]['hosts'][number] {
  const { cluster: _cluster, ...document } = host;
  return hostDocument.parse(document);
}

/** What `twokey estate import` takes: the cluster with its hosts, and the complete candidates. Null without one. */
export function candidatesYaml(
  cluster: ClusterDocument,
  hosts: readonly Host[],
  candidates: readonly Candidate[],
): string | null {
  const sites = candidates.flatMap((one) => (one.document === null ? [] : [one.document]));
  if (sites.length === 0) return null;
  return stringify({ clusters: [{ ...cluster, hosts: hosts.map(plainHost), sites }] });
}

/** All that a discovery found as one file: the findings as comments, then what can be imported. */
export function discoveryFile(
  cluster: ClusterDocument,
  hosts: readonly Host[],
  findings: readonly Located[],
  candidates: readonly Candidate[],
): string {
  const told = findings.map(({ where, finding }) =>
    comment(
      `${WORDS[finding.severity]} ${finding.code} ${where} ${finding.subject}\n${finding.meaning}${
        finding.mend === null ? '' : `\nWould mend it: ${finding.mend}`
      }`,
    ),
  );
  const notes = candidates.map((one) =>
    comment(
      [
        `${one.document?.name ?? one.found.label} (${one.found.finder}, ${one.host})`,
        ...one.assumed,
        ...one.missing.map((word) => `Missing: ${word}`),
      ].join('\n  '),
    ),
  );
  const yaml = candidatesYaml(cluster, hosts, candidates);
  const how =
    yaml === null
      ? 'Nothing here can be imported as it is.'
      : 'Passwords are never read: give each database its password_secret, unless .pgpass on the host serves.';
  return [...told, ...notes, comment(how), yaml ?? ''].join('#\n');
}
