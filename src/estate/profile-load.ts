import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { CodedError, messageOf, type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Profile } from './profile.ts';
import { type Complaint, checkProfile, complaintInWords, type ProfileSource, readSource } from './profile-read.ts';
import type { EstateDocument } from './types.ts';

/** A profile that can be used, and where it comes from. */
export interface LoadedProfile {
  readonly profile: Profile;
  readonly origin: 'shipped' | 'own';
  /** Its file: within Twokey for a shipped one, within the data directory for one of your own. */
  readonly file: string;
}
export type Profiles = ReadonlyMap<string, LoadedProfile>;

const SHIPPED = fileURLToPath(new URL('./profiles/', import.meta.url));

/** Sections that an extending profile changes key by key. Everything else it names replaces what was there. */
const MERGED: ReadonlySet<string> = new Set([
  'commands',
  'tasks',
  'settings',
  'thresholds',
  'layout',
  'upgrade',
  'maintenance',
]);

interface Shelf {
  readonly shipped: ReadonlyMap<string, ProfileSource>;
  readonly own: ReadonlyMap<string, ProfileSource>;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function merge(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key];
    merged[key] = MERGED.has(key) && isObject(before) && isObject(value) ? { ...before, ...value } : value;
  }
  return merged;
}

const nameOf = (source: ProfileSource) => (typeof source.raw.name === 'string' ? source.raw.name : '');

/** The document with what it extends put below it, however many steps that are; or why that cannot be done. */
function withBase(
  source: ProfileSource,
  shelf: Shelf,
  seen: readonly string[],
): Result<Readonly<Record<string, unknown>>, Complaint> {
  const base = source.raw.extends;
  if (typeof base !== 'string') return ok(source.raw);
  const complain = (message: string) => err({ file: source.file, line: source.lineOf(['extends']), message });
  if (seen.includes(base)) return complain(`extends: ${[...seen, base].join(' extends ')}, which is a circle`);
  const found = shelf.shipped.get(base) ?? shelf.own.get(base);
  if (!found) {
    const near = didYouMean(base, [...shelf.shipped.keys(), ...shelf.own.keys()]);
    return complain(`extends: there is no profile "${base}"${near === undefined ? '' : `; did you mean \`${near}\`?`}`);
  }
  const below = withBase(found, shelf, [...seen, base]);
  return below.ok ? ok(merge(below.value, source.raw)) : below;
}

function build(
  source: ProfileSource,
  shelf: Shelf,
  origin: LoadedProfile['origin'],
): LoadedProfile | readonly Complaint[] {
  const name = nameOf(source);
  if (origin === 'own' && shelf.shipped.has(name)) {
    const message = `name: "${name}" is shipped with Twokey; give yours a name of its own and write \`extends: ${name}\``;
    return [{ file: source.file, line: source.lineOf(['name']), message }];
  }
  const raw = withBase(source, shelf, [name]);
  if (!raw.ok) return [raw.error];
  const checked = checkProfile(raw.value);
  if ('profile' in checked) return { profile: checked.profile, origin, file: source.file };
  return checked.problems.map(({ at, message }) => {
    const [first = ''] = at;
    const base = source.raw.extends;
    const inherited = typeof base === 'string' && at.length > 0 && !Object.hasOwn(source.raw, first);
    const place = at.length === 0 ? 'the profile' : at.join('.');
    return {
      file: source.file,
      line: source.lineOf(inherited ? ['extends'] : at),
      message: `${place}: ${message}${inherited ? ` (by \`extends: ${base}\`)` : ''}`,
    };
  });
}

function readFile(file: string, complaints: Complaint[]): ProfileSource | null {
  let source: ReturnType<typeof readSource>;
  try {
    source = readSource(readFileSync(file, 'utf8'), file);
  } catch (error) {
    source = [{ file, line: 1, message: `it cannot be read: ${messageOf(error)}` }];
  }
  if ('raw' in source) return source;
  complaints.push(...source);
  return null;
}

/** The sources of a folder by name. A file is named as its profile, so that nobody looks for it. */
function readFolder(folder: string, complaints: Complaint[]): Map<string, ProfileSource> {
  const found = new Map<string, ProfileSource>();
  if (!existsSync(folder)) return found;
  for (const entry of readdirSync(folder).sort()) {
    if (entry.startsWith('.') || !/\.ya?ml$/.test(entry)) continue;
    const file = join(folder, entry);
    const source = readFile(file, complaints);
    if (!source) continue;
    const name = nameOf(source);
    if (entry === `${name}.yml`) found.set(name, source);
    else {
      const message = `name: the profile "${name}" has to be in a file ${name}.yml, or be named ${basename(entry).replace(/\.ya?ml$/, '')}`;
      complaints.push({ file, line: source.lineOf(['name']), message });
    }
  }
  return found;
}

function refuseAll(complaints: readonly Complaint[]): never {
  throw new CodedError('bad_configuration', complaints.map(complaintInWords).join('\n'), {
    next: 'Correct the lines named above; `twokey profile validate FILE` checks a profile, docs/profiles.md explains it.',
  });
}

/** The folder of a data directory that holds profiles of one's own. */
export function ownProfilesFolder(home: string): string {
  return join(home, 'profiles');
}

/**
 * Reads the shipped profiles and those in the data directory, once.
 * @throws CodedError bad_configuration naming every file, line and place that is wrong
 */
export function loadProfiles(home: string): Profiles {
  const complaints: Complaint[] = [];
  const shelf: Shelf = {
    shipped: readFolder(SHIPPED, complaints),
    own: readFolder(ownProfilesFolder(home), complaints),
  };
  const loaded = new Map<string, LoadedProfile>();
  for (const origin of ['shipped', 'own'] as const) {
    for (const [name, source] of shelf[origin]) {
      const built = build(source, shelf, origin);
      if ('profile' in built) loaded.set(name, built);
      else complaints.push(...built);
    }
  }
  return complaints.length === 0 ? loaded : refuseAll(complaints);
}

/** Checks one file as if it lay in the data directory. It may extend shipped profiles and those that lie there already. */
export function validateProfile(file: string, home: string): LoadedProfile | readonly Complaint[] {
  const complaints: Complaint[] = [];
  const source = readFile(file, complaints);
  if (!source) return complaints;
  // What is wrong with the others is not asked about here; one that cannot be read is simply not there to be extended.
  const shelf: Shelf = { shipped: readFolder(SHIPPED, []), own: readFolder(ownProfilesFolder(home), []) };
  return build(source, shelf, 'own');
}

/** The profile of that name. Refusal: unknown_profile with the nearest name. */
export function findProfile(profiles: Profiles, name: string): Result<LoadedProfile, Refusal> {
  const found = profiles.get(name);
  if (found) return ok(found);
  const near = didYouMean(name, [...profiles.keys()]);
  const hint = near === undefined ? `Known are ${[...profiles.keys()].join(', ')}.` : `Did you mean \`${near}\`?`;
  return err(refusal('unknown_profile', `There is no profile "${name}". ${hint}`));
}

/** Refuses an estate with a site whose profile is not known, naming the site. Refusal: unknown_profile. */
export function checkSiteProfiles(document: EstateDocument, profiles: Profiles): Result<EstateDocument, Refusal> {
  for (const site of document.clusters.flatMap((cluster) => cluster.sites)) {
    const found = findProfile(profiles, site.profile);
    if (!found.ok) return err({ ...found.error, message: `The site "${site.name}": ${found.error.message}` });
  }
  return ok(document);
}
