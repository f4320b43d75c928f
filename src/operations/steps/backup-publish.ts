import { explainBy, type StepDefinition } from './definition.ts';
import { POSTGRES_RULES, POSTGRES_SESSION } from './postgres-session.ts';

/** Everything to the disk, then one rename: only now does it have a name that looks like a backup. */
const body = `${POSTGRES_SESSION}
find "$partial" -type f -exec sync {} + || exit 60
find "$partial" -type d -exec sync {} + || exit 60
[ -e "$folder/$name" ] && { echo "$folder/$name exists already"; exit 61; }
mv "$partial" "$folder/$name" || exit 62
sync "$folder" || exit 62
bytes=$(du -sk "$folder/$name" | awk '{ printf "%.0f", $1 * 1024 }')
sum=$(sha256sum <"$folder/$name/SHA256SUMS")
echo "$folder/$name"
echo "$bytes bytes, sha256 \${sum%% *}"
printf 'path=%s\\nbytes=%s\\nsha256=%s\\n' "$folder/$name" "$bytes" "\${sum%% *}" >"$TWOKEY_DIR/result"
`;

export const backupPublish: StepDefinition = {
  name: 'backup.publish',
  body,
  explain: explainBy([...POSTGRES_RULES], {
    message: 'The finished backup could not be put in place',
    next: 'Read the log, then retry.',
  }),
};
