import { explainBy, type StepDefinition } from './definition.ts';
import { POSTGRES_RULES, POSTGRES_SESSION } from './postgres-session.ts';

/** Roles and tablespaces, which pg_dump leaves out. Without password hashes: those need a superuser and do not belong into a backup folder. */
const body = `${POSTGRES_SESSION}
pg_dumpall --globals-only --no-role-passwords --no-password --database="$PGDATABASE" --file="$partial/globals.sql" 2>&1 || exit 40
echo "roles: $(grep -c '^CREATE ROLE' "$partial/globals.sql")"
`;

export const dbGlobals: StepDefinition = {
  name: 'db.globals',
  body,
  explain: explainBy([...POSTGRES_RULES], {
    message: 'The roles could not be saved',
    next: 'Read the log, then retry.',
  }),
};
