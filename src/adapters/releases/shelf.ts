import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, type FileHandle, link, lstat, mkdir, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ManifestLimits } from '../../estate/release-manifest.ts';
import { messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import { newUuid } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { FoundFile, ReleaseShelf } from '../../operations/releases/ports.ts';
import { readManifest } from './manifest.ts';

/** Names that are ours: the folder's id, and files that are not whole yet. */
const OWN = '.';
const PARTIAL = '.partial-';
const isCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;

/** The folder `releases` of the data directory. What an earlier process left unfinished there is removed. */
export async function openShelf(
  home: string,
  limits: ManifestLimits & { readonly file: number },
): Promise<ReleaseShelf> {
  const folder = join(home, 'releases');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) if (name.startsWith(PARTIAL)) await rm(join(folder, name), { force: true });
  const place = `store:${await folderId(folder)}`;

  /** Reads an open file whole: size, checksum and what it ships. */
  const read = async (file: FileHandle, fileName: string): Promise<Result<FoundFile, Refusal>> => {
    const info = await file.stat();
    if (!info.isFile()) return err(refusal('bad_release', `${fileName} is no file.`));
    if (info.size > limits.file) return err(tooLarge(limits.file));
    const hash = createHash('sha256');
    for await (const chunk of whole(file)) hash.update(chunk);
    const files = await readManifest(whole(file), limits);
    if (!files.ok) return files;
    const after = await file.stat();
    if (after.size !== info.size || after.mtimeMs !== info.mtimeMs)
      return err(refusal('bad_release', `${fileName} is still being written.`, 'Wait until it is whole.'));
    const found = { place, machine: hostname(), path: fileName, fileName, size: info.size, files: files.value };
    return ok({ ...found, sha256: hash.digest('hex') });
  };

  return {
    place,
    async take(fileName, bytes, sha256, keep) {
      const partial = join(folder, `${PARTIAL}${newUuid()}`);
      const file = await open(partial, 'wx+', 0o600);
      try {
        let size = 0;
        for await (const chunk of bytes) {
          size += chunk.length;
          if (size > limits.file) return err(tooLarge(limits.file));
          await file.write(chunk);
        }
        await file.sync();
        const found = await read(file, fileName);
        if (!found.ok) return found;
        if (sha256 !== null && sha256 !== found.value.sha256)
          return err(
            refusal('bad_release', `Its SHA-256 is ${found.value.sha256}, not the one you gave. It was not added.`),
          );
        const settled = await settle(partial, fileName, found.value);
        if (!settled.ok) return settled;
        const kept = await keep(found.value);
        if (!kept.ok && settled.value === 'fresh') await rm(join(folder, fileName), { force: true });
        return kept;
      } finally {
        await file.close();
        await rm(partial, { force: true });
      }
    },
    async dropped() {
      const entries = await readdir(folder, { withFileTypes: true });
      return entries
        .filter((one) => one.isFile() && !one.name.startsWith(OWN))
        .map((one) => one.name)
        .sort();
    },
    look,
    async sizeOf(fileName) {
      const info = await lstat(join(folder, fileName)).catch(() => null);
      return info?.isFile() ? info.size : null;
    },
  };

  /** Gives a whole file its name, unless another file has it. The same file may have been there before. */
  async function settle(
    partial: string,
    fileName: string,
    found: FoundFile,
  ): Promise<Result<'fresh' | 'there', Refusal>> {
    try {
      await link(partial, join(folder, fileName));
      return ok('fresh');
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
      const there = await look(fileName);
      if (there.ok && there.value.sha256 === found.sha256) return ok('there');
      return err(
        refusal(
          'name_taken',
          `The folder releases has another file ${fileName} already.`,
          'Look at it, and remove it if it is not wanted.',
        ),
      );
    }
  }

  async function look(fileName: string): Promise<Result<FoundFile, Refusal>> {
    const path = join(folder, fileName);
    let file: FileHandle;
    try {
      // A link in the folder could lead anywhere, and a pipe would never open.
      file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    } catch (error) {
      const why = `${fileName} cannot be read: ${isCode(error, 'ENOENT') ? 'it is not there' : messageOf(error)}.`;
      // What this account may not read may be whole all the same.
      return isCode(error, 'EACCES')
        ? err(refusal('precheck_failed', why, 'Give the file to the account that Twokey runs as, then send it again.'))
        : err(refusal('bad_release', why));
    }
    try {
      const found = await read(file, fileName);
      if (found.ok) await chmod(path, 0o600);
      return found;
    } finally {
      await file.close();
    }
  }
}

/** The bytes of an open file, from its beginning. */
async function* whole(file: FileHandle): AsyncGenerator<Uint8Array> {
  for await (const chunk of file.createReadStream({ autoClose: false, start: 0, highWaterMark: 1 << 20 })) {
    const bytes: Uint8Array = chunk;
    yield bytes;
  }
}

function tooLarge(bytes: number): Refusal {
  const words = `It is larger than ${bytes} bytes.`;
  return refusal('bad_release', words, 'If it is meant to be, raise `releases.max_gigabytes` in the configuration.');
}

/** The id of this folder, made once: several Twokeys may share a database, each with a folder of its own. */
async function folderId(folder: string): Promise<string> {
  const file = join(folder, `${OWN}id`);
  try {
    await writeFile(file, newUuid(), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  }
  return (await readFile(file, 'utf8')).trim();
}
