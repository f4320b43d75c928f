import { basename } from 'node:path';
import { findHost } from '../../estate/estate.ts';
import type { Profiles } from '../../estate/profile-load.ts';
import { type ReleaseName, type ReleaseNaming, readReleaseName } from '../../estate/release-name.ts';
import { absolutePath } from '../../estate/types.ts';
import { CodedError, type Refusal, refusal, refusalOf } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';
import type { ReleaseContext } from './context.ts';
import { readOnHost } from './host-file.ts';
import type { FoundFile, ReleaseRecord } from './ports.ts';
import { type Counter, counting, megabytes, type Tell, telling } from './progress.ts';
import { readSource } from './source.ts';

export interface Added {
  readonly release: ReleaseRecord;
  /** False when that release was there already, and this is another copy of it or the same one. */
  readonly fresh: boolean;
}

/** What somebody asks to add. */
export interface AskedRelease {
  /** As it is typed, or as a form says it: see readSource. */
  readonly source: string;
  /** What it has to be; null when nobody said. */
  readonly sha256: string | null;
  /** Which product it is, where several name their files alike; null lets the name decide. */
  readonly product: string | null;
  readonly by: string;
  readonly tell: Tell;
}

/** Where a file comes from that somebody put into the data directory. */
const FOLDER = 'the folder releases';

/** How the files of every known kind of application are named. */
function namingsOf(profiles: Profiles): readonly ReleaseNaming[] {
  const all = [...profiles.values()].flatMap(({ profile }) => profile.releases);
  return [...new Map(all.map((one) => [`${one.product} ${one.pattern}`, one])).values()];
}

/** Products whose files are known, in alphabetical order. */
export function productsOf(profiles: Profiles): readonly string[] {
  return [...new Set(namingsOf(profiles).map((one) => one.product))].sort();
}

/**
 * Adds a release from a file in Slack, from an address, from a host, where it stays, or from the data directory.
 * Refusals: bad_arguments, bad_release, name_taken, not_allowed, and those of hosts.
 */
export async function addRelease(context: ReleaseContext, asked: AskedRelease): Promise<Result<Added, Refusal>> {
  const known = productsOf(context.profiles);
  if (asked.product !== null && !known.includes(asked.product))
    return err(refusal('bad_arguments', `There is no product "${asked.product}".`, `Known are ${known.join(', ')}.`));
  const source = readSource(asked.source);
  if (!source.ok) return source;
  switch (source.value.kind) {
    case 'slack':
      return addFromSlack(context, asked, source.value.file);
    case 'url':
      return addFromUrl(context, asked, source.value.url);
    case 'folder':
      return addFromFolder(context, asked, source.value.fileName);
    case 'host':
      return addFromHost(context, asked, source.value.host, source.value.path);
    default:
      return source.value satisfies never;
  }
}

/** What the name tells, for the product that somebody chose. */
function nameFor({ profiles }: ReleaseContext, product: string | null, fileName: string) {
  const namings = namingsOf(profiles).filter((one) => product === null || one.product === product);
  return readReleaseName(namings, fileName);
}

async function addFromSlack(context: ReleaseContext, asked: AskedRelease, id: string): Promise<Result<Added, Refusal>> {
  const file = await context.shared.find(id, asked.by);
  if (!file.ok) return file;
  const { name: fileName, size } = file.value;
  const source = { fileName, size, words: `Slack, file ${id}` };
  return fetched(context, asked, source, () => file.value.open());
}

async function addFromUrl(context: ReleaseContext, asked: AskedRelease, url: string): Promise<Result<Added, Refusal>> {
  const fileName = URL.canParse(url) ? nameIn(new URL(url)) : '';
  const source = { fileName, size: null, words: URL.canParse(url) ? plainUrl(url) : '' };
  return fetched(context, asked, source, () => context.download.open(url));
}

