import { z } from 'zod';
import { coverageOf } from '../src/estate/profile-coverage.ts';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

export const command = question({
  name: 'profiles',
  summary: 'List the profiles: how each kind of application is operated.',
  fields: [],
  about: 'seen',
  args: z.strictObject({}),
  answer: async (_args, { profiles, estate, config, sees }) => {
    const sites = [...estate.sites.values()].filter(sees);
    const rows = [...profiles.values()].map(({ profile, origin }) => [
      profile.name,
      profile.title,
      origin === 'own' ? 'your own' : 'shipped',
      String(coverageOf(profile).notSet.length),
      sites
        .filter((site) => site.profile === profile.name)
        .map((site) => site.name)
        .join(', '),
    ]);
    return ok({
      summary: `${rows.length} profiles: ${rows.map((row) => row[0]).join(', ')}.`,
      parts: [
        { kind: 'table', head: ['Profile', 'Title', 'Made by', 'Commands not set', 'Sites'], rows },
        text('See one with ', { code: `${config.slack.command} profile show <name>` }, '.'),
      ],
    });
  },
});
