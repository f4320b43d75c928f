import type { Core } from './core.ts';
import type { Channel, Message, StoredFile, User, UserGroup, View } from './model.ts';
import { APP_ID, BOT_ID, BOT_USER, TEAM } from './model.ts';

/** The workspace's things in the shapes of Slack's Web API and payloads. */

type Json = Record<string, unknown>;

export function userJson(user: User, withEmail: boolean): Json {
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deactivated,
    color: user.color,
    real_name: user.name,
    tz: user.timezone,
    tz_label: user.timezone,
    tz_offset: 0,
    profile: {
      title: user.title,
      real_name: user.name,
      real_name_normalized: user.name,
      display_name: user.name,
      display_name_normalized: user.name,
      team: user.teamId,
      ...(withEmail && user.email !== '' ? { email: user.email } : {}),
      ...(user.bot ? { bot_id: BOT_ID, api_app_id: APP_ID } : {}),
    },
    is_admin: user.admin,
    is_owner: false,
    is_primary_owner: false,
    is_restricted: user.guest,
    is_ultra_restricted: false,
    is_bot: user.bot,
    is_app_user: false,
    is_stranger: user.foreign,
    is_email_confirmed: !user.bot,
    updated: user.updated,
  };
}

export function channelJson(channel: Channel): Json {
  if (channel.kind === 'direct') {
    const user = channel.members.find((member) => member !== BOT_USER) ?? '';
    return {
      id: channel.id,
      created: channel.created,
      is_im: true,
      is_archived: channel.archived,
      user,
      is_open: true,
    };
  }
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    created: channel.created,
    creator: 'U0ADM',
    is_channel: true,
    is_group: false,
    is_im: false,
    is_mpim: false,
    is_private: channel.kind === 'private',
    is_archived: channel.archived,
    is_general: false,
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    is_member: channel.members.includes(BOT_USER),
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    num_members: channel.members.length,
    context_team_id: TEAM.id,
  };
}

export function groupJson(group: UserGroup, withUsers: boolean): Json {
  return {
    id: group.id,
    team_id: TEAM.id,
    is_usergroup: true,
    name: group.name,
    handle: group.handle,
    description: '',
    is_external: false,
    date_create: 0,
    date_update: 0,
    date_delete: 0,
    user_count: group.users.length,
    ...(withUsers ? { users: group.users } : {}),
  };
}

export function fileJson(core: Core, file: StoredFile): Json {
  const url = `${core.url()}/files-pri/${TEAM.id}-${file.id}`;
  const name = encodeURIComponent(file.name);
  return {
    id: file.id,
    created: file.created,
    timestamp: file.created,
    name: file.name,
    title: file.title,
    mimetype: file.mimetype,
    filetype: file.name.split('.').at(-1) ?? 'binary',
    size: file.size,
    user: file.user,
    user_team: core.store.users.get(file.user)?.teamId ?? TEAM.id,
    mode: 'hosted',
    is_external: false,
    is_public: file.channels.some((channel) => core.store.channels.get(channel)?.kind === 'public'),
    url_private: `${url}/${name}`,
    url_private_download: `${url}/download/${name}`,
    permalink: `${core.url()}/files/${file.user}/${file.id}/${name}`,
    file_access: 'visible',
    channels: file.channels,
    groups: [],
    ims: [],
  };
}

/** A message as history and payloads show it; metadata only where it was asked for. */
export function messageJson(core: Core, message: Message, withMetadata: boolean): Json {
  const byApp = message.user === BOT_USER && !message.tombstone;
  const replies = core.store.replies(message.channel, message.ts);
  return {
    type: 'message',
    ts: message.ts,
    text: message.text,
    team: TEAM.id,
    user: message.tombstone ? 'USLACKBOT' : message.user,
    ...(message.tombstone ? { subtype: 'tombstone', hidden: true } : {}),
    ...(byApp
      ? { bot_id: BOT_ID, app_id: APP_ID, bot_profile: { id: BOT_ID, app_id: APP_ID, name: core.manifest.name } }
      : {}),
    ...(message.blocks.length > 0 ? { blocks: message.blocks } : {}),
    ...(message.files.length > 0
      ? { files: filesOf(core, message).map((file) => fileJson(core, file)), upload: true }
      : {}),
    ...(message.edited === undefined ? {} : { edited: { user: message.user, ts: message.edited } }),
    ...(withMetadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
    ...(message.reactions.length > 0
      ? { reactions: message.reactions.map((one) => ({ ...one, count: one.users.length })) }
      : {}),
    ...threadJson(message, replies),
  };
}

function threadJson(message: Message, replies: readonly Message[]): Json {
  if (message.threadTs !== undefined) return { thread_ts: message.threadTs };
  if (replies.length === 0) return {};
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users_count: users.length,
    reply_users: users,
    latest_reply: replies.at(-1)?.ts,
    subscribed: false,
    is_locked: false,
  };
}

export function filesOf(core: Core, message: Message): StoredFile[] {
  return message.files.map((id) => core.store.files.get(id)).filter((file) => file !== undefined);
}

export function viewJson(view: View): Json {
  const text = (value: string): Json => ({ type: 'plain_text', text: value, emoji: true });
  return {
    id: view.id,
    team_id: TEAM.id,
    type: view.type,
    blocks: view.blocks,
    private_metadata: view.privateMetadata,
    callback_id: view.callbackId,
    external_id: view.externalId,
    state: { values: view.state },
    hash: view.hash,
    title: view.type === 'modal' ? text(view.title) : text('View Title'),
    submit: view.submit === null ? null : text(view.submit),
    close: view.type === 'modal' ? text(view.close) : null,
    clear_on_close: view.clearOnClose,
    notify_on_close: view.notifyOnClose,
    previous_view_id: view.previousId,
    root_view_id: view.rootId,
    app_id: APP_ID,
    app_installed_team_id: TEAM.id,
    bot_id: BOT_ID,
  };
}
