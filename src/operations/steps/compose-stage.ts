import { COMPOSE_FILES, COMPOSE_RULES } from './compose.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/**
 * Writes the new file beside the one that is in force, readable by nobody else until it has the owner and the mode of
 * that one. Either all of the other file named `from`, or the compose file with `text` in the place of `length` bytes at
 * `offset`. What comes of it must be exactly what was approved. Safe to run twice.
 */
const body = `${COMPOSE_FILES}
[ "$(sum "$P_file")" = "$P_before" ] || { echo "changed meanwhile: $P_file"; exit 41; }
rm -f "$P_staged" || exit 42
new_bytes() {
  if [ -n "$P_from" ]; then cat "$P_from"; return; fi
  head -c "$P_offset" "$P_file" && printf '%s' "$P_text" && tail -c "+$((P_offset + P_length + 1))" "$P_file"
}
(set -C; new_bytes >"$P_staged") || { echo "$P_staged cannot be written"; exit 42; }
[ "$(sum "$P_staged")" = "$P_after" ] || { echo "changed meanwhile: \${P_from:-$P_file}"; exit 43; }
like_file "$P_staged" || { echo "the owner or the mode of $P_file cannot be given to another file"; exit 44; }
to_disk "$P_staged"
echo "the new file waits as $P_staged, sha256 $P_after"
`;

export const composeStage: StepDefinition = {
  name: 'compose.stage',
  body,
  explain: explainBy([...COMPOSE_RULES], {
    message: 'The new file could not be written',
    next: 'Mend what the log names, then send it again.',
  }),
};
