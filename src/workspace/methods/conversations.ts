import { z } from 'zod';
import type { Core } from '../core.ts';
import { ApiError } from '../errors.ts';
import type { Channel, Message } from '../model.ts';
import { BOT_USER } from '../model.ts';
import { channelJson, messageJson } from '../render.ts';
import { channelOf, countArg, flagArg, type Method, method, needScope, page } from './define.ts';

const KIND_SCOPE = { public: 'channels', private: 'groups', direct: 'im' } as const;
const TYPE_OF = { public: 'public_channel', private: 'private_channel', direct: 'im' } as const;

/** The channel, when the manifest allows to `what` (read, history) its kind and the app is in it. */
function readable(core: Core, id: string, what: 'read' | 'history'): Channel {
  const channel = channelOf(core, id);
  needScope(core, `${KIND_SCOPE[channel.kind]}:${what}`);
  const member = channel.members.includes(BOT_USER);
  if (!member && channel.kind !== 'public') throw new ApiError('channel_not_found');
  if (!member && what === 'history') throw new ApiError('not_in_channel');
  return channel;
}

const span = {
  channel: z.string(),
  cursor: z.string().optional(),
  limit: countArg,
  oldest: z.coerce.string().optional(),
  latest: z.coerce.string().optional(),
  inclusive: flagArg,
  include_all_metadata: flagArg,
};

function within(
  message: Message,
  args: { oldest?: string | undefined; latest?: string | undefined; inclusive?: boolean | undefined },
): boolean {
  const ts = Number(message.ts);
  const { oldest, latest, inclusive } = args;
  if (inclusive === true && (message.ts === oldest || message.ts === latest)) return true;
  return (oldest === undefined || ts > Number(oldest)) && (latest === undefined || ts < Number(latest));
}

/** conversations.*. */
export const CONVERSATION_METHODS: Readonly<Record<string, Method>> = {
  'conversations.list': method({
    scopes: ['channels:read', 'groups:read', 'im:read'],
    tier: 'tier2',
    args: z.looseObject({
      types: z.string().default('public_channel'),
      cursor: z.string().optional(),
      limit: countArg,
      exclude_archived: flagArg,
    }),
    run: (args, core) => {
      const types = new Set(args.types.split(',').map((type) => type.trim()));
      const channels = [...core.store.channels.values()].filter(
        (channel) =>
          types.has(TYPE_OF[channel.kind]) &&
          (channel.kind === 'public' || channel.members.includes(BOT_USER)) &&
          !(args.exclude_archived === true && channel.archived),
      );
      for (const kind of new Set(channels.map((channel) => channel.kind))) needScope(core, `${KIND_SCOPE[kind]}:read`);
      const list = page(channels, args.cursor, args.limit || 100);
      return { channels: list.items.map(channelJson), response_metadata: { next_cursor: list.next } };
    },
  }),
  'conversations.info': method({
    args: z.looseObject({ channel: z.string() }),
    run: (args, core) => ({ channel: channelJson(readable(core, args.channel, 'read')) }),
  }),
  'conversations.members': method({
    tier: 'tier4',
    args: z.looseObject({ channel: z.string(), cursor: z.string().optional(), limit: countArg }),
    run: (args, core) => {
      const list = page(readable(core, args.channel, 'read').members, args.cursor, args.limit || 100);
      return { members: list.items, response_metadata: { next_cursor: list.next } };
    },
  }),
  'conversations.history': method({
    args: z.looseObject(span),
    run: (args, core) => {
      const channel = readable(core, args.channel, 'history');
      const messages = core.store
        .messages(channel.id)
        .filter((message) => message.threadTs === undefined && message.only === undefined && within(message, args));
      const list = page(messages.toReversed(), args.cursor, Math.min(args.limit || 100, 999));
      return {
        messages: list.items.map((message) => messageJson(core, message, args.include_all_metadata === true)),
        has_more: list.next !== '',
        pin_count: 0,
        ...(list.next === '' ? {} : { response_metadata: { next_cursor: list.next } }),
      };
    },
  }),
  'conversations.replies': method({
    args: z.looseObject({ ...span, ts: z.string() }),
    run: (args, core) => {
      const channel = readable(core, args.channel, 'history');
      const named = core.store.message(channel.id, args.ts);
      const parent = named?.threadTs === undefined ? named : core.store.message(channel.id, named.threadTs);
      if (parent === undefined || parent.only !== undefined) throw new ApiError('thread_not_found');
      const replies = core.store.replies(channel.id, parent.ts).filter((message) => within(message, args));
      const list = page(replies, args.cursor, Math.min(args.limit || 1000, 1000));
      return {
        messages: [parent, ...list.items].map((message) =>
          messageJson(core, message, args.include_all_metadata === true),
        ),
        has_more: list.next !== '',
        ...(list.next === '' ? {} : { response_metadata: { next_cursor: list.next } }),
      };
    },
  }),
  'conversations.open': method({
    scopes: ['im:write'],
    args: z.looseObject({ users: z.string().optional(), channel: z.string().optional(), return_im: flagArg }),
    run: (args, core) => {
      if (args.channel !== undefined) return { channel: { id: channelOf(core, args.channel).id } };
      const ids = (args.users ?? '').split(',').filter((id) => id !== '');
      if (ids.length > 1) throw new ApiError('method_not_supported_for_channel_type');
      const user = core.store.users.get(ids[0] ?? '');
      if (user === undefined) throw new ApiError('user_not_found');
      if (user.deactivated) throw new ApiError('user_disabled');
      if (user.bot) throw new ApiError('cannot_dm_bot');
      const { channel, made } = core.store.directChannel(user.id);
      return {
        no_op: !made,
        already_open: !made,
        channel: args.return_im === true ? channelJson(channel) : { id: channel.id },
      };
    },
  }),
  'conversations.join': method({
    scopes: ['channels:join'],
    args: z.looseObject({ channel: z.string() }),
    run: (args, core) => {
      const channel = channelOf(core, args.channel);
      if (channel.kind !== 'public') throw new ApiError('method_not_supported_for_channel_type');
      if (channel.archived) throw new ApiError('is_archived');
      const members = [...new Set([...channel.members, BOT_USER])];
      core.store.putChannel({ ...channel, members });
      return { channel: channelJson({ ...channel, members }) };
    },
  }),
};
