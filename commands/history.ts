import { z } from 'zod';
import { findSite } from '../src/estate/estate.ts';
import { targetOfKey } from '../src/estate/target.ts';
import { ok } from '../src/kernel/result.ts';
import { keysSeen } from '../src/operations/targets.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { historyRow } from './contract/words.ts';

/** A site by its name, `host:acme-app` or `cluster:acme`. */
const key = z
  .string()
  .trim()
  .toLowerCase()
  .max(80)
  .regex(/^(?:(?:host|cluster):)?[a-z0-9.-]+$/, 'a name, host:<name> or cluster:<name>');

export const command = question({
  name: 'history',
  summary: 'List the last operations, of one site, host or cluster, or of all.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: false }],
  about: 'seen',
  args: z.strictObject({ site: key.optional() }),
  answer: async (args, { book, estate, config, asker }) => {
    const last = await book.history({ site: args.site ?? null, limit: 20, sites: keysSeen(asker, estate) });
    // What was removed has a history all the same.
    const there = args.site === undefined || targetOfKey(estate, args.site) !== null;
    const known = there || last.some((one) => one.site === args.site);
    const site = known ? null : findSite(estate, args.site ?? '');
    if (site && !site.ok) return site;
    const rows = last.map(historyRow);
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
