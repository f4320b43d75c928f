import type { Profile } from '../src/estate/profile.ts';
import { changeInWords, diffSettings, type SettingsDocument } from '../src/estate/site-settings.ts';
import { ok } from '../src/kernel/result.ts';
import type { SettingsVersion } from '../src/operations/settings/book.ts';
import { type Part, text } from './contract/answer.ts';
import { settingsQuestion, versionsInWords } from './contract/settings.ts';

/** How many versions are shown; one more is read, to tell what the oldest changed. */
const SHOWN = 15;
/** How many of a version's changes are named. */
const NAMED = 6;

function versionPart(
  profile: Profile,
  { version, document, why, by, operation, at }: SettingsVersion,
  before: SettingsDocument,
  runs: boolean,
): Part {
  const changes = diffSettings(before, document).map((change) => changeInWords(profile, change));
  const more = changes.length > NAMED ? [`and ${changes.length - NAMED} more`] : [];
  return text(
    { strong: `Version ${version}` },
    runs ? ' (runs)' : '',
    `, ${why}, by `,
    { person: by },
    ' ',
    { at, style: 'day-time' },
    ', operation ',
    { code: operation },
    `\n${[...changes.slice(0, NAMED), ...more].join('\n')}`,
  );
}

export const command = settingsQuestion({
  name: 'settings history',
  summary: 'List the versions of a site’s settings: who wrote them, when and why, and what changed.',
  answer: async ({ site: { name: site }, profile, state }, key, context) => {
    const versions = await context.settings.history(site, SHOWN + 1);
    const documentBefore = (index: number) => versions[index + 1]?.document ?? {};
    const parts = versions
      .map((one, index) => ({ one, before: documentBefore(index) }))
      .slice(0, SHOWN)
      .filter(({ one, before }) => key === undefined || one.document[key] !== before[key])
      .map(({ one, before }) => versionPart(profile, one, before, one.version === state.running));
    const summary = `Settings of ${site}: ${versionsInWords(state)}.`;
    const older = versions.length > SHOWN ? [text(`Only the newest ${SHOWN} versions are looked at.`)] : [];
    const none = parts.length === 0 ? [text('No version is to be shown.')] : [];
    return ok({
      summary,
      parts: [
        text(summary),
        ...parts,
        ...none,
        ...older,
        text('An older one is stored again with ', {
          code: `${context.config.slack.command} settings rollback ${site} <version>`,
        }),
      ],
    });
  },
});
