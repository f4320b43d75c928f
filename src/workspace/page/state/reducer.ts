import type { UiEvent, UiMessage, UiState, UiView } from '../../protocol.ts';

type Messages = readonly UiMessage[];

/** Everything this person's page knows. */
export interface Room {
  readonly state: UiState | null;
  /** Top-level messages of the channels that were opened. */
  readonly channels: Readonly<Record<string, Messages>>;
  /** Parent and replies of the threads that were opened, by `channel/ts`. */
  readonly threads: Readonly<Record<string, Messages>>;
  readonly unread: Readonly<Record<string, number>>;
  /** `channel/ts` of messages that were deleted or dismissed: an older reading must not bring them back. */
  readonly gone: readonly string[];
  /** Open modals, the topmost last. */
  readonly views: readonly UiView[];
}

export type Change =
  | { readonly type: 'state'; readonly state: UiState }
  | { readonly type: 'channel_read'; readonly channel: string; readonly messages: Messages }
  | { readonly type: 'thread_read'; readonly key: string; readonly messages: Messages }
  | { readonly type: 'event'; readonly event: UiEvent; readonly looking: string }
  | { readonly type: 'looked'; readonly channel: string };

export const EMPTY_ROOM: Room = { state: null, channels: {}, threads: {}, unread: {}, gone: [], views: [] };

/** The key of a thread in `Room.threads`. */
export function threadKey(channel: string, ts: string): string {
  return `${channel}/${ts}`;
}

function put(messages: Messages, message: UiMessage): Messages {
  const at = messages.findIndex((known) => known.ts === message.ts);
  if (at !== -1) return messages.with(at, message);
  return [...messages, message].sort((a, b) => Number(a.ts) - Number(b.ts));
}

function present(room: Room, messages: Messages): Messages {
  return messages.filter((message) => !room.gone.includes(`${message.channel}/${message.ts}`));
}

function isReply(message: UiMessage): boolean {
  return message.thread_ts !== undefined && message.thread_ts !== message.ts;
}

/** Changes the lists of one channel: its own (`channel`) and those of its threads (`channel/ts`). */
function mapChannel(
  lists: Readonly<Record<string, Messages>>,
  channel: string,
  change: (list: Messages) => Messages,
): Readonly<Record<string, Messages>> {
  return Object.fromEntries(
    Object.entries(lists).map(([key, list]) => [key, key.split('/')[0] === channel ? change(list) : list]),
  );
}

function withReply(room: Room, message: UiMessage): Room {
  const parentTs = message.thread_ts ?? '';
  const key = threadKey(message.channel, parentTs);
  const thread = room.threads[key];
  const counted = (parent: UiMessage): UiMessage =>
    parent.ts !== parentTs || message.ephemeral || Number(parent.latest_reply ?? 0) >= Number(message.ts)
      ? parent
      : { ...parent, reply_count: parent.reply_count + 1, latest_reply: message.ts };
  const inChannel = room.channels[message.channel];
  return {
    ...room,
    threads: thread === undefined ? room.threads : { ...room.threads, [key]: put(thread, message) },
    channels: inChannel === undefined ? room.channels : { ...room.channels, [message.channel]: inChannel.map(counted) },
  };
}

function withMessage(room: Room, message: UiMessage, looking: string): Room {
  if (isReply(message)) return withReply(room, message);
  const inChannel = room.channels[message.channel];
  const unread =
    message.channel === looking
      ? room.unread
      : { ...room.unread, [message.channel]: (room.unread[message.channel] ?? 0) + 1 };
  if (inChannel === undefined) return { ...room, unread };
  return { ...room, unread, channels: { ...room.channels, [message.channel]: put(inChannel, message) } };
}

function withChanged(room: Room, message: UiMessage): Room {
  const swap = (list: Messages) => list.map((known) => (known.ts === message.ts ? message : known));
  return {
    ...room,
    channels: mapChannel(room.channels, message.channel, swap),
    threads: mapChannel(room.threads, message.channel, swap),
  };
}

function withoutMessage(room: Room, channel: string, ts: string): Room {
  const drop = (list: Messages) => list.filter((known) => known.ts !== ts);
  return {
    ...room,
    gone: [...room.gone, `${channel}/${ts}`],
    channels: mapChannel(room.channels, channel, drop),
    threads: mapChannel(room.threads, channel, drop),
  };
}

function withView(room: Room, view: UiView): Room {
  const at = room.views.findIndex((open) => open.id === view.id);
  return { ...room, views: at === -1 ? [...room.views, view] : room.views.with(at, view) };
}

function afterEvent(room: Room, event: UiEvent, looking: string): Room {
  switch (event.type) {
    case 'message':
      return withMessage(room, event.message, looking);
    case 'changed':
      return withChanged(room, event.message);
    case 'deleted':
      return withoutMessage(room, event.channel, event.ts);
    case 'view':
      return withView(room, event.view);
    case 'view_closed':
      return { ...room, views: room.views.filter((view) => view.id !== event.view_id) };
    case 'home':
      return room.state === null ? room : { ...room, state: { ...room.state, home: event.view } };
    case 'app':
      return room.state === null ? room : { ...room, state: { ...room.state, appConnected: event.connected } };
    case 'channel': {
      if (room.state === null) return room;
      const others = room.state.channels.filter((channel) => channel.id !== event.channel.id);
      return { ...room, state: { ...room.state, channels: [...others, event.channel] } };
    }
  }
}

/** The only place where what the page knows changes. */
export function reduceRoom(room: Room, change: Change): Room {
  switch (change.type) {
    case 'state':
      return { ...room, state: change.state };
    case 'channel_read': {
      const messages = present(room, change.messages);
      return { ...room, channels: { ...room.channels, [change.channel]: messages } };
    }
    case 'thread_read': {
      const messages = present(room, change.messages);
      return { ...room, threads: { ...room.threads, [change.key]: messages } };
    }
    case 'looked': {
      const { [change.channel]: _seen, ...unread } = room.unread;
      return { ...room, unread };
    }
    case 'event':
      return afterEvent(room, change.event, change.looking);
  }
}
