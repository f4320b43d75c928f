import { type ArchiveEntry, EntryJudge, type ManifestLimits, type ShippedFile } from './release-manifest.ts';

/** What a host's own tools say of an archive. */
export interface HostLook {
  /** Lower-case hexadecimal, of the archive as it lies there. */
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** What it ships; null when the host's tar cannot tell. */
  readonly files: readonly ShippedFile[] | null;
}

/** One line of the longest path and the longest link, every byte of them written out, and what stands before. */
const LONGEST_LINE = 10_000;
const KINDS: Readonly<Record<string, ArchiveEntry['kind']>> = {
  '-': 'file',
  C: 'file',
  d: 'folder',
  l: 'symlink',
  h: 'hardlink',
};
const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, '"': 34, '\\': 92 };

/**
 * Reads, as it comes, what the script of host-file.ts prints: words in brackets, between them the lines of
 * `tar -tv --numeric-owner --full-time --quoting-style=c`, and after them one `sha256sum` for each regular file, in the
 * archive's order. Everything is ASCII, whatever names the archive holds, and every entry is judged like those of an
 * archive that was read here. `push` and `end` throw a RangeError with the reason, for people.
 */
export class ListingReader {
  readonly #judge: EntryJudge;
  readonly #words = new Map<string, string>();
  readonly #files: (ShippedFile & { readonly kind: 'file' | 'link' })[] = [];
  #part: 'words' | 'entries' | 'hashes' = 'words';
  #rest = '';
  #hashed = 0;

  constructor(limits: ManifestLimits) {
    this.#judge = new EntryJudge(limits);
  }

  /** How many files have been hashed, and how many there are as far as is known. */
  get progress(): { readonly hashed: number; readonly files: number } {
    return { hashed: this.#hashed, files: this.#files.length };
  }

  push(bytes: Uint8Array): void {
    const lines = (this.#rest + Buffer.from(bytes).toString('latin1')).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LONGEST_LINE) throw new RangeError('a path in it is too long');
    for (const line of lines) this.#line(line);
  }

  /** All of it, once there is nothing more to come. */
  end(): HostLook {
    const [sha256 = '', size = ''] = [this.#words.get('sha256'), this.#words.get('size')];
    if (!this.#words.has('end') || !/^[0-9a-f]{64}$/.test(sha256) || !/^\d{1,15}$/.test(size))
      throw new RangeError('the host did not say all of it');
    if (this.#words.has('no listing')) return { sha256, size: Number(size), files: null };
    this.#passLinks();
    if (this.#hashed < this.#files.length) throw new RangeError('the host did not read all of its files');
    if (this.#files.length === 0) throw new RangeError('there is no file in it');
    return { sha256, size: Number(size), files: this.#files.map(({ kind: _kind, ...file }) => file) };
  }

  #line(line: string): void {
    const [, word, value = ''] = /^\[([a-z0-9 ]+)\] ?(.*)$/.exec(line) ?? [];
    if (word === 'problem' || word === 'unknown') throw new RangeError(value);
    if (word === 'entries' || word === 'hashes') this.#part = word;
    else if (word !== undefined) this.#words.set(word, value);
    else if (this.#part === 'entries') this.#entry(line);
    else if (this.#part === 'hashes') this.#hash(line);
  }

  #entry(line: string): void {
    const [, type = '', size = ''] = /^(\S)\S* +\S+ +(\d+)(?:,\d+)? [^"]*"/.exec(line) ?? [];
    const path = readQuoted(line, line.indexOf('"'));
    const link = /^ (?:->|link to) "/.test(path.rest) ? readQuoted(path.rest, path.rest.indexOf('"')) : null;
    if (type === '' || (link ?? path).rest !== '')
      throw new RangeError('the host describes it in a way that Twokey does not know');
    const kind = KINDS[type] ?? 'other';
    const linked = kind === 'symlink' || kind === 'hardlink' ? (link?.text ?? '') : null;
    const plain = this.#judge.take({ kind, path: path.text, size: Number(size), link: linked });
    if (linked !== null) this.#files.push({ kind: 'link', path: plain, size: 0, sha256: null, link: linked });
    if (kind === 'file') this.#files.push({ kind, path: plain, size: Number(size), sha256: null, link: null });
  }

  #hash(line: string): void {
    const [, sha256] = /^\\?([0-9a-f]{64}) [ *]-$/.exec(line) ?? [];
    this.#passLinks();
    const file = this.#files[this.#hashed];
    if (sha256 === undefined || !file) throw new RangeError('the host hashed something else than its files');
    this.#files[this.#hashed] = { ...file, sha256 };
    this.#hashed += 1;
  }

  /** Links have no content, so nothing is hashed for them. */
  #passLinks(): void {
    while (this.#files[this.#hashed]?.kind === 'link') this.#hashed += 1;
  }
}

/** The text in quotation marks that begins at `from`, with what comes after it. Names are bytes; those that are no UTF-8 are refused. */
function readQuoted(line: string, from: number): { readonly text: string; readonly rest: string } {
  const bytes: number[] = [];
  let at = from + 1;
  for (; from >= 0 && at < line.length && line[at] !== '"'; at += 1) {
    if (line[at] !== '\\') {
      bytes.push(line.charCodeAt(at));
      continue;
    }
    const octal = /^[0-3][0-7]{2}/.exec(line.slice(at + 1, at + 4))?.[0];
    const byte = octal === undefined ? ESCAPES[line[at + 1] ?? ''] : Number.parseInt(octal, 8);
    if (byte === undefined) break;
    bytes.push(byte);
    at += octal?.length ?? 1;
  }
  if (from < 0 || line[at] !== '"') throw new RangeError('the host describes it in a way that Twokey does not know');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
    return { text, rest: line.slice(at + 1) };
  } catch {
    throw new RangeError('a path in it is not in UTF-8');
  }
}
