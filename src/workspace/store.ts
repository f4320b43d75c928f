import { now } from '../kernel/clock.ts';
import { newUuid } from '../kernel/ids.ts';
import type { Channel, Message, StoredFile, User, UserGroup } from './model.ts';
import { BOT_USER } from './model.ts';
import type { WorkspaceSeed } from './seed.ts';

export type StoreChange =
  | { readonly type: 'message' | 'changed' | 'deleted'; readonly message: Message }
  | { readonly type: 'channel'; readonly channel: Channel };

/** What a new message says; time, thread and file bookkeeping are the store's. */
export type NewMessage = Pick<Message, 'channel' | 'user' | 'text' | 'blocks'> &
  Partial<Pick<Message, 'threadTs' | 'metadata' | 'files' | 'only'>>;

/** The lasting state of a workspace. Messages are kept per channel in the order of their timestamps. */
export class Store {
  readonly users = new Map<string, User>();
  readonly channels = new Map<string, Channel>();
  readonly groups = new Map<string, UserGroup>();
  readonly files = new Map<string, StoredFile>();
  readonly #messages = new Map<string, Map<string, Message>>();
  readonly #replies = new Map<string, string[]>();
  readonly #listeners = new Set<(change: StoreChange) => void>();
  #lastMicros = 0;

  constructor(seed: WorkspaceSeed) {
    for (const user of seed.users) this.users.set(user.id, user);
    for (const channel of seed.channels) this.channels.set(channel.id, channel);
    for (const group of seed.groups) this.groups.set(group.id, group);
  }

  /** Calls `listener` after every change, until the returned function is called. */
  onChange(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** A timestamp as Slack writes it, greater than every one before it. */
  nextTs(): string {
    const micros = Math.max(now().getTime() * 1000, this.#lastMicros + 1);
    this.#lastMicros = micros;
    return `${Math.floor(micros / 1_000_000)}.${String(micros % 1_000_000).padStart(6, '0')}`;
  }

  post(message: NewMessage): Message {
    const stored: Message = { files: [], reactions: [], tombstone: false, ...message, ts: this.nextTs() };
    this.restore(stored);
    this.#tell({ type: 'message', message: stored });
    return stored;
  }

  /** Puts back a message that was read from disk. */
  restore(message: Message): void {
    const channel = this.#messages.get(message.channel) ?? new Map<string, Message>();
    this.#messages.set(message.channel, channel.set(message.ts, message));
    this.#lastMicros = Math.max(this.#lastMicros, Math.round(Number(message.ts) * 1_000_000));
    if (message.threadTs === undefined) return;
    const key = `${message.channel} ${message.threadTs}`;
    const replies = this.#replies.get(key) ?? [];
    replies.push(message.ts);
    this.#replies.set(key, replies);
  }

  message(channel: string, ts: string): Message | undefined {
    return this.#messages.get(channel)?.get(ts);
  }

  /** All messages of a channel, replies and ephemeral ones included, oldest first. */
  messages(channel: string): Message[] {
    return [...(this.#messages.get(channel)?.values() ?? [])];
  }

  /** Replies that are in the history (no ephemeral ones), oldest first. */
  replies(channel: string, ts: string): Message[] {
    return (this.#replies.get(`${channel} ${ts}`) ?? [])
      .map((reply) => this.message(channel, reply))
      .filter((reply) => reply !== undefined && reply.only === undefined)
      .filter((reply) => reply !== undefined);
  }

  change(message: Message): void {
    this.#messages.get(message.channel)?.set(message.ts, message);
    this.#tell({ type: 'changed', message });
  }

  /** Deletes a message; a parent with replies leaves a tombstone, as in Slack. */
  remove(message: Message): void {
    if (this.replies(message.channel, message.ts).length > 0) {
      const { metadata: _metadata, ...rest } = message;
      this.change({ ...rest, text: 'This message was deleted.', blocks: [], files: [], tombstone: true });
      return;
    }
    this.#messages.get(message.channel)?.delete(message.ts);
    if (message.threadTs !== undefined) {
      const key = `${message.channel} ${message.threadTs}`;
      const left = (this.#replies.get(key) ?? []).filter((ts) => ts !== message.ts);
      this.#replies.set(key, left);
      const parent = this.message(message.channel, message.threadTs);
      if (parent !== undefined) this.#tell({ type: 'changed', message: parent });
    }
    this.#tell({ type: 'deleted', message });
  }

  /** The direct channel of the app and a person, made when it is not there. */
  directChannel(user: string): { readonly channel: Channel; readonly made: boolean } {
    const id = `D${user.slice(1)}`;
    const existing = this.channels.get(id);
    if (existing !== undefined) return { channel: existing, made: false };
    const channel: Channel = {
      id,
      name: user,
      topic: '',
      kind: 'direct',
      members: [user, BOT_USER],
      archived: false,
      created: Math.floor(now().getTime() / 1000),
    };
    this.putChannel(channel);
    return { channel, made: true };
  }

  putChannel(channel: Channel): void {
    this.channels.set(channel.id, channel);
    this.#tell({ type: 'channel', channel });
  }

  /** A channel by id or by name, with or without "#". */
  findChannel(idOrName: string): Channel | undefined {
    const name = idOrName.replace(/^#/, '');
    return this.channels.get(idOrName) ?? [...this.channels.values()].find((channel) => channel.name === name);
  }

  /** A person by id or by name, with or without "@". */
  findUser(idOrName: string): User | undefined {
    const name = idOrName.replace(/^@/, '');
    return this.users.get(idOrName) ?? [...this.users.values()].find((user) => user.name === name);
  }

  newFileId(): string {
    return `F${newUuid().replaceAll('-', '').slice(0, 10).toUpperCase()}`;
  }

  #tell(change: StoreChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
