import { type SiteDocument, siteDocument } from '../types.ts';
import { LOCAL_SOCKET } from './database-url.ts';
import type { Finder, FoundSite } from './found-site.ts';

/** A found site on its way into the estate. */
export interface Candidate {
  readonly found: FoundSite;
  readonly host: string;
  /** Ready to be saved; null while something is missing. */
  readonly document: SiteDocument | null;
  /** What was taken for granted, in sentences; to be checked before it is saved. */
  readonly assumed: readonly string[];
  /** What a person has to add, in sentences. */
  readonly missing: readonly string[];
}

/** Words of a name that say it is not production. */
const STAGING =
  /(?:^|[^a-z])(?:staging|stage|stg|test|testing|uat|qa|dev|development|preprod|preview|sandbox|demo)(?:[^a-z]|$)/;
const UNKNOWN_VERSION = 'unknown';
/** The shipped profile (src/estate/profiles) for what each finder finds. */
export const PROFILES: Readonly<Record<Finder, string>> = {
  apache: 'flow-production-tracking-apache',
  shotgun: 'flow-production-tracking-docker',
  commcare: 'commcare',
  karl: 'karl',
  compose: 'compose',
  'compose-v1': 'compose-v1',
  systemd: 'systemd',
};

/** A name as the estate has them, made of a foreign one; null when no letter or digit is left. */
function nameFrom(text: string): string | null {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 56)
    .replace(/^-+|-+$/g, '');
  return name === '' ? null : name;
}

/** The first of the wishes that is free; else the last one with a number. Null when there is no wish. */
function freeName(wishes: readonly (string | null)[], taken: ReadonlySet<string>): string | null {
  const names = wishes.filter((one) => one !== null);
  const free = names.find((one) => !taken.has(one));
  if (free !== undefined) return free;
  const last = names.at(-1);
  if (last === undefined) return null;
  for (let n = 2; ; n += 1) if (!taken.has(`${last}-${n}`)) return `${last}-${n}`;
}

/** What a found site is taken for, and why, in a sentence; null where it says so itself. */
export function environmentOf(found: FoundSite): {
  readonly environment: 'production' | 'staging';
  readonly assumed: string | null;
} {
  const words = [found.label, found.siteDir.slice(found.siteDir.lastIndexOf('/') + 1), found.environment ?? ''];
  const says = (pattern: RegExp) => words.some((one) => pattern.test(one.toLowerCase()));
  if (says(STAGING)) return { environment: 'staging', assumed: 'The environment is staging: its name says so.' };
  if (says(/(?:^|[^a-z])prod(?:uction)?(?:[^a-z]|$)/)) return { environment: 'production', assumed: null };
  const assumed = 'The environment is production: nothing says otherwise, and its rules are the strictest.';
  return { environment: 'production', assumed };
}

/**
 * What would be saved of a found site on a host of the estate. `taken` holds the names in use. Only what is known or
 * said to be assumed gets into the document, and it is one that `siteDocument` accepts.
 */
export function candidateOf(found: FoundSite, host: string, taken: ReadonlySet<string>): Candidate {
  const missing: string[] = [];
  const { environment, assumed: guess } = environmentOf(found);
  const assumed = guess === null ? [] : [guess];
  const whole = nameFrom(found.label);
  const first = nameFrom(found.label.split('.')[0] ?? '');
  const name = freeName([first === 'www' || first === 'app' ? null : first, whole], taken);
  const { database } = found;
  if (found.version === null) assumed.push('The version is not known; an upgrade needs it.');
  let address = database.host;
  if (address === null && (found.finder === 'apache' || found.finder === 'systemd') && database.name !== null) {
    address = LOCAL_SOCKET;
    assumed.push(`The database is on this host (${LOCAL_SOCKET}): the settings name no host.`);
  }
  const user = found.login ?? database.user;
  if (found.login !== undefined)
    assumed.push(`Twokey works on the database as ${user}, its own account there, not as ${database.user}.`);
  if (name === null) missing.push('A name.');
  if (found.siteDir === '' || found.siteDir === '/') missing.push('The folder of the site.');
  if (found.obstacle !== undefined) missing.push(found.obstacle);
  if (address === null) missing.push('The host of the database.');
  if (database.name === null) missing.push('The name of the database.');
  if (user === null) missing.push('The user of the database.');
  if (found.databaseProblem !== null && missing.length > 0) missing.push(found.databaseProblem);
  if (missing.length > 0) return { found, host, document: null, assumed, missing };
  const read = siteDocument.safeParse({
    name,
    environment,
    profile: PROFILES[found.finder],
    host,
    site_dir: found.siteDir,
    version: found.version ?? UNKNOWN_VERSION,
    database: {
      host: address,
      ...(database.port === null ? {} : { port: database.port }),
      name: database.name,
      user,
    },
  });
  if (read.success) return { found, host, document: read.data, assumed, missing };
  const odd = read.error.issues.map((issue) => `${issue.path.join('.')} is not ${issue.message}.`);
  return { found, host, document: null, assumed, missing: odd };
}
