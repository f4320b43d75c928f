import { explainBy, type StepDefinition } from './definition.ts';
import { POSTGRES_SESSION } from './postgres-session.ts';

/** Removes what an unsuccessful backup left behind, so that nothing there looks like a backup. Safe to run twice. */
const body = `${POSTGRES_SESSION}
if [ -d "$partial" ] && [ ! -L "$partial" ]; then
  rm -rf "$partial" || exit 70
  echo "removed the unfinished backup \${partial##*/}"
else
  echo "nothing to remove"
fi
`;

export const backupDiscard: StepDefinition = {
  name: 'backup.discard',
  body,
  explain: explainBy([], {
    message: 'The unfinished backup could not be removed',
    next: 'Remove the folder ending in .partial by hand.',
  }),
};
