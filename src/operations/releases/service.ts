import { basename } from 'node:path';
import { findHost } from '../../estate/estate.ts';
import type { Profiles } from '../../estate/profile-load.ts';
import type { ShippedFile } from '../../estate/release-manifest.ts';
import { type ReleaseNaming, readReleaseName } from '../../estate/release-name.ts';
import { absolutePath, type Estate, type Site } from '../../estate/types.ts';
import { CodedError, type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostPort } from '../ports.ts';
import { lookOnHost } from './host-file.ts';
import type { FoundFile, ReleaseBook, ReleaseCopy, ReleaseDownload, ReleaseRecord, ReleaseShelf } from './ports.ts';

/** All that releases need. */
export interface ReleaseContext {
  readonly book: ReleaseBook;
  readonly shelf: ReleaseShelf;
  readonly download: ReleaseDownload;
  readonly hosts: HostPort;
  readonly estate: () => Promise<Estate>;
  readonly profiles: Profiles;
}

export interface Added {
  readonly release: ReleaseRecord;
  /** False when that release was there already, and this is another copy of it or the same one. */
  readonly fresh: boolean;
}

/** Where a file comes from that somebody put into the data directory. */
const FOLDER = 'the folder releases';

/** How the files of every known kind of application are named. */
function namingsOf(profiles: Profiles): readonly ReleaseNaming[] {
  const all = [...profiles.values()].flatMap(({ profile }) => profile.releases);
  return [...new Map(all.map((one) => [`${one.product} ${one.pattern}`, one])).values()];
}

/**
 * Adds a release from `https://…`, from `<host>:<path>`, where it stays, or from `folder:<file>` of the data directory. `sha256` is what it has to be, or null.
 * Refusals: bad_arguments, bad_release, name_taken, and those of hosts.
 */
