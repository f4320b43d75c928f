import { type DatabaseFound, NO_DATABASE } from './found-site.ts';

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

/** The parts of a PostgreSQL address (`postgres://user:…@host:5432/name`); null when it is the address of anything else. */
export function readDatabaseUrl(text: string): DatabaseFound | null {
  if (!SCHEME.test(text)) return null;
  try {
    // A scheme without a port of its own, so that every port that is written stays.
    const url = new URL(text.replace(SCHEME, 'postgres://'));
    return {
      host: decoded(url.hostname.replace(/^\[(.*)\]$/, '$1')) ?? url.searchParams.get('host'),
      port: readPort(url.port || url.searchParams.get('port')),
      name: decoded(url.pathname.slice(1)),
      user: decoded(url.username) ?? url.searchParams.get('user'),
    };
  } catch {
    return NO_DATABASE;
  }
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
