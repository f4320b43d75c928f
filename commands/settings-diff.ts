import { z } from 'zod';
import { settingOf } from '../src/estate/setting.ts';
import { diffSettings, shownSetting } from '../src/estate/site-settings.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { pendingPart, siteSettings, versionsInWords } from './contract/settings.ts';

export const command = question({
  name: 'settings diff',
  summary: 'Show which settings of a site are stored but do not run yet.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'key', label: 'setting', of: 'text', required: false },
  ],
  args: z.strictObject({ site: name, key: z.string().max(100).optional() }),
  answer: async ({ site, key }, context) => {
    const its = await siteSettings(site, context);
    if (!its.ok) return its;
    const { profile, state } = its.value;
    const changes = diffSettings(state.runningDocument, state.document).filter(
      (change) => key === undefined || change.key === key,
    );
    const summary = `${changes.length === 0 ? 'No setting' : changes.length === 1 ? 'One setting' : `${changes.length} settings`} of ${site}${key === undefined ? '' : ` (of ${key})`} ${changes.length > 1 ? 'differ' : 'differs'} from what was deployed: ${versionsInWords(state)}.`;
    if (changes.length === 0)
      return ok({ summary, parts: [text(summary), ...pendingPart(its.value, context.config.slack.command)] });
    return ok({
      summary,
      parts: [
        text(summary),
        {
          kind: 'table',
          head: ['Setting', 'Running', 'Stored', 'Holds'],
          rows: changes.map((change) => [
            change.key,
            shownSetting(profile, change.key, change.before),
            shownSetting(profile, change.key, change.after),
            settingOf(profile, change.key)?.needs_redeploy === false ? 'at once' : 'after a redeploy',
          ]),
        },
        ...(state.running === 0
          ? [
              text(
                'What the site had before Twokey deployed anything is not known; the profile’s defaults stand for it.',
              ),
            ]
          : []),
        ...pendingPart(its.value, context.config.slack.command),
      ],
    });
  },
});
