import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { type ArchiveEntry, EntryJudge, type ManifestLimits, type ShippedFile } from '../../estate/release-manifest.ts';
import { messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** Headers for long names are read into memory; nobody's name is longer. */
const LONGEST_META = 64 * 1024;
const GZIP = [0x1f, 0x8b];

const KINDS: Readonly<Record<string, ArchiveEntry['kind']>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  GNUDumpDir: 'folder',
  SymbolicLink: 'symlink',
  Link: 'hardlink',
};

/**
 * What a tar, plain or gzipped, ships. It is read as it streams by and never unpacked. Refusal: bad_release with the reason
 * when it is no tar, damaged, cut short, or holds what no release ships.
 */
export async function readManifest(
  bytes: AsyncIterable<Uint8Array>,
  limits: ManifestLimits,
): Promise<Result<readonly ShippedFile[], Refusal>> {
  try {
    return ok(await parse(await plainTar(bytes), limits));
  } catch (error) {
    return err(refusal('bad_release', `This is no release: ${reasonOf(error)}.`));
  }
}

/** The archive without its compression, found by its first two bytes. */
async function plainTar(bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const source = bytes[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let length = 0;
  while (length < GZIP.length) {
    const next = await source.next();
    if (next.done === true) break;
    head.push(next.value);
    length += next.value.length;
  }
  if (length === 0) throw new Error('the file is empty');
  const whole = async function* () {
    try {
      yield* head;
      for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
    } finally {
      await source.return?.();
    }
  };
  const start = Buffer.concat(head).subarray(0, GZIP.length);
  if (!start.equals(Buffer.from(GZIP))) return whole();
  const readable = Readable.from(whole(), { objectMode: false });
  const gunzip = createGunzip();
  readable.on('error', (error) => gunzip.destroy(error));
  gunzip.on('close', () => readable.destroy());
  return readable.pipe(gunzip);
}

async function parse(bytes: AsyncIterable<Uint8Array>, limits: ManifestLimits): Promise<readonly ShippedFile[]> {
  const files: ShippedFile[] = [];
  const judge = new EntryJudge(limits);
  const parser = new Parser({ strict: true, maxMetaEntrySize: LONGEST_META, brotli: false, zstd: false });
  const seen: { problem: Error | null; end: boolean; last: string } = { problem: null, end: false, last: '' };
  const stop = (error: unknown) => {
    seen.problem ??= error instanceof Error ? error : new Error(String(error));
  };
  parser.on('error', stop);
  parser.on('ignoredEntry', () => stop(new RangeError('a name in it is too long')));
  parser.on('eof', () => {
    seen.end = true;
  });
  parser.on('entry', (entry: ReadEntry) => {
    seen.last = entry.path;
    try {
      take(entry, judge, files);
    } catch (error) {
      stop(error);
    }
    entry.resume();
  });
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    // What stands between the files counts as well: an archive of nothing but headers is bounded too.
    if (total > limits.bytes + limits.entries * 2_048)
      throw new RangeError(`it unpacks to more than ${limits.bytes} bytes`);
    // Entries are read as they come, so the parser never holds anything back.
    parser.write(chunk);
    if (seen.problem) throw seen.problem;
  }
  parser.end();
  if (seen.problem) throw seen.problem;
  if (!seen.end) throw new Error('it is cut short: its end is missing');
  if (files.length === 0) throw new Error('there is no file in it');
  return files;
}

function take(entry: ReadEntry, judge: EntryJudge, files: ShippedFile[]): void {
  const kind = KINDS[entry.type] ?? 'other';
  const link = kind === 'symlink' || kind === 'hardlink' ? (entry.linkpath ?? '') : null;
  const path = judge.take({ kind, path: entry.path, size: entry.size, link });
  if (link !== null) files.push({ path, size: 0, sha256: null, link });
  if (kind !== 'file') return;
  const hash = createHash('sha256');
  entry.on('data', (chunk: Buffer) => hash.update(chunk));
  entry.on('end', () => files.push({ path, size: entry.size, sha256: hash.digest('hex'), link: null }));
}

/** The words of what went wrong, of the libraries' own made plain. */
function reasonOf(error: unknown): string {
  const words = messageOf(error);
  if (/Truncated input|unexpected end of file/i.test(words)) return 'it is cut short';
  if (/checksum failure|Unrecognized archive|TAR_ENTRY_INVALID/i.test(words)) return 'it is no tar, or it is damaged';
  if (/incorrect (?:header|data) check|invalid (?:block|code|distance|stored)|incorrect length/i.test(words))
    return 'its compression is damaged';
  return words;
}
