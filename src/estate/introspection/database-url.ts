import { type DatabaseFound, NO_DATABASE } from './found-site.ts';

/** Where the programs of PostgreSQL look for a server on Debian and its like when nothing names one. */
export const LOCAL_SOCKET = '/var/run/postgresql';
const SCHEME = /^(?:jdbc:)?(?:postgres(?:ql)?|postgis)(?:\+[a-z0-9]+)?:\/\//i;

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text) || null;
  } catch {
    return text || null;
  }
}

/** A port as it is written in a file; null for anything else than a number of 1 to 65535. */
export function readPort(text: string | null): number | null {
  if (text === null || !/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port >= 1 && port <= 65_535 ? port : null;
}

/**
 * The parts of a PostgreSQL address (`postgres://user:…@host:5432/name`); null when it is the address of anything else.
 * The host may be missing, or be a socket's folder, as libpq has it: `postgres://user@/name?host=/run/postgresql`,
 * `postgres://%2Frun%2Fpostgresql/name`. A URL of the web may not, so it is not read as one.
 */
export function readDatabaseUrl(text: string): DatabaseFound | null {
  if (!SCHEME.test(text)) return null;
  const parts =
    /^(?:([^/?#]*)@)?(\[[^\]/?#]*\]|[^[\]:/?#]*)(?::([^/?#]*))?(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/s.exec(
      text.replace(SCHEME, ''),
    );
  if (!parts) return NO_DATABASE;
  const [, credentials = '', host = '', port = '', path = '', query = ''] = parts;
  const more = new URLSearchParams(query);
  return {
    host: decoded(host.replace(/^\[(.*)\]$/, '$1')) ?? (more.get('host') || null),
    port: readPort(port || more.get('port')),
    name: decoded(path) ?? (more.get('dbname') || null),
    user: decoded(credentials.split(':')[0] ?? '') ?? (more.get('user') || null),
  };
}

/** The parts of a libpq data source, `dbname='karl' host=db user=karl`. */
export function readDsn(text: string): DatabaseFound {
  const parts = new Map<string, string>();
  for (const [, key = '', quoted, bare] of text.matchAll(/\b(dbname|host|port|user)\s*=\s*(?:'([^']*)'|([^\s']+))/g))
    parts.set(key, quoted ?? bare ?? '');
  return {
    host: parts.get('host') || null,
    port: readPort(parts.get('port') ?? null),
    name: parts.get('dbname') || null,
    user: parts.get('user') || null,
  };
}

/** The database that an environment names: by DATABASE_URL, else by the variables of libpq and of the usual images. */
export function databaseOfEnvironment(variables: ReadonlyMap<string, string>): DatabaseFound | null {
  const value = (...names: readonly string[]): string | null => {
    for (const name of names) {
      const found = variables.get(name);
      if (found !== undefined && found !== '' && found !== 'MASKED') return found;
    }
    return null;
  };
  const url = value('DATABASE_URL');
  const fromUrl = url === null ? null : readDatabaseUrl(url);
  if (fromUrl) return fromUrl;
  const database = {
    host: value('PGHOST', 'POSTGRES_HOST', 'DB_HOST'),
    port: readPort(value('PGPORT', 'POSTGRES_PORT', 'DB_PORT')),
    name: value('PGDATABASE', 'POSTGRES_DB', 'DB_NAME'),
    user: value('PGUSER', 'POSTGRES_USER', 'DB_USER'),
  };
  return database.host === null && database.name === null ? null : database;
}
