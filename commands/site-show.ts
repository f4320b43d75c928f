import { z } from 'zod';
import { dataPlace } from '../src/estate/data-region.ts';
import { findSite } from '../src/estate/estate.ts';
import { sharingWithProduction } from '../src/estate/sharing.ts';
import { type Estate, name, type Site } from '../src/estate/types.ts';
import { namesOf, webHeads } from '../src/estate/web-heads.ts';
import { ok } from '../src/kernel/result.ts';
import { type Span, text } from './contract/answer.ts';
import { contactSpans } from './contract/check-words.ts';
import { question } from './contract/command.ts';
import { versionsInWords } from './contract/settings.ts';
import { commonFacts } from './contract/thing-facts.ts';

/** The hosts that serve a site, or that nobody has said which. */
function headsInWords(estate: Estate, site: Site): string {
  const heads = webHeads(estate, site);
  return heads.ok ? namesOf(heads.value) : `UNKNOWN: ${heads.error.message}`;
}

export const command = question({
  name: 'site show',
  summary: 'Show what the estate says of a site: environment, version, host, folder, database, region, last operation.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  area: 'estate',
  args: z.strictObject({ site: name }),
  answer: async (args, context) => {
    const { estate, estateBook, settings, book, config } = context;
    const found = findSite(estate, args.site);
    if (!found.ok) return found;
    const site = found.value;
    const { database } = site;
    const { region } = dataPlace(estate, site);
    const [last] = await book.history({ site: site.name, limit: 1 });
    const [contacts, stored] = await Promise.all([estateBook.contacts(), settings.state(site.name)]);
    const lastSpans: Span[] = last
      ? [`${last.command}, ${last.state}, `, { at: last.createdAt, style: 'day-time' }, ', ', { code: last.id }]
      : ['nothing has been run yet'];
    const shares = site.environment === 'production' ? null : sharingWithProduction(estate, site);
    return ok({
      summary: `Site ${site.name}: ${site.environment}, version ${site.version}, on ${site.host}.`,
      parts: [
        { kind: 'heading', text: `Site ${site.name}` },
        {
          kind: 'fields',
          rows: [
            {
              label: 'Environment',
              value: [
                site.environment,
                shares === null ? '' : `; it shares its ${shares.what} with ${shares.site}, so production’s rules hold`,
              ],
            },
            { label: 'Version', value: [site.version] },
            { label: 'Cluster and host', value: [`${site.cluster}, ${site.host}`] },
            { label: 'Web heads', value: [headsInWords(estate, site)] },
            { label: 'Folder', value: [site.site_dir] },
            {
              label: 'Database',
              value: [`${database.name} at ${database.host}:${database.port}, as ${database.user}`],
            },
            { label: 'Profile', value: [site.profile] },
            { label: 'Data region', value: [region ?? 'not said'] },
            {
              label: 'Settings',
              value: [versionsInWords(stored), stored.pendingRedeploy ? '; redeploy pending' : ''],
            },
            { label: 'Host’s last contact', value: contactSpans(contacts.get(site.host), site.host) },
            { label: 'Last operation', value: lastSpans },
            ...(await commonFacts('site', site.name, context)),
          ],
        },
        text('How it is right now: ', { code: `${config.slack.command} status ${site.name}` }),
      ],
    });
  },
});
