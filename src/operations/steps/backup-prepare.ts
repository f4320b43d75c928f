import { explainBy, type StepDefinition } from './definition.ts';
import { POSTGRES_RULES, POSTGRES_SESSION } from './postgres-session.ts';

/**
 * Looks before anything is written: the folders, the versions, the space. The dump needs at most about the size of the
 * database (it is compressed), so that much has to be free. Left-overs of a lost backup are removed here: the site's
 * lock is held, so nobody else can be writing them. Another site's name may begin with this one's, so a date has to follow.
 */
const body = `${POSTGRES_SESSION}
[ -d "$P_site_dir" ] || { echo "the site folder $P_site_dir is not there"; exit 20; }
[ -L "$folder" ] && { echo "$folder is a symbolic link; backups are only written into the site's own folder"; exit 21; }
mkdir -p "$folder" || exit 22
for old in "$folder/$P_site"-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]T[0-9]*Z-*.partial; do
  [ -d "$old" ] && [ ! -L "$old" ] && { echo "removing the left-over of an unfinished backup: \${old##*/}"; rm -rf "$old"; }
done
tool=$(pg_dump --version) || { echo "pg_dump is missing"; exit 23; }
tool=\${tool##*PostgreSQL) }
server=$(psql -X -A -t -c "show server_version") || exit 24
echo "pg_dump \${tool%% *}, server \${server%% *}"
[ "\${tool%%.*}" -ge "\${server%%.*}" ] || { echo "pg_dump \${tool%% *} is older than the server \${server%% *}"; exit 25; }
bytes=$(psql -X -A -t -c "select pg_database_size(current_database())") || exit 24
free=$(df -Pk "$folder" | awk 'NR == 2 { printf "%.0f", $4 * 1024 }')
echo "database $bytes bytes, free $free bytes"
[ "$free" -gt "$bytes" ] || { echo "not enough space: $free bytes are free, $bytes may be needed"; exit 26; }
printf 'database_bytes=%s\\nserver_version=%s\\n' "$bytes" "\${server%% *}" >"$TWOKEY_DIR/result"
`;

export const backupPrepare: StepDefinition = {
  name: 'backup.prepare',
  body,
  explain: explainBy(
    [
      {
        when: /the site folder .* is not there/,
        message: 'The site’s folder is not on the host.',
        next: 'Correct `site_dir` in the estate.',
      },
      {
        when: /is a symbolic link/,
        message: 'The backup folder is a symbolic link.',
        next: 'Replace it by a real folder: backups only go into the site’s own folder.',
      },
      {
        when: /is older than the server/,
        message: 'The host’s pg_dump is older than the database server.',
        next: 'Install the client of the server’s version, or set `database.bin_dir`.',
      },
      {
        when: /not enough space/,
        message: 'There is not enough free space for the backup.',
        next: 'Make room on the host, then retry.',
      },
      {
        when: /pg_dump is missing/,
        message: 'The host has no pg_dump.',
        next: 'Install the PostgreSQL client, or set `database.bin_dir`.',
      },
      ...POSTGRES_RULES,
    ],
    { message: 'The check before the backup failed', next: 'Mend what the log names, then retry.' },
  ),
};
