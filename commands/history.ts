import { z } from 'zod';
import { findSite } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { sitesSeen } from '../src/operations/authorise.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { historyRow } from './contract/words.ts';

export const command = question({
  name: 'history',
  summary: 'List the last operations, of one site or of all.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: false }],
  about: 'seen',
  args: z.strictObject({ site: name.optional() }),
  answer: async (args, { book, estate, config, asker }) => {
    if (args.site !== undefined) {
      const site = findSite(estate, args.site);
      if (!site.ok) return site;
    }
    const rows = (await book.history({ site: args.site ?? null, limit: 20, sites: sitesSeen(asker, estate) })).map(
      historyRow,
    );
    if (rows.length === 0)
      return ok({ summary: 'Nothing has been run yet.', parts: [text('Nothing has been run yet.')] });
    return ok({
      summary: `The last ${rows.length} operations.`,
      parts: [
        { kind: 'table', head: ['Operation', 'Asked', 'What', 'State', 'Took'], rows },
        text('More of one: ', { code: `${config.slack.command} show ${rows[0]?.[0] ?? ''}` }),
      ],
    });
  },
});
