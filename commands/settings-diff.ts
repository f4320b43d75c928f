import { settingOf } from '../src/estate/setting.ts';
import { diffSettings, shownSetting } from '../src/estate/site-settings.ts';
import { err, ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { noSuchSetting, pendingPart, settingKeys, settingsQuestion, versionsInWords } from './contract/settings.ts';

export const command = settingsQuestion({
  name: 'settings diff',
  summary: 'Show which settings of a site are stored but do not run yet.',
  answer: (its, key, context) => {
    const { profile, state } = its;
    const site = its.site.name;
    if (key !== undefined && ![...settingKeys(its), ...Object.keys(state.runningDocument)].includes(key))
      return err(noSuchSetting(its, key));
    const pending = pendingPart(its, context.config.slack.command);
    const changes = diffSettings(state.runningDocument, state.document).filter(
      (change) => key === undefined || change.key === key,
    );
    const summary = `${changes.length === 0 ? 'No setting' : changes.length === 1 ? 'One setting' : `${changes.length} settings`} of ${site}${key === undefined ? '' : ` (of ${key})`} ${changes.length > 1 ? 'differ' : 'differs'} from what was deployed: ${versionsInWords(state)}.`;
    if (changes.length === 0) return ok({ summary, parts: [text(summary), ...pending] });
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
        ...pending,
      ],
    });
  },
});
