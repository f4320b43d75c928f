import { COMPOSE_FILES, COMPOSE_RULES } from './compose.ts';
import { explainBy, type StepDefinition } from './definition.ts';

/**
 * Puts the new file into force by one rename, after a dated copy of the old one and its SHA-256 have reached the disk.
 * Entered again, it goes on where it was; a file that is in force already stays.
 */
const body = `${COMPOSE_FILES}
backup=$P_file.$P_started-$P_operation.bak
done_well() {
  echo "$P_file is in force, sha256 $P_after"
  echo "the one before is $P_folder/$backup, sha256 $P_before"
  printf 'compose_backup=%s\\ncompose_file_before=sha256 %s\\ncompose_file_now=sha256 %s\\nnext=The way back: \`%s\`.\\n' \\
    "$P_folder/$backup" "$P_before" "$P_after" "$P_back" >"$TWOKEY_DIR/result"
  exit 0
}
[ "$(sum "$P_file")" = "$P_after" ] && [ "$(sum "$backup")" = "$P_before" ] && done_well
[ "$(sum "$P_file")" = "$P_before" ] || { echo "changed meanwhile: $P_file"; exit 41; }
[ "$(sum "$P_staged")" = "$P_after" ] || { echo "the new file is not there any more"; exit 45; }
rm -f "$backup.part" || exit 46
(set -C; cat "$P_file" >"$backup.part") && like_file "$backup.part" && to_disk "$backup.part" || exit 46
[ "$(sum "$backup.part")" = "$P_before" ] || { echo "changed meanwhile: $P_file"; exit 41; }
rm -f "$backup.sha256" && printf '%s  %s\\n' "$P_before" "$backup" >"$backup.sha256" &&
  like_file "$backup.sha256" && to_disk "$backup.sha256" || exit 46
mv -f "$backup.part" "$backup" && to_disk . || exit 46
[ "$(sum "$P_file")" = "$P_before" ] || { echo "changed meanwhile: $P_file"; exit 41; }
mv -f "$P_staged" "$P_file" || { echo "the file could not be renamed"; exit 47; }
to_disk .
[ "$(sum "$P_file")" = "$P_after" ] || { echo "$P_file is not what was approved"; exit 48; }
done_well
`;

export const composeSwap: StepDefinition = {
  name: 'compose.swap',
  body,
  explain: (code, tail) =>
    code === 48
      ? {
          message: 'The file was changed, but it is not what was approved: somebody else wrote it at the same time.',
          next: 'Look at the file on the host at once.',
        }
      : explainBy(
          [
            ...COMPOSE_RULES,
            {
              when: /^the new file is not there any more$/m,
              message: 'The new file is not there any more, so the old one was left alone.',
              next: 'Send it again.',
            },
          ],
          code === 46 || code === 47
            ? {
                message: 'The file was not changed, because the old one could not be saved or replaced',
                next: 'Mend the cause on the host (is the disk full?), then send it again.',
              }
            : { message: 'Nobody knows whether the file was changed', next: 'Look at the file on the host.' },
        )(code, tail),
};
