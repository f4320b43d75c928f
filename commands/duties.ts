import { z } from 'zod';
import { dutiesOf } from '../src/estate/duty-lists.ts';
import { findSite } from '../src/estate/estate.ts';
import { findProfile } from '../src/estate/profile-load.ts';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { dutyMatrix } from '../src/operations/duties.ts';
import { policyOf } from '../src/operations/site-policy.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { dutyLines, dutyText } from './contract/duty-words.ts';
import { packed } from './contract/packed-lines.ts';

/** How many operations are looked through for evidence. */
const OPERATIONS = 100;

export const command = question({
  name: 'duties',
  summary: 'Show who answers for what on a site, what covers it and how it stands; what nobody owns comes first.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'area', label: 'area', of: 'text', required: false, flag: true, hint: 'only this one, for example backup' },
    { key: 'unowned', label: 'unowned', of: 'text', required: false, flag: true, bare: true },
  ],
  args: z.strictObject({
    site: name,
    area: z.string().trim().toLowerCase().max(40).exactOptional(),
    unowned: z.literal('yes').exactOptional(),
  }),
  answer: async (args, { estate, profiles, duties, config, book, approvers, reviews }) => {
    const site = findSite(estate, args.site);
    if (!site.ok) return site;
    const profile = findProfile(profiles, site.value.profile);
    if (!profile.ok) return profile;
    const [owners, now, operations, people, open] = await Promise.all([
      duties.book.owners(args.site),
      book.now(),
      book.history({ site: args.site, limit: OPERATIONS }),
      approvers(),
      reviews.list('open', { sites: [args.site], limit: OPERATIONS }),
    ]);
    const matrix = dutyMatrix(dutiesOf(profile.value.profile, duties.lists), owners, {
      site: site.value,
      profile: profile.value.profile,
      policy: policyOf(config, estate, site.value, []),
      now,
      operations,
      approvers: people,
      openReviews: open.length,
    });
    const areas = [...new Set(matrix.map((row) => row.duty.area))];
    if (args.area !== undefined && !areas.includes(args.area))
      return err(
        refusal(
          'bad_arguments',
          `${args.site} has no duties of the area "${args.area}".`,
          `There are ${areas.sort().join(', ')}.`,
        ),
      );
    const rows = matrix.filter(
      (row) =>
        (args.area === undefined || row.duty.area === args.area) && (args.unowned === undefined || !row.hasOwner),
    );
    const unowned = rows.filter((row) => !row.hasOwner).length;
    const summary = `${args.site}: ${unowned} of ${rows.length} duties have no owner.`;
    const { parts, shown } = packed(rows.map(dutyLines));
    const left = rows.length - shown;
    const slash = config.slack.command;
    return ok({
      summary,
      parts: [
        text(
          { strong: `Duties of ${args.site}` },
          `, profile ${site.value.profile}: ${unowned} of ${rows.length} have no owner.`,
        ),
        ...parts,
        ...(left === 0
          ? []
          : [text(`${left} more do not fit; all of them are in the file in your direct messages with me.`)]),
        ...(unowned === 0
          ? []
          : [text('Name an owner with ', { code: `${slash} duty set ${args.site} <item> <owner>` }, '.')]),
      ],
      ...(left === 0
        ? {}
        : { file: { name: `duties-${args.site}.txt`, text: `${[summary, ...rows.map(dutyText)].join('\n')}\n` } }),
    });
  },
});
