import type { Refusal } from '../../kernel/errors.ts';
import type { Result } from '../../kernel/result.ts';
import { type ComparedRelease, changedSince, digestOf, type Finding, type HostComparison, sorted } from './finding.ts';
import { unreadOf } from './words.ts';

/** More files than this are no local patches, and nobody could say of all of them that they know what they are. */
const MOST_DIFFERING = 10_000;

/** Somebody's word that what differs may be overwritten. */
export interface Acknowledgement {
  readonly site: string;
  readonly release: ComparedRelease;
  /** The name of the set of findings; see digestOf. */
  readonly digest: string;
  readonly findings: readonly Finding[];
  readonly reason: string;
  readonly by: string;
  readonly at: Date;
}

/** What was found of a site's files, on all hosts that serve it, and who acknowledged what before. */
export interface PatchReport {
  readonly site: string;
  /** What they were compared with, or why there is nothing to compare with. */
  readonly release: Result<ComparedRelease, Refusal>;
  readonly hosts: readonly HostComparison[];
  /** The last one of this site, whatever it was for. */
  readonly last: Acknowledgement | null;
}

export type PatchVerdict =
  | { readonly kind: 'clean' }
  | { readonly kind: 'acknowledged'; readonly digest: string; readonly last: Acknowledgement }
  /** `since`: which files differ from what was acknowledged last; null when nothing ever was for this release. */
  | { readonly kind: 'open'; readonly digest: string; readonly since: readonly string[] | null }
  /** `comparable`: false when there is nothing to compare with, whatever is mended on hosts. */
  | { readonly kind: 'unknown'; readonly comparable: boolean; readonly why: string; readonly next: string };

/** All that differs, on all hosts, by host and path. */
export function findingsOf({ hosts }: PatchReport): readonly Finding[] {
  return sorted(hosts.flatMap((one) => one.findings));
}

/** What keeps the comparison from being complete, host by host, each with what to do. */
function gaps({ hosts }: PatchReport): readonly { readonly why: string; readonly next: string }[] {
  return hosts.flatMap((one) =>
    (one.trouble ? [one.trouble] : unreadOf(one)).map(({ why, next }) => ({ why: `${one.host}: ${why}`, next })),
  );
}

/** The rule: whether files were changed locally, and whether somebody has said that they may be overwritten. */
export function judgePatches(report: PatchReport): PatchVerdict {
  const { release, last } = report;
  if (!release.ok)
    return {
      kind: 'unknown',
      comparable: false,
      why: release.error.message.replace(/\.$/, ''),
      next: release.error.next,
    };
  const missing = gaps(report);
  const [first] = missing;
  if (first)
    return { kind: 'unknown', comparable: true, why: missing.map((one) => one.why).join('; '), next: first.next };
  const findings = findingsOf(report);
  if (findings.length === 0) return { kind: 'clean' };
  if (findings.length > MOST_DIFFERING)
    return {
      kind: 'unknown',
      comparable: true,
      why: `${findings.length} files differ, which is no patch but another release`,
      next: 'See whether `version` of the site and `layout.release_dir` of its profile are right.',
    };
  const digest = digestOf(release.value, findings);
  if (last?.digest === digest) return { kind: 'acknowledged', digest, last };
  const comparable = last?.release.sha256 === release.value.sha256;
  return { kind: 'open', digest, since: comparable ? changedSince(last.findings, findings) : null };
}
