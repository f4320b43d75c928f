import { z } from 'zod';
import { findSite } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { acknowledgedSpans, listed } from './contract/patch-words.ts';
import { reasonText } from './contract/reason.ts';

export const command = question({
  name: 'patches acknowledge',
  summary: 'Record that you know which files of a site an upgrade overwrites; they are compared anew for that.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'reason', label: 'reason', of: 'text', required: true, flag: true, hint: 'why they may be overwritten' },
    { key: 'set', label: 'set', of: 'text', required: true, flag: true, hint: 'as `patches` shows it: no other' },
  ],
  roles: ['operator', 'approver'],
  risk: 'routine',
  args: z.strictObject({
    site: name,
    reason: reasonText,
    set: z
      .string()
      .toLowerCase()
      .regex(/^[0-9a-f]{12,64}$/, 'at least 12 digits, as `patches` shows them'),
  }),
  answer: async (args, { estate, patches, tell, asker }) => {
    const site = findSite(estate, args.site);
    if (!site.ok) return site;
    const report = await patches.look(site.value, tell);
    const done = await patches.acknowledge(report, {
      set: args.set,
      reason: args.reason,
      by: asker.person,
    });
    if (!done.ok) return done;
    const { findings, release } = done.value;
    const files = findings.length === 1 ? '1 file' : `${findings.length} files`;
    const list = listed(report);
    return ok({
      ...list,
      summary: `${files} of ${release.product} ${release.version} at ${args.site} may be overwritten.`,
      parts: [
        text('An upgrade may overwrite these files, says ', ...acknowledgedSpans(done.value)),
        ...list.parts,
        text('That holds for this very set: when one of them changes once more, it is asked for again.'),
      ],
    });
  },
});
