import { z } from 'zod';
import { findSite } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { acknowledgeLine, overwrittenBy } from '../src/operations/patches/overwritten.ts';
import { findingsOf, judgePatches, type PatchReport, type PatchVerdict } from '../src/operations/patches/verdict.ts';
import { countsInWords, sinceInWords } from '../src/operations/patches/words.ts';
import { type Part, text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { acknowledgedSpans, hostRows, listed } from './contract/patch-words.ts';

const NOT_LOOKED_AT = 'Files that the release does not ship are not looked at.';

function summaryOf(report: PatchReport, release: string, verdict: PatchVerdict): string {
  const { length } = findingsOf(report);
  const differ = length === 1 ? `1 file of ${release} differs` : `${length} files of ${release} differ`;
  switch (verdict.kind) {
    case 'clean':
      return `Every file of ${release} is as shipped: ${countsInWords(report.hosts)}.`;
    case 'acknowledged':
      return `${differ} at ${report.site}, which is acknowledged.`;
    case 'open':
      return `${differ} at ${report.site}, which nobody has acknowledged.`;
    case 'unknown':
      return `UNKNOWN: not every file of ${release} could be compared at ${report.site}.`;
    default:
      return verdict satisfies never;
  }
}

function standing(report: PatchReport, verdict: PatchVerdict, slash: string): readonly Part[] {
  switch (verdict.kind) {
    case 'clean':
      return [];
    case 'acknowledged':
      return [text('Acknowledged by ', ...acknowledgedSpans(verdict.last))];
    case 'open':
      return [
        ...(report.last === null || verdict.since === null
          ? []
          : [
              text(
                'Another set was acknowledged by ',
                ...acknowledgedSpans(report.last),
                `. ${sinceInWords(verdict.since)}.`,
              ),
            ]),
        text('To acknowledge this set: ', { code: `${slash} ${acknowledgeLine(report.site, verdict.digest)}` }),
      ];
    case 'unknown':
      return [text({ strong: 'Next:' }, ` ${verdict.next}`)];
    default:
      return verdict satisfies never;
  }
}

export const command = question({
  name: 'patches',
  summary: 'List the files of a site that are not what its release ships: an upgrade overwrites them.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  args: z.strictObject({ site: name }),
  answer: async (args, { estate, patches, tell, config }) => {
    const site = findSite(estate, args.site);
    if (!site.ok) return site;
    const report = await patches.look(site.value, tell);
    if (!report.release.ok) return report.release;
    const { product, version } = report.release.value;
    const verdict = judgePatches(report);
    const summary = summaryOf(report, `${product} ${version}`, verdict);
    const upgrade = overwrittenBy(report);
    const files = listed(report);
    return ok({
      ...files,
      summary,
      parts: [
        text(verdict.kind === 'unknown' ? { strong: summary } : summary),
        ...(verdict.kind === 'clean' ? [] : [hostRows(report), ...files.parts]),
        ...standing(report, verdict, config.slack.command),
        text(upgrade.ok ? NOT_LOOKED_AT : `${NOT_LOOKED_AT} An upgrade is refused as long as this stands.`),
      ],
    });
  },
});
