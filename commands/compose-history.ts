import { z } from 'zod';
import { findSite } from '../src/estate/estate.ts';
import { findProfile } from '../src/estate/profile-load.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { findFile } from '../src/operations/compose/check-folder.ts';
import { lookAtCompose, namedAgain } from '../src/operations/compose/look.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { composeHostField } from './contract/compose.ts';
import { bytesInWords } from './contract/words.ts';

/** How many backups are shown; the oldest stay on the host. */
const SHOWN = 30;

export const command = question({
  name: 'compose history',
  summary:
    'List the dated backups of a site’s compose file: when each was made, by which operation, and whether it is intact.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }, composeHostField],
  args: z.strictObject({ site: name, host: name.optional() }),
  answer: async (args, { estate, profiles, settings, hosts, config }) => {
    const site = findSite(estate, args.site);
    if (!site.ok) return site;
    const profile = findProfile(profiles, site.value.profile);
    if (!profile.ok) return profile;
    const its = { estate, site: site.value, profile: profile.value, settings: await settings.state(site.value.name) };
    const looked = await lookAtCompose(hosts, its, { host: args.host, backups: true });
    if (!looked.ok) return looked;
    const file = findFile(looked.value, looked.value.version);
    if (!file.ok) return file;
    const { path, host, backups, contents } = looked.value;
    const here = `${path}/${file.value.file.name} on ${host.name}`;
    const now = contents.get(file.value.file.name)?.sha256 ?? 'unknown';
    const summary =
      backups.length === 0
        ? `${here} has no dated backup: Twokey has not changed it, or somebody has removed them.`
        : `${here} has ${backups.length === 1 ? 'one dated backup' : `${backups.length} dated backups`}; the newest is ${backups[0]?.name}.`;
    const back = `${config.slack.command} compose revert ${namedAgain(looked.value, site.value)}`;
    return ok({
      summary,
      parts: [
        text(summary),
        text('It has the sha256 ', { code: now }, ' now.'),
        ...(backups.length === 0
          ? []
          : ([
              {
                kind: 'table',
                head: ['Backup', 'Size', 'sha256', 'State'],
                rows: backups
                  .slice(0, SHOWN)
                  .map((one) => [
                    one.name,
                    bytesInWords(one.bytes),
                    one.sha256,
                    one.intact
                      ? one.sha256 === now
                        ? 'intact, as the file is now'
                        : 'intact'
                      : 'NOT what its .sha256 says',
                  ]),
              },
              text('The newest comes back with ', { code: back }, ', another one with its name after that.'),
            ] as const)),
      ],
    });
  },
});
