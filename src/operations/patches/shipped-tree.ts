import { posix } from 'node:path';
import { UNSEEN } from '../../estate/parameter.ts';
import { foldersAbove, type ShippedFile } from '../../estate/release-manifest.ts';

/** What has to be found at a place below the folder of a release. */
export interface Expected {
  /** `either`: an archive's link that may be a second name of a file, so that a file of that content is right as well. */
  readonly kind: 'file' | 'link' | 'either';
  readonly path: string;
  /** In bytes; 0 for what can only be a link. */
  readonly size: number;
  readonly sha256: string | null;
  readonly link: string | null;
}

/** What a release puts into its folder. */
export interface ShippedTree {
  readonly files: readonly Expected[];
  /** Paths that are not handed to any host. */
  readonly unnamed: readonly string[];
}

const LONGEST_LINK_CHAIN = 8;

/** A path that stays below its folder and that a line of text carries as it is. */
function isPlain(path: string): boolean {
  return !UNSEEN.test(path) && !path.includes('\\') && path.split('/').every((part) => !['', '.', '..'].includes(part));
}

/** The file that a hard link is another name of; archives name it from their root. */
function secondNameOf(file: ShippedFile, all: ReadonlyMap<string, ShippedFile>): ShippedFile | null {
  let at: ShippedFile | undefined = file;
  for (let hops = 0; at && hops < LONGEST_LINK_CHAIN; hops += 1) {
    if (at.link === null) return at;
    at = all.get(posix.normalize(at.link));
  }
  return null;
}

/**
 * The files of a release where `tar --strip-components` puts them; what has no more folders than are taken off is not
 * unpacked. The smallest come first, so that a look that runs out of time has compared as many as it could.
 */
export function shippedTree(shipped: readonly ShippedFile[], strip: number): ShippedTree {
  const all = new Map(shipped.map((file) => [file.path, file]));
  const files = new Map<string, Expected>();
  const unnamed = new Set<string>();
  for (const file of shipped) {
    const path = file.path.split('/').slice(strip).join('/');
    if (path === '') continue;
    // Of two files that land on one place nobody can say which has to be there.
    if (!isPlain(file.path) || UNSEEN.test(file.link ?? '') || files.has(path) || unnamed.has(path)) {
      files.delete(path);
      unnamed.add(path);
      continue;
    }
    const { link } = file;
    const content = secondNameOf(file, all);
    const kind = link === null ? 'file' : content === null ? 'link' : 'either';
    files.set(path, { kind, path, size: content?.size ?? 0, sha256: content?.sha256 ?? null, link });
  }
  // Nor of what would be a file and a folder at once, now that folders are taken off.
  for (const path of files.keys()) for (const above of foldersAbove(path)) if (files.delete(above)) unnamed.add(above);
  const bySize = (left: Expected, right: Expected) => left.size - right.size || (left.path < right.path ? -1 : 1);
  return { files: [...files.values()].sort(bySize), unnamed: [...unnamed].sort() };
}
