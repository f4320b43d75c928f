/**
 * Opens a session for the PostgreSQL client programs. The password comes on standard input as a .pgpass line,
 * lives in a 0600 file of the job's own directory, and is gone when the script ends.
 */
export const POSTGRES_SESSION = `
set -u
umask 077
export PATH="\${P_bin_dir:+$P_bin_dir:}$PATH"
export PGHOST="$P_db_host" PGPORT="$P_db_port" PGUSER="$P_db_user" PGDATABASE="$P_db_name"
export PGCONNECT_TIMEOUT=10 PGAPPNAME="twokey $P_operation" PGPASSFILE="$TWOKEY_DIR/pgpass"
cat >"$PGPASSFILE"
[ -s "$PGPASSFILE" ] || { rm -f "$PGPASSFILE"; unset PGPASSFILE; }
forget() { rm -f "$TWOKEY_DIR/pgpass" "$TWOKEY_DIR/sql" "$TWOKEY_DIR/answers"; }
trap forget EXIT
trap 'exit 143' TERM INT HUP
folder="$P_site_dir/db_backup"
name="$P_site-$P_started-$P_version"
partial="$folder/$name.partial"
`;

/** What goes wrong with any PostgreSQL client program. */
export const POSTGRES_RULES = [
  {
    when: /password authentication failed|no password supplied|fe_sendauth/,
    message: 'PostgreSQL refused the password.',
    next: 'Correct the secret named in the site’s `database.password_secret`, then retry.',
  },
  {
    when: /FATAL: +(?:role "[^"]*" does not exist|(?:Peer|Ident) authentication failed)/,
    message: 'PostgreSQL has no such role, or does not let Twokey’s account on the host in as it.',
    next: 'Over a socket each account comes in as itself: make a role for it (`sudo -u postgres createuser -g pg_read_all_data <account>`), name it in `database.user`, then retry.',
  },
  {
    when: /lock timeout|could not obtain lock/i,
    message: 'A table of the database is locked, probably by a change of its structure, and stayed so too long.',
    next: 'See who holds the lock (`pg_stat_activity`), wait until it is done, then retry.',
  },
  {
    when: /No space left on device/,
    message: 'The disk of the host is full.',
    next: 'Make room on the host, then retry. The unfinished backup has been removed.',
  },
  {
    when: /Connection refused|could not connect|could not translate host name|connection to server .* failed/,
    message: 'PostgreSQL does not answer at the address of the site’s database.',
    next: 'Check that the database server is up and the address in the estate is right, then retry.',
  },
] as const;
