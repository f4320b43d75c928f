import type { Core } from './core.ts';
import type { Channel, Message, User, View } from './model.ts';
import { BOT_USER, TEAM } from './model.ts';
import type { UiChannel, UiMessage, UiPerson, UiState, UiView } from './protocol.ts';
import { filesOf } from './render.ts';

/** The workspace as one person sees it, in the shapes of the page. */

export function uiMessage(core: Core, message: Message): UiMessage {
  const replies = core.store.replies(message.channel, message.ts);
  const latest = replies.at(-1)?.ts;
  return {
    channel: message.channel,
    ts: message.ts,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    user: message.user,
    text: message.text,
    blocks: message.blocks,
    files: filesOf(core, message).map(({ id, name, title, size, mimetype }) => ({ id, name, title, size, mimetype })),
    edited: message.edited !== undefined,
    ephemeral: message.only !== undefined,
    reply_count: replies.length,
    ...(latest === undefined ? {} : { latest_reply: latest }),
  };
}

export function uiView(view: View): UiView {
  const { id, type, title, submit, close, blocks, errors } = view;
  return { id, type, title, submit, close, blocks, errors };
}

export function uiChannel(channel: Channel, core: Core): UiChannel {
  const direct = channel.kind === 'direct';
  return { id: channel.id, name: direct ? core.manifest.name : channel.name, topic: channel.topic, direct };
}

function uiPerson(user: User): UiPerson {
  return { id: user.id, name: user.name, title: user.title, color: user.color, bot: user.bot };
}

/** Whether this person may see the channel at all. */
export function seesChannel(user: User, channel: Channel | undefined): boolean {
  return channel !== undefined && !user.deactivated && channel.members.includes(user.id);
}

/** Whether this person sees the message: it stands in a channel of theirs and is not for another's eyes. */
export function seesMessage(core: Core, user: User, message: Message): boolean {
  return (message.only ?? user.id) === user.id && seesChannel(user, core.store.channels.get(message.channel));
}

/** Top-level messages of a channel, oldest first; ephemeral ones where they are for this person. */
export function channelMessages(core: Core, user: User, channel: string): UiMessage[] {
  return core.store
    .messages(channel)
    .filter((message) => message.threadTs === undefined && seesMessage(core, user, message))
    .map((message) => uiMessage(core, message));
}

/** The parent and everything in its thread that this person sees. */
export function threadMessages(core: Core, user: User, channel: string, ts: string): UiMessage[] {
  return core.store
    .messages(channel)
    .filter((message) => (message.ts === ts || message.threadTs === ts) && seesMessage(core, user, message))
    .map((message) => uiMessage(core, message));
}

export function uiState(core: Core, user: User, appConnected: boolean): UiState {
  const home = core.views.home(user.id);
  return {
    team: { id: TEAM.id, name: TEAM.name },
    me: user.id,
    people: [...core.store.users.values()].map((one) =>
      one.id === BOT_USER ? { ...uiPerson(one), name: core.manifest.name } : uiPerson(one),
    ),
    channels: [...core.store.channels.values()]
      .filter((one) => seesChannel(user, one))
      .map((one) => uiChannel(one, core)),
    commands: core.manifest.commands,
    appConnected,
    home: home === undefined ? null : uiView(home),
  };
}
