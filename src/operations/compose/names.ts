import type { Profile } from '../../estate/profile.ts';

type ComposeVersion = NonNullable<Profile['compose']>['version'];

/** Names by which Compose finds its file and what is laid over it, by itself; the first that is there is used. */
interface Names {
  readonly files: readonly string[];
  readonly overrides: readonly string[];
}

/**
 * v2: DefaultFileNames and DefaultOverrideFileNames of compose-go (cli/options.go). v1: SUPPORTED_FILENAMES and
 * DEFAULT_OVERRIDE_FILENAMES of docker-compose 1.29 (compose/config/config.py); before 1.28 it knew only the first two.
 */
const NAMES: Readonly<Record<ComposeVersion, Names>> = {
  v1: {
    files: ['docker-compose.yml', 'docker-compose.yaml', 'compose.yml', 'compose.yaml'],
    overrides: [
      'docker-compose.override.yml',
      'docker-compose.override.yaml',
      'compose.override.yml',
      'compose.override.yaml',
    ],
  },
  v2: {
    files: ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'],
    overrides: [
      'compose.override.yml',
      'compose.override.yaml',
      'docker-compose.override.yml',
      'docker-compose.override.yaml',
    ],
  },
};

/** The names that this version of Compose looks for, in its own order. */
export function composeNames(version: ComposeVersion): Names {
  return NAMES[version];
}

/** A name that Compose itself looks for, whatever its version. */
export function isComposeName(name: string): boolean {
  return Object.values(NAMES).some(({ files, overrides }) => files.includes(name) || overrides.includes(name));
}

/** Where a new file waits until it is in force. The site's lock keeps two operations from using the one name. */
export function stagedName(site: string): string {
  return `.twokey-staged_${site}.yml`;
}

const BACKUP = /^(?<file>[a-z.-]+\.ya?ml)\.(?<stamp>\d{8}T\d{6}Z)-(?<operation>[0-9a-z]{8})\.bak$/;

/** What the name of a dated backup says; null for another file. The swap makes these names on the host. */
export function readBackupName(
  name: string,
): { readonly file: string; readonly at: Date; readonly operation: string } | null {
  const { file = '', stamp = '', operation = '' } = BACKUP.exec(name)?.groups ?? {};
  const [, year, month, day, hour, minute, second] = /^(....)(..)(..)T(..)(..)(..)Z$/.exec(stamp) ?? [];
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return file === '' || Number.isNaN(at.getTime()) ? null : { file, at, operation };
}
