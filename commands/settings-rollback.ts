import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planSettings } from '../src/operations/settings/plan-settings.ts';
import { estateOperation } from './contract/command.ts';
import { ADVANCED_FIELD, advancedFlag, noSettings } from './contract/settings.ts';

export const command = estateOperation({
  name: 'settings rollback',
  summary: 'Store an older version of a site’s settings again, as a new version.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    {
      key: 'version',
      label: 'version',
      of: 'text',
      required: true,
      hint: 'its number in `settings history`; 0 unsets all',
    },
    ADVANCED_FIELD,
  ],
  area: 'site',
  risk: 'routine',
  settings: true,
  args: z.strictObject({
    site: name,
    version: z.string().regex(/^\d{1,9}$/, 'the number of a version'),
    advanced: advancedFlag,
  }),
  plan: ({ estate, settings }, args) => {
    if (!settings) return err(noSettings(args.site));
    const { wanted } = settings;
    if (!wanted)
      return err(
        refusal(
          'bad_arguments',
          `The settings of ${args.site} have no version ${args.version}.`,
          `See \`settings history ${args.site}\`.`,
        ),
      );
    return planSettings(estate, settings, {
      command: 'settings rollback',
      args,
      document: wanted.document,
      advanced: args.advanced === 'yes',
      why: `rollback to version ${wanted.version}`,
    });
  },
});
