import { mkdirSync, readFileSync } from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { monotonicMs } from '../kernel/clock.ts';
import { channelSchema, fileSchema, messageSchema, userGroupSchema, userSchema } from './model.ts';
import type { Store } from './store.ts';

const stateSchema = z.object({
  version: z.literal(1),
  users: z.array(userSchema),
  channels: z.array(channelSchema),
  groups: z.array(userGroupSchema),
  files: z.array(fileSchema),
  messages: z.array(messageSchema),
});

const MIN_PAUSE_MS = 300;
/** Writing takes at most about this share of the time, however much there is to write. */
const WRITING_SHARE = 0.05;

/** Keeps the store in one JSON file, replaced atomically a moment after each change. */
export class Persistence {
  readonly #store: Store;
  readonly #file: string;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #pauseMs = MIN_PAUSE_MS;

  constructor(store: Store, dataDir: string) {
    this.#store = store;
    mkdirSync(dataDir, { recursive: true });
    this.#file = join(dataDir, 'workspace.json');
    this.#load();
    store.onChange(() => this.changed());
  }

  /** Schedules a write; for changes that the store does not tell (people, user groups, files). */
  changed(): void {
    this.#timer ??= setTimeout(() => {
      void this.flush();
    }, this.#pauseMs);
  }

  /** Writes now, when there is something to write, and waits until it is on disk. */
  async flush(): Promise<void> {
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.#writing = this.#writing.then(() => this.#write());
    }
    await this.#writing;
  }

  #load(): void {
    let text: string;
    try {
      text = readFileSync(this.#file, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
      throw error;
    }
    const state = stateSchema.parse(JSON.parse(text));
    for (const user of state.users) this.#store.users.set(user.id, user);
    for (const channel of state.channels) this.#store.channels.set(channel.id, channel);
    for (const group of state.groups) this.#store.groups.set(group.id, group);
    for (const file of state.files) this.#store.files.set(file.id, file);
    for (const message of state.messages) this.#store.restore(message);
  }

  async #write(): Promise<void> {
    const started = monotonicMs();
    const store = this.#store;
    const state: z.infer<typeof stateSchema> = {
      version: 1,
      users: [...store.users.values()],
      channels: [...store.channels.values()],
      groups: [...store.groups.values()],
      files: [...store.files.values()],
      messages: [...store.channels.keys()].flatMap((channel) =>
        store.messages(channel).filter((message) => message.only === undefined),
      ),
    };
    await replaceFile(this.#file, JSON.stringify(state));
    this.#pauseMs = Math.max(MIN_PAUSE_MS, (monotonicMs() - started) / WRITING_SHARE);
  }
}

/** Writes a file so that a reader, also one after a crash, sees either the old content or the new one. */
export async function replaceFile(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(file, '..'), { recursive: true });
  const handle = await open(`${file}.new`, 'w');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
