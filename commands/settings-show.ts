import { parameterInWords } from '../src/estate/parameter.ts';
import type { Profile } from '../src/estate/profile.ts';
import { settingOf } from '../src/estate/setting.ts';
import { type SettingsDocument, shownSetting } from '../src/estate/site-settings.ts';
import { err, ok } from '../src/kernel/result.ts';
import { type Part, text } from './contract/answer.ts';
import { noSuchSetting, pendingPart, settingKeys, settingsQuestion, versionsInWords } from './contract/settings.ts';

function row(profile: Profile, document: SettingsDocument, key: string): readonly string[] {
  const setting = settingOf(profile, key);
  const marks = setting === undefined ? 'unknown to the profile' : setting.advanced ? 'advanced' : '';
  return [key, shownSetting(profile, key, document[key] ?? null), marks];
}

function oneKey(profile: Profile, document: SettingsDocument, key: string): readonly Part[] {
  const setting = settingOf(profile, key);
  const what = setting === undefined ? 'The profile does not know it any more.' : setting.description;
  const type =
    setting === undefined ? 'unknown' : setting.secret ? 'a file of the secrets folder' : parameterInWords(setting);
  const marks = [
    ...(setting?.advanced ? ['advanced: usually not to be modified; `--advanced` changes it'] : []),
    setting?.needs_redeploy === false ? 'holds at once' : 'holds after a redeploy',
  ];
  return [
    {
      kind: 'fields',
      rows: [
        { label: 'Setting', value: [{ strong: key }, ` ${what}`] },
        { label: 'Stored', value: [shownSetting(profile, key, document[key] ?? null)] },
        { label: 'Takes', value: [type] },
        { label: 'Also', value: [marks.join('; ')] },
      ],
    },
  ];
}

export const command = settingsQuestion({
  name: 'settings show',
  summary: 'Show the settings of a site as they are stored, or all about one of them; secrets are never shown.',
  answer: (its, key, context) => {
    const { site, profile, state } = its;
    const keys = settingKeys(its);
    if (key !== undefined && !keys.includes(key)) return err(noSuchSetting(its, key));
    const summary = `Settings of ${site.name}: ${versionsInWords(state)}.`;
    const shown: readonly Part[] =
      key !== undefined
        ? oneKey(profile, state.document, key)
        : keys.length === 0
          ? [text(`The profile ${profile.name} has no settings.`)]
          : [
              {
                kind: 'table',
                head: ['Setting', 'Value', ''],
                rows: keys.map((one) => row(profile, state.document, one)),
              },
            ];
    return ok({ summary, parts: [text(summary), ...shown, ...pendingPart(its, context.config.slack.command)] });
  },
});