async function addRelease(
  context: ReleaseContext,
  source: string,
  sha256: string | null,
  by: string,
): Promise<Result<Added, Refusal>> {
  if (/^[a-z][a-z0-9+]*:\/\//i.test(source)) return addFromUrl(context, source, sha256, by);
  const [, dropped] = /^folder:(.*)$/.exec(source) ?? [];
  if (dropped !== undefined) return addFromFolder(context, dropped, sha256, by);
  const [, hostName, path] = /^([^:/]+):(\/.*)$/.exec(source) ?? [];
  if (hostName === undefined || path === undefined)
    return err(
      refusal(
        'bad_arguments',
        'A release comes from an address or from a host.',
        'Give `https://…` or `<host>:/path/of/the/file.tar.gz`; or put the file into the folder `releases` of the data directory and use `release scan`.',
      ),
    );
  const host = findHost(await context.estate(), hostName);
  if (!host.ok) return host;
  if (!absolutePath.safeParse(path).success)
    return err(refusal('bad_arguments', 'The path has to be absolute, without "..".'));
  const name = readReleaseName(namingsOf(context.profiles), basename(path));
  if (!name.ok) return name;
  const found = await lookOnHost(context.hosts, host.value, path);
  return found.ok ? record(context, found.value, sha256, `${host.value.name}:${path}`, by) : found;
}

async function addFromFolder(context: ReleaseContext, fileName: string, sha256: string | null, by: string) {
  const name = readReleaseName(namingsOf(context.profiles), fileName);
  if (!name.ok) return name;
  const found = await context.shelf.look(fileName);
  return found.ok ? record(context, found.value, sha256, FOLDER, by) : found;
}

async function addFromUrl(
  context: ReleaseContext,
  source: string,
  sha256: string | null,
  by: string,
): Promise<Result<Added, Refusal>> {
  const fileName = URL.canParse(source) ? nameIn(new URL(source)) : '';
  const name = readReleaseName(namingsOf(context.profiles), fileName);
  if (!name.ok) return name;
  const bytes = await context.download.open(source);
  if (!bytes.ok) return bytes;
  try {
    const taken = await context.shelf.take(fileName, bytes.value, sha256);
    return taken.ok ? await record(context, taken.value, sha256, plainUrl(source), by) : taken;
  } catch (error) {
    if (error instanceof CodedError) return err(refusal(error.code, error.message, error.next));
    throw error;
  }
}

/** The last part of an address, as a file name. */
function nameIn(url: URL): string {
  try {
    return decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  } catch {
    return '';
  }
}

/** An address without what may be a password or a token. */
function plainUrl(source: string): string {
  const { origin, pathname } = new URL(source);
  return `${origin}${pathname}`;
}

/**
 * Adds every file that somebody put into the folder; what is no release is told, not touched. What was removed stays
 * removed, though its file is there.
 */
async function scanReleases(
  context: ReleaseContext,
  by: string,
): Promise<{ readonly added: readonly Added[]; readonly refused: readonly { fileName: string; why: string }[] }> {
  const added: Added[] = [];
  const refused: { fileName: string; why: string }[] = [];
  const [known, removed] = await Promise.all([context.book.list(), context.book.removedAt(context.shelf.place)]);
  const has = (fileName: string) =>
    known.some((one) =>
      one.copies.some((copy) => copy.place === context.shelf.place && copy.path === fileName && copy.problem === null),
    );
  for (const fileName of await context.shelf.dropped()) {
    if (has(fileName) || removed.includes(fileName)) continue;
    const name = readReleaseName(namingsOf(context.profiles), fileName);
    const found = name.ok ? await context.shelf.look(fileName) : name;
    const done = found.ok ? await record(context, found.value, null, FOLDER, by) : found;
    if (done.ok) added.push(done.value);
    else refused.push({ fileName, why: done.error.message });
  }
  return { added, refused };
}

async function record(
  { book, profiles }: ReleaseContext,
  found: FoundFile,
  sha256: string | null,
  source: string,
  by: string,
): Promise<Result<Added, Refusal>> {
  if (sha256 !== null && sha256 !== found.sha256)
    return err(refusal('bad_release', `Its SHA-256 is ${found.sha256}, not the one you gave. It was not added.`));
  const name = readReleaseName(namingsOf(profiles), found.fileName);
  return name.ok ? book.add(name.value, found, source, by) : name;
}

/** Releases as commands use them. */
export interface Releases {
  /** Where the copies of this Twokey lie. */
  readonly place: string;
  list(): Promise<readonly ReleaseRecord[]>;
  files(id: string): Promise<readonly ShippedFile[]>;
  /** Refusals: unknown_release, and bad_arguments when several are meant. */
  find(named: string): Promise<Result<ReleaseRecord, Refusal>>;
  /** The sites that run it. */
  runBy(release: ReleaseRecord): Promise<readonly Site[]>;
  add(source: string, sha256: string | null, by: string): Promise<Result<Added, Refusal>>;
  scan(by: string): ReturnType<typeof scanReleases>;
  verify(release: ReleaseRecord, by: string): Promise<readonly Verified[]>;
  remove(release: ReleaseRecord, by: string): Promise<Result<true, Refusal>>;
}

export function openReleases(context: ReleaseContext): Releases {
  const { book, shelf, estate, profiles } = context;
  return {
    place: shelf.place,
    list: () => book.list(),
    files: (id) => book.files(id),
    find: async (named) => findRelease(await book.list(), named),
    runBy: async (release) => runBy(release, await estate(), profiles),
    add: (source, sha256, by) => addRelease(context, source, sha256, by),
    scan: (by) => scanReleases(context, by),
    verify: (release, by) => verifyRelease(context, release, by),
    remove: (release, by) => removeRelease(context, release, by),
  };
}

/** The release that somebody names by its file, `product version`, or version alone where that is clear. */
export function findRelease(releases: readonly ReleaseRecord[], named: string): Result<ReleaseRecord, Refusal> {
  const its = releases.filter((one) =>
    [one.id, one.fileName, one.version, `${one.product} ${one.version}`, `${one.product}-${one.version}`].includes(
      named,
    ),
  );
  const [first, ...more] = its;
  if (first && more.length === 0) return ok(first);
  if (first)
    return err(
      refusal(
        'bad_arguments',
        `Several releases are meant by "${named}": ${its.map((one) => one.fileName).join(', ')}.`,
      ),
    );
  return err(refusal('unknown_release', `There is no release "${named}".`));
}

/** Sites that run a release. */
function runBy(release: ReleaseRecord, estate: Estate, profiles: Profiles): readonly Site[] {
  return [...estate.sites.values()].filter(
    (site) =>
      site.version === release.version &&
      (profiles.get(site.profile)?.profile.releases.some((one) => one.product === release.product) ?? false),
  );
}

/** Hides a release that no site runs; its files stay where they are. Refusals: still_needed, unknown_release. */
async function removeRelease(
  { book, estate, profiles }: ReleaseContext,
  release: ReleaseRecord,
  by: string,
): Promise<Result<true, Refusal>> {
  const sites = runBy(release, await estate(), profiles).map((site) => site.name);
  if (sites.length > 0)
    return err(
      refusal(
        'still_needed',
        `${release.product} ${release.version} runs at ${sites.join(', ')}, which may have to go back to it.`,
        'Remove it when no site runs it any more.',
      ),
    );
  return book.remove(release.id, by);
}

/** What a fresh look at one copy says. */
export interface Verified {
  readonly copy: ReleaseCopy;
  /** `unknown`: nobody here can read it. */
  readonly state: 'whole' | 'damaged' | 'unknown';
  readonly words: string;
}

/** Reads every copy that can be reached from here again, and notes what was found. */
async function verifyRelease(
  context: ReleaseContext,
  release: ReleaseRecord,
  by: string,
): Promise<readonly Verified[]> {
  const verified: Verified[] = [];
  for (const copy of release.copies) {
    const one = await verifyCopy(context, release, copy);
    verified.push(one);
    if (one.state !== 'unknown')
      await context.book.noteVerified(release.id, copy.place, one.state === 'damaged' ? one.words : null, by);
  }
  return verified;
}

async function verifyCopy(context: ReleaseContext, release: ReleaseRecord, copy: ReleaseCopy): Promise<Verified> {
  const looked = await lookAgain(context, copy);
  if (looked === null)
    return { copy, state: 'unknown', words: `it lies in the data directory of ${copy.machine}; ask the Twokey there` };
  if (!looked.ok) {
    const { code, message } = looked.error;
    return { copy, state: code === 'bad_release' ? 'damaged' : 'unknown', words: message };
  }
  const { sha256 } = looked.value;
  return sha256 === release.sha256
    ? { copy, state: 'whole', words: 'the same, byte for byte' }
    : { copy, state: 'damaged', words: `its SHA-256 is ${sha256} now: it is not what was added` };
}

async function lookAgain(
  { shelf, hosts, estate }: ReleaseContext,
  copy: ReleaseCopy,
): Promise<Result<FoundFile, Refusal> | null> {
  if (copy.place === shelf.place) return shelf.look(copy.path);
  if (!copy.place.startsWith('host:')) return null;
  const host = findHost(await estate(), copy.place.slice('host:'.length));
  return host.ok ? lookOnHost(hosts, host.value, copy.path) : host;
}
