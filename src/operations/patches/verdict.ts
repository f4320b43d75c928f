import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import {
  type ComparedRelease,
  changedSince,
  digestOf,
  type Finding,
  type HostComparison,
  type PatchKind,
  sorted,
  type Unread,
} from './finding.ts';

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

/** How many files a sentence names. */
const NAMED = 10;
/** How much of a path a sentence shows. */
const LONGEST_PATH = 120;
/** How many digits of a set's name are typed. */
export const TYPED_DIGITS = 12;

export const KIND_WORDS: Readonly<Record<PatchKind, string>> = {
  modified: 'modified',
  missing: 'missing',
  link: 'replaced by a link',
  target: 'a link that leads elsewhere',
  type: 'replaced by something else',
};

const UNREAD: Readonly<Record<Unread['why'], { readonly words: string; readonly next: string }>> = {
  unreadable: { words: 'cannot be read', next: 'Let the account of the host read them.' },
  late: { words: 'were not read in time', next: 'Send it again when the host has less to do.' },
  name: {
    words: 'are shipped twice for one place, or under a name that is given to no host',
    next: 'Correct `layout.release_strip` of the profile, or look at them yourself.',
  },
};

/** All that differs, on all hosts, by host and path. */
export function findingsOf({ hosts }: PatchReport): readonly Finding[] {
  return sorted(hosts.flatMap((one) => one.findings));
}

/** What keeps the comparison from being complete, host by host; the first also says what to do. */
function gaps({ hosts }: PatchReport): readonly { readonly why: string; readonly next: string }[] {
  return hosts.flatMap(({ host, trouble, unread }) => {
    if (trouble) return [{ why: `${host}: ${trouble.why}`, next: trouble.next }];
    return (['unreadable', 'late', 'name'] as const).flatMap((why) => {
      const its = unread.filter((one) => one.why === why);
      const first = its[0]?.path;
      if (first === undefined) return [];
      const { words, next } = UNREAD[why];
      return [{ why: `${host}: ${its.length} files ${words}, ${shortPath(first)} for one`, next }];
    });
  });
}

/** The rule: whether files were changed locally, and whether somebody has said that they may be overwritten. */
export function judgePatches(report: PatchReport): PatchVerdict {
  const { release, last } = report;
  if (!release.ok)
    return { kind: 'unknown', comparable: false, why: release.error.message.replace(/\.$/, ''), next: release.error.next };
  const missing = gaps(report);
  const [first] = missing;
  if (first)
    return { kind: 'unknown', comparable: true, why: missing.map((one) => one.why).join('; '), next: first.next };
  const findings = findingsOf(report);
  if (findings.length === 0) return { kind: 'clean' };
  const digest = digestOf(release.value, findings);
  if (last?.digest === digest) return { kind: 'acknowledged', digest, last };
  const comparable = last?.release.sha256 === release.value.sha256;
  return { kind: 'open', digest, since: comparable ? changedSince(last.findings, findings) : null };
}

/**
 * What a plan that unpacks a release over the present one has to say to its approvers. The set's name is among the
 * words, so that a file which changes after an approval makes it another plan. Where there is nothing to compare with,
 * that is said in capitals and people decide. Refusals: patches_open when nobody has acknowledged this very set,
 * precheck_failed when the comparison is not complete.
 */
export function overwrittenBy(report: PatchReport): Result<readonly string[], Refusal> {
  const verdict = judgePatches(report);
  switch (verdict.kind) {
    case 'clean':
      return ok([`Finds every file of ${releaseInWords(report)} as shipped: ${countsInWords(report)}.`]);
    case 'acknowledged':
      return ok([
        `An upgrade overwrites these files: ${filesInWords(report)}. That is acknowledged (${verdict.last.reason}), set ${verdict.digest.slice(0, TYPED_DIGITS)}; \`patches ${report.site}\` says by whom.`,
      ]);
    case 'open': {
      const { digest, since } = verdict;
      const who = since === null ? 'Nobody has acknowledged that.' : `That was acknowledged, but ${sinceInWords(since)}.`;
      return err(
        refusal(
          'patches_open',
          `An upgrade overwrites these files: ${filesInWords(report)}. ${who}`,
          `Keep what you need of them, then send \`${acknowledgeLine(report.site, digest)}\`.`,
        ),
      );
    }
    case 'unknown':
      if (!verdict.comparable)
        return ok([`It is NOT known whether files were changed locally: ${verdict.why}. An upgrade overwrites such files.`]);
      return err(
        refusal(
          'precheck_failed',
          `Whether files of ${report.site} were changed locally is UNKNOWN: ${verdict.why}. An upgrade overwrites such files.`,
          verdict.next,
        ),
      );
    default:
      return verdict satisfies never;
  }
}

/** The command that acknowledges a set, as it is typed behind the slash command. */
export function acknowledgeLine(site: string, digest: string): string {
  return `patches acknowledge ${site} --set ${digest.slice(0, TYPED_DIGITS)} --reason "…"`;
}

/** `1 file differs since: app1 app/run`. */
export function sinceInWords(since: readonly string[]): string {
  const named = since.slice(0, NAMED).map(shortPath).join(', ');
  const more = since.length > NAMED ? ` and ${since.length - NAMED} more` : '';
  return `${since.length === 1 ? '1 file differs' : `${since.length} files differ`} since: ${named}${more}`;
}

/** `312 on acme-app1, 312 on acme-app2`. */
export function countsInWords({ hosts }: PatchReport): string {
  return hosts.map(({ host, same }) => `${same} on ${host}`).join(', ');
}

function releaseInWords({ release }: PatchReport): string {
  return release.ok ? `${release.value.product} ${release.value.version}` : 'the release';
}

function filesInWords(report: PatchReport): string {
  const findings = findingsOf(report);
  const named = findings.slice(0, NAMED).map(({ host, path, kind }) => `${host} ${shortPath(path)} (${KIND_WORDS[kind]})`);
  const more = findings.length > NAMED ? `, and ${findings.length - NAMED} more` : '';
  return `${named.join(', ')}${more}`;
}

/** The end of a path, which tells more than its beginning. */
export function shortPath(path: string): string {
  return path.length <= LONGEST_PATH ? path : `…${path.slice(-LONGEST_PATH).toWellFormed()}`;
}
