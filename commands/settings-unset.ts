import { z } from 'zod';
import { shownSetting, withChanges } from '../src/estate/site-settings.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { CHANGE_ARGS, noSuchSetting, settingKeys, settingsChange } from './contract/settings.ts';

export const command = settingsChange({
  name: 'settings unset',
  summary: 'Forget the stored value of a setting: the profile’s default holds again when the site is deployed.',
  fields: [{ key: 'key', label: 'setting', of: 'text', required: true }],
  args: z.strictObject({ ...CHANGE_ARGS, key: z.string().min(1).max(100) }),
  wanted: (settings, { key }) => {
    const { profile, state } = settings;
    if (!settingKeys(settings).includes(key)) return err(noSuchSetting(settings, key));
    if (!Object.hasOwn(state.document, key))
      return err(
        refusal(
          'bad_arguments',
          `Nothing is stored for ${key} of ${settings.site}: it is ${shownSetting(profile, key, null)}.`,
          'Nothing to do.',
        ),
      );
    return ok({
      document: withChanges(state.document, [{ key, before: null, after: null }]),
      why: `unset ${key}`,
    });
  },
});
