import { z } from 'zod';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { CHANGE_ARGS, settingsChange } from './contract/settings.ts';

export const command = settingsChange({
  name: 'settings rollback',
  summary: 'Store an older version of a site’s settings again, as a new version.',
  fields: [
    {
      key: 'version',
      label: 'version',
      of: 'text',
      required: true,
      hint: 'its number in `settings history`; 0 unsets all',
    },
  ],
  args: z.strictObject({ ...CHANGE_ARGS, version: z.string().regex(/^\d{1,9}$/, 'the number of a version') }),
  wanted: ({ site, wanted }, { version }) =>
    wanted
      ? ok({ document: wanted.document, why: `rollback to version ${wanted.version}` })
      : err(
          refusal(
            'bad_arguments',
            `The settings of ${site} have no version ${version}.`,
            `See \`settings history ${site}\`.`,
          ),
        ),
});
