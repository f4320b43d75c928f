import { explainBy, type StepDefinition } from './definition.ts';
import { POSTGRES_RULES, POSTGRES_SESSION } from './postgres-session.ts';

/**
 * pg_dump in directory format, and the row counts of the very same snapshot: a psql session exports the snapshot,
 * counts in it while the dump reads from it, and is closed last. It locks the tables against changes of their structure
 * first, because emptying a table shows through any snapshot. Counted are the tables whose rows pg_dump writes: not
 * partitioned parents, temporary tables, or what belongs to an extension. Nothing is piped, so the exit status is the
 * dump's own. The meter also ends when the script has: a signal that comes while it is being forked, with the script's own
 * trap still in it, is lost.
 */
const OWN_TABLES = `from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema')
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`;
const body = `${POSTGRES_SESSION}
mkdir "$partial" || exit 30
mkfifo "$TWOKEY_DIR/sql" || exit 30
psql -X -q -A -t -v ON_ERROR_STOP=1 -v wait="\${P_lock_wait_seconds}s" <"$TWOKEY_DIR/sql" >"$TWOKEY_DIR/answers" 2>&1 9>&- &
session=$!
exec 3>"$TWOKEY_DIR/sql"
cat >&3 <<'SQL'
set lock_timeout = :'wait';
begin isolation level repeatable read, read only;
select 'lock table ' || string_agg(format('%I.%I', n.nspname, c.relname), ', ') || ' in access share mode'
  ${OWN_TABLES} \\gexec
select 'snapshot=' || pg_export_snapshot();
select format('select ''rows='' || to_json(%L::text) || '':'' || count(*) from %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
  ${OWN_TABLES} order by n.nspname, c.relname \\gexec
SQL
until grep -q '^snapshot=' "$TWOKEY_DIR/answers"; do
  kill -0 "$session" 2>/dev/null || { cat "$TWOKEY_DIR/answers"; exit 31; }
  sleep 0.05
done
snapshot=$(sed -n 's/^snapshot=//p' "$TWOKEY_DIR/answers")
echo "snapshot $snapshot"
( while sleep 0.5 && kill -0 "$$"; do du -sk "$partial" | awk '{ printf "%.1f MB written\\n", $1 / 1024 }' >"$TWOKEY_PROGRESS"; done ) >/dev/null 2>&1 </dev/null 3>&- 9>&- &
meter=$!
pg_dump --format=directory --jobs="$P_jobs" --snapshot="$snapshot" --lock-wait-timeout="\${P_lock_wait_seconds}s" \\
  --no-password --verbose --file="$partial/data" 2>&1 3>&-
dumped=$?
kill "$meter" 2>/dev/null
if [ "$dumped" -ne 0 ]; then
  kill "$session" 2>/dev/null
  echo "pg_dump ended with exit code $dumped"
  exit 32
fi
printf 'commit;\\n' >&3
exec 3>&-
wait "$session" || { cat "$TWOKEY_DIR/answers"; echo "the row counts failed"; exit 33; }
sed -n 's/^rows=//p' "$TWOKEY_DIR/answers" >"$partial/rows" || exit 34
echo "counted the rows of $(wc -l <"$partial/rows") tables in the dump's snapshot"
`;

export const dbDump: StepDefinition = {
  name: 'db.dump',
  body,
  explain: explainBy([...POSTGRES_RULES], {
    message: 'The dump failed',
    next: 'Read the log, mend the cause, then retry. The unfinished backup has been removed.',
  }),
};
