import { COMPOSE_FILES } from './compose.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/** Removes what a change that did not come to its end has left: the new file, and a copy that is not whole. Safe to run twice. */
const body = `${COMPOSE_FILES}
rm -f "$P_staged" "$P_file.$P_started-$P_operation.bak.part" || exit 49
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
