import { COMPOSE_FILES } from './compose.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/**
 * Removes what a change that did not come to its end has left: the new file, a copy that is not whole, and a copy of what
 * was not replaced, which a revert would take for the newest. Safe to run twice.
 */
const body = `${COMPOSE_FILES}
backup=$P_file.$P_started-$P_operation.bak
rm -f "$P_staged" "$backup.part" || exit 49
if [ "$(sum "$P_file")" = "$P_before" ]; then rm -f "$backup" "$backup.sha256" || exit 49; fi
echo "nothing of the new file is left beside $P_file"
`;

export const composeDiscard: StepDefinition = {
  name: 'compose.discard',
  body,
  explain: explainBy([], {
    message: 'The file that was waiting could not be removed',
    next: 'Remove the file whose name begins with .twokey-staged by hand: it may hold passwords.',
  }),
};
