import { explainBy, type StepDefinition } from './definition.ts';
import { POSTGRES_RULES, POSTGRES_SESSION } from './postgres-session.ts';

/**
 * Reads the dump back: its table of contents must hold every table the site cannot do without, and each table that was
 * counted. Then a manifest with the row counts and a SHA-256 of every file. This proves the dump readable, not
 * restorable; that is a restore drill's business.
 */
const body = `${POSTGRES_SESSION}
pg_restore --list "$partial/data" >"$partial/contents" || exit 50
for table in $P_must_have_tables; do
  schema=public
  case $table in *.*) schema=\${table%%.*}; table=\${table#*.} ;; esac
  grep -qF " TABLE DATA $schema $table " "$partial/contents" || { echo "the table $schema.$table is not in the dump"; exit 51; }
done
listed=$(grep -c ' TABLE DATA ' "$partial/contents")
counted=$(wc -l <"$partial/rows" | tr -d ' ')
[ "$listed" -ge "$counted" ] || { echo "$counted tables were counted but only $listed are in the dump"; exit 52; }
rows=$(paste -s -d , "$partial/rows")
{
  printf '{"format":1,"site":"%s","version":"%s","operation":"%s","started":"%s","database":"%s","tool":"%s",\\n' \\
    "$P_site" "$P_version" "$P_operation" "$P_started" "$P_db_name" "$(pg_dump --version | sed 's/.*) //; s/ .*//')"
  printf '"rows":{%s}}\\n' "$rows"
} >"$partial/manifest.json" || exit 53
rm -f "$partial/rows"
( cd "$partial" && find . -type f ! -name SHA256SUMS | LC_ALL=C sort | while IFS= read -r file; do sha256sum "$file" || exit 1; done ) >"$TWOKEY_DIR/sums" || exit 54
mv "$TWOKEY_DIR/sums" "$partial/SHA256SUMS" || exit 54
echo "tables $listed, files $(wc -l <"$partial/SHA256SUMS"), manifest and checksums written"
printf 'tables=%s\\n' "$listed" >"$TWOKEY_DIR/result"
`;

export const dbVerify: StepDefinition = {
  name: 'db.verify',
  body,
  explain: explainBy(
    [
      {
        when: /is not in the dump/,
        message: 'The dump lacks a table that the site must have.',
        next: 'Check `must_have_tables` in the estate and the database itself.',
      },
      {
        when: /were counted but only/,
        message: 'The dump has fewer tables than the database.',
        next: 'Check the rights of the backup user, then retry.',
      },
      ...POSTGRES_RULES,
    ],
    { message: 'The dump could not be read back', next: 'Read the log, then retry.' },
  ),
};
