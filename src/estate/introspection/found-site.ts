import type { Finding } from './finding.ts';

/** Which layout a site was recognised by. */
export type Finder = 'apache' | 'shotgun' | 'commcare' | 'karl' | 'compose' | 'compose-v1' | 'systemd';

/** Where a site's database is; null is not known. */
export interface DatabaseFound {
  readonly host: string | null;
  readonly port: number | null;
  readonly name: string | null;
  readonly user: string | null;
}

export const NO_DATABASE: DatabaseFound = { host: null, port: null, name: null, user: null };

/** A site as a finder sees it; all texts are foreign. */
export interface FoundSite {
  readonly finder: Finder;
  /** What it is called there: a host name, a compose project, an instance, a unit. */
  readonly label: string;
  readonly siteDir: string;
  /** A word of its configuration that tells the environment, for example of RailsEnv. */
  readonly environment: string | null;
  readonly version: string | null;
  readonly database: DatabaseFound;
  /** Why the database settings are incomplete, in a sentence; null where they are not, or nobody knows. */
  readonly databaseProblem: string | null;
  /** Why it cannot be saved as it is, in a sentence, beyond what is not known. */
  readonly obstacle?: string;
  /** The role as which Twokey gets into the database, where the application's own is not to be had by it. */
  readonly login?: string;
  /** Settings that can be compared between two sites; never a secret. */
  readonly settings: Readonly<Record<string, string>>;
}

/** What a finder answers. */
export interface Found {
  readonly sites: readonly FoundSite[];
  readonly findings: readonly Finding[];
}

/** Settings without those that are not known. */
export function known(settings: Readonly<Record<string, string | number | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === null ? [] : [[key, String(value)]])),
  );
}
