import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from './persist.ts';

/** The bytes of uploaded files: on disk when the workspace has a data directory, else in memory. */
export class FileBytes {
  readonly #memory = new Map<string, Uint8Array>();
  readonly #dir: string | undefined;

  constructor(dataDir: string | undefined) {
    this.#dir = dataDir === undefined ? undefined : join(dataDir, 'files');
  }

  async put(id: string, bytes: Uint8Array): Promise<void> {
    if (this.#dir === undefined) this.#memory.set(id, bytes);
    else await replaceFile(join(this.#dir, id), bytes);
  }

  /** `id` must be one the store knows: it becomes a file name. */
  async get(id: string): Promise<Uint8Array | undefined> {
    if (this.#dir === undefined) return this.#memory.get(id);
    try {
      return await readFile(join(this.#dir, id));
    } catch {
      return undefined;
    }
  }
}