/** Takes bytes that come over the network into the data directory, and says how far it is. */
async function fetched(
  context: ReleaseContext,
  asked: AskedRelease,
  source: { readonly fileName: string; readonly size: number | null; readonly words: string },
  open: () => Promise<Result<AsyncIterable<Uint8Array>, Refusal>>,
): Promise<Result<Added, Refusal>> {
  const { fileName, size } = source;
  const name = nameFor(context, asked.product, fileName);
  if (!name.ok) return name;
  const counter: Counter = { bytes: 0 };
  const words = () =>
    `${fileName} is being fetched and read: ${megabytes(counter.bytes)}${size === null ? '' : ` of ${megabytes(size)}`} so far. You are told when it is done.`;
  try {
    return await telling(asked.tell, words, async () => {
      const bytes = await open();
      if (!bytes.ok) return bytes;
      return context.shelf.take(fileName, counting(bytes.value, counter), asked.sha256, (found) =>
        record(context, name.value, found, asked, source.words),
      );
    });
  } catch (error) {
    if (error instanceof CodedError) return err(refusalOf(error));
    throw error;
  }
}

async function addFromHost(
  context: ReleaseContext,
  asked: AskedRelease,
  hostName: string,
  path: string,
): Promise<Result<Added, Refusal>> {
  const host = findHost(await context.estate(), hostName);
  if (!host.ok) return host;
  if (!absolutePath.safeParse(path).success)
    return err(refusal('bad_arguments', 'The path has to be absolute, without "..".'));
  const name = nameFor(context, asked.product, basename(path));
  if (!name.ok) return name;
  let progress = { hashed: 0, files: 0 };
  const words = () =>
    `${path} is being read on ${hostName}${progress.files === 0 ? '' : `: ${progress.hashed} of ${progress.files} files are hashed`}. You are told when it is done.`;
  const found = await telling(asked.tell, words, () =>
    readOnHost(context.hosts, host.value, path, (now) => {
      progress = now;
    }),
  );
  return found.ok ? record(context, name.value, found.value, asked, `${host.value.name}:${path}`) : found;
}

async function addFromFolder(
  context: ReleaseContext,
  asked: AskedRelease,
  fileName: string,
): Promise<Result<Added, Refusal>> {
  const name = nameFor(context, asked.product, fileName);
  if (!name.ok) return name;
  const words = () => `${fileName} is being read. You are told when it is done.`;
  const found = await telling(asked.tell, words, () => context.shelf.look(fileName));
  return found.ok ? record(context, name.value, found.value, asked, FOLDER) : found;
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
export async function scanReleases(
  context: ReleaseContext,
  by: string,
): Promise<{ readonly added: readonly Added[]; readonly refused: readonly { fileName: string; why: string }[] }> {
  const added: Added[] = [];
  const refused: { fileName: string; why: string }[] = [];
  const { book, shelf } = context;
  const [known, removed] = await Promise.all([book.list(), book.removedAt(shelf.place)]);
  const has = (fileName: string) =>
    known.some((one) =>
      one.copies.some((copy) => copy.place === shelf.place && copy.path === fileName && copy.problem === null),
    );
  for (const fileName of await shelf.dropped()) {
    if (has(fileName) || removed.includes(fileName)) continue;
    const asked = { source: '', sha256: null, product: null, by, tell: () => undefined };
    const done = await addFromFolder(context, asked, fileName);
    if (done.ok) added.push(done.value);
    else refused.push({ fileName, why: `${done.error.message} ${done.error.next}` });
  }
  return { added, refused };
}

async function record(
  { book }: ReleaseContext,
  name: ReleaseName,
  found: FoundFile,
  { sha256, by }: AskedRelease,
  source: string,
): Promise<Result<Added, Refusal>> {
  if (sha256 !== null && sha256 !== found.sha256)
    return err(refusal('bad_release', `Its SHA-256 is ${found.sha256}, not the one you gave. It was not added.`));
  return book.add(name, found, source, by);
}
