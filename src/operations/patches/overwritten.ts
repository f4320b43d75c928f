import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { findingsOf, judgePatches, type PatchReport } from './verdict.ts';
import { countsInWords, KIND_WORDS, NAMED, shortPath, sinceInWords } from './words.ts';

/** How many digits of a set's name are typed. */
export const TYPED_DIGITS = 12;

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
      return ok([`Finds every file of ${releaseInWords(report)} as shipped: ${countsInWords(report.hosts)}.`]);
    case 'acknowledged':
      return ok([
        `An upgrade overwrites these files: ${filesInWords(report)}. That is acknowledged (${verdict.last.reason}), set ${verdict.digest.slice(0, TYPED_DIGITS)}; \`patches ${report.site}\` says by whom.`,
      ]);
    case 'open': {
      const { digest, since } = verdict;
      const who =
        since === null ? 'Nobody has acknowledged that.' : `That was acknowledged, but ${sinceInWords(since)}.`;
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
        return ok([
          `It is NOT known whether files were changed locally: ${verdict.why}. An upgrade overwrites such files.`,
        ]);
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

function releaseInWords({ release }: PatchReport): string {
  return release.ok ? `${release.value.product} ${release.value.version}` : 'the release';
}

function filesInWords(report: PatchReport): string {
  const findings = findingsOf(report);
  const named = findings
    .slice(0, NAMED)
    .map(({ host, path, kind }) => `${host} ${shortPath(path)} (${KIND_WORDS[kind]})`);
  const more = findings.length > NAMED ? `, and ${findings.length - NAMED} more` : '';
  return `${named.join(', ')}${more}`;
}
