import { Secret } from '../kernel/secret.ts';

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');

/** How a password may show up in an output: as it is, and as it stands in a .pgpass line. */
export function spellings(password: Secret): string[] {
  const plain = password.reveal();
  return [...new Set([plain, escaped(plain)])];
}

/**
 * A .pgpass line for the database of a step's parameters. Database and user are wildcards, because the same account
 * reads the globals from another database of the server.
 */
export function passLine(params: Readonly<Record<string, string>>, password: Secret): Secret {
  const host = params.db_host ?? '*';
  const port = params.db_port ?? '*';
  // libpq looks a socket folder up as "localhost" only when it is the default one; a wildcard serves both.
  const where = host.startsWith('/') ? '*' : escaped(host);
  return new Secret(`${where}:${escaped(port)}:*:*:${escaped(password.reveal())}\n`);
}
