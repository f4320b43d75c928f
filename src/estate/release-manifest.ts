import { posix } from 'node:path';
import { UNSEEN } from './parameter.ts';

/** A file or a link that a release ships; folders are left out. */
export interface ShippedFile {
  /** Within the archive, without `./` before it. */
  readonly path: string;
  /** In bytes; 0 for a link. */
  readonly size: number;
  /** Lower-case hexadecimal SHA-256 of its content; null for a link. */
  readonly sha256: string | null;
  /** Where a link leads, as the archive has it; null for a file. */
  readonly link: string | null;
}

/** How much an archive may hold. */
export interface ManifestLimits {
  readonly entries: number;
  /** All files together, in bytes, after decompression. */
  readonly bytes: number;
}

export const MANIFEST_LIMITS: ManifestLimits = { entries: 200_000, bytes: 64 * 1024 ** 3 };
const LONGEST_PATH = 1_024;
/** How many folders a path may go through. */
const DEEPEST = 64;
/** About how many bytes the paths and their folders may take while an archive is read. */
const MOST_REMEMBERED = 128_000_000;
/** About how many of them a path takes beside its characters. */
const EACH_PATH = 50;

/** What an archive says of one of its entries before its content comes. */
export interface ArchiveEntry {
  readonly kind: 'file' | 'folder' | 'symlink' | 'hardlink' | 'other';
  readonly path: string;
  readonly size: number;
  readonly link: string | null;
}

/** Judges an archive's entries one after the other; holds only what it has to remember. */
export class EntryJudge {
  readonly #limits: ManifestLimits;
  readonly #paths = new Set<string>();
  readonly #links = new Set<string>();
  readonly #ancestors = new Set<string>();
  #entries = 0;
  #bytes = 0;
  #remembered = 0;

  constructor(limits: ManifestLimits) {
    this.#limits = limits;
  }

  /**
   * The entry's path as the manifest has it. Throws a RangeError with the reason, for people, when it is one that no
   * release ships: out of the folder, through a link, twice, a device, or more than the limits allow.
   */
  take(entry: ArchiveEntry): string {
    const path = this.#pathOf(entry);
    this.#entries += 1;
    if (this.#entries > this.#limits.entries) refuse(`it holds more than ${this.#limits.entries} entries`);
    if (entry.kind === 'other') refuse(`"${told(path)}" is a device or a pipe, which no release ships`);
    if (entry.kind === 'file') {
      this.#bytes += entry.size;
      if (this.#bytes > this.#limits.bytes) refuse(`its files are larger than ${this.#limits.bytes} bytes together`);
    }
    if (entry.kind === 'folder') {
      if (this.#paths.has(path)) refuse(`"${told(path)}" is a file and a folder at once`);
    } else this.#note(path);
    if (entry.kind === 'symlink' || entry.kind === 'hardlink') this.#link(entry, path);
    return path;
  }

  #pathOf({ path, kind }: ArchiveEntry): string {
    if (path.length > LONGEST_PATH) refuse('a path in it is too long');
    if (UNSEEN.test(path) || path.includes('\\')) refuse(`a path in it has characters that no path should have`);
    if (path.startsWith('/') || path.split('/').includes('..')) refuse(`"${told(path)}" leads out of its folder`);
    const plain = posix.normalize(path).replace(/\/$/, '');
    if ((plain === '.' || plain === '') && kind !== 'folder') refuse('a file in it has no name');
    let depth = 0;
    for (const above of foldersAbove(plain)) {
      depth += 1;
      if (depth > DEEPEST) refuse(`"${told(plain)}" goes through more than ${DEEPEST} folders`);
      if (this.#links.has(above)) refuse(`"${told(plain)}" lies behind the link "${told(above)}"`);
    }
    return plain;
  }

  #note(path: string): void {
    if (this.#paths.has(path)) refuse(`"${told(path)}" is in it twice`);
    if (this.#ancestors.has(path)) refuse(`"${told(path)}" is a file and a folder at once`);
    this.#remember(this.#paths, path);
    for (const above of foldersAbove(path)) {
      if (this.#paths.has(above)) refuse(`"${told(above)}" is a file and a folder at once`);
      // Then those above it are known as well.
      if (this.#ancestors.has(above)) break;
      this.#remember(this.#ancestors, above);
    }
  }

  /** Every folder on the way is remembered too, so that few deep paths could take more than many that are as they should be. */
  #remember(among: Set<string>, path: string): void {
    among.add(path);
    this.#remembered += path.length + EACH_PATH;
    if (this.#remembered > MOST_REMEMBERED) refuse('its paths are too long together');
  }

  #link({ kind, link }: ArchiveEntry, path: string): void {
    const target = link ?? '';
    if (target === '' || target.length > LONGEST_PATH || UNSEEN.test(target))
      refuse(`the link "${told(path)}" leads nowhere`);
    const base = kind === 'symlink' ? posix.dirname(path) : '.';
    const lands = posix.normalize(posix.join(base, target));
    if (target.startsWith('/') || lands === '..' || lands.startsWith('../'))
      refuse(`the link "${told(path)}" leads out of its folder`);
    if (kind === 'symlink') this.#links.add(path);
    else if (!this.#paths.has(lands)) refuse(`the link "${told(path)}" leads to what is not in it`);
  }
}

function refuse(why: string): never {
  throw new RangeError(why);
}

/** A path that is safe to show, however it was meant. */
function told(path: string): string {
  return path.length > 80 ? `${path.slice(0, 80).toWellFormed()}…` : path;
}

/** The folders of a path, the nearest first. */
export function* foldersAbove(path: string): Generator<string> {
  for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) yield path.slice(0, at);
}
