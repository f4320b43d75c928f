import { z } from 'zod';
import type { Core } from '../core.ts';
import { ApiError } from '../errors.ts';
import type { Channel, Message } from '../model.ts';
import { BOT_USER, blockSchema, metadataSchema } from '../model.ts';
import { messageJson } from '../render.ts';
import { messageBlocks } from '../responses.ts';
import { channelOf, jsonArg, type Method, method } from './define.ts';

const MAX_POSTED_TEXT = 40_000;
const MAX_UPDATED_TEXT = 4000;

const content = {
  channel: z.string(),
  text: z.string().optional(),
  blocks: jsonArg(z.array(blockSchema).optional()),
  metadata: jsonArg(metadataSchema.optional()),
};

/** Where a message may go: an id, a name, or a person (their direct channel). */
function destination(core: Core, id: string): Channel {
  const user = core.store.users.get(id);
  const channel = user === undefined || user.bot ? channelOf(core, id) : core.store.directChannel(user.id).channel;
  if (channel.archived) throw new ApiError('is_archived');
  const reachable =
    channel.members.includes(BOT_USER) || (channel.kind === 'public' && core.manifest.scopes.has('chat:write.public'));
  if (!reachable) throw new ApiError(channel.kind === 'public' ? 'not_in_channel' : 'channel_not_found');
  return channel;
}

/** The parent of a thread, whether a parent or a reply was named. Throws `thread_not_found`. */
export function threadParent(core: Core, channel: string, ts: string): string {
  const message = core.store.message(channel, ts);
  if (message === undefined || message.only !== undefined) throw new ApiError('thread_not_found');
  return message.threadTs ?? message.ts;
}

/** A message of the app that is there to be changed. */
function ownMessage(core: Core, channel: string, ts: string, refusal: string): Message {
  const message = core.store.message(channelOf(core, channel).id, ts);
  if (message === undefined || message.only !== undefined || message.tombstone) throw new ApiError('message_not_found');
  if (message.user !== BOT_USER) throw new ApiError(refusal);
  return message;
}

/** chat.*. */
export const CHAT_METHODS: Readonly<Record<string, Method>> = {
  'chat.postMessage': method({
    scopes: ['chat:write'],
    tier: 'message',
    args: z.looseObject({ ...content, thread_ts: z.string().optional() }),
    run: (args, core) => {
      const channel = destination(core, args.channel);
      if ((args.text ?? '') === '' && (args.blocks ?? []).length === 0) throw new ApiError('no_text');
      const blocks = messageBlocks(core, args.blocks ?? []);
      const message = core.store.post({
        channel: channel.id,
        user: BOT_USER,
        text: (args.text ?? '').slice(0, MAX_POSTED_TEXT),
        blocks,
        ...(args.thread_ts === undefined ? {} : { threadTs: threadParent(core, channel.id, args.thread_ts) }),
        ...(args.metadata === undefined ? {} : { metadata: args.metadata }),
      });
      const truncated = (args.text ?? '').length > MAX_POSTED_TEXT;
      return {
        channel: channel.id,
        ts: message.ts,
        message: messageJson(core, message, true),
        ...(truncated ? { warning: 'message_truncated', response_metadata: { warnings: ['message_truncated'] } } : {}),
      };
    },
  }),
  'chat.update': method({
    scopes: ['chat:write'],
    tier: 'tier3',
    args: z.looseObject({ ...content, ts: z.string() }),
    run: (args, core) => {
      const message = ownMessage(core, args.channel, args.ts, 'cant_update_message');
      if (args.text === undefined && args.blocks === undefined && args.metadata === undefined)
        throw new ApiError('no_text');
      if ((args.text ?? '').length > MAX_UPDATED_TEXT) throw new ApiError('msg_too_long');
      // A text without blocks removes the blocks; blocks without a text keep the text.
      const given = args.blocks ?? (args.text === undefined ? message.blocks : []);
      const blocks = messageBlocks(core, given);
      const text = args.text ?? message.text;
      if (text === '' && blocks.length === 0 && message.files.length === 0) throw new ApiError('no_text');
      const { edited: _edited, ...rest } = message;
      const changed: Message = {
        ...rest,
        text,
        blocks,
        ...(args.metadata === undefined ? {} : { metadata: args.metadata }),
        ...(args.blocks === undefined ? { edited: core.store.nextTs() } : {}),
      };
      core.store.change(changed);
      return { channel: message.channel, ts: message.ts, text, message: messageJson(core, changed, true) };
    },
  }),
  'chat.delete': method({
    scopes: ['chat:write'],
    tier: 'tier3',
    args: z.looseObject({ channel: z.string(), ts: z.string() }),
    run: (args, core) => {
      const message = ownMessage(core, args.channel, args.ts, 'cant_delete_message');
      core.store.remove(message);
      return { channel: message.channel, ts: message.ts };
    },
  }),
  'chat.postEphemeral': method({
    scopes: ['chat:write'],
    tier: 'tier4',
    args: z.looseObject({ ...content, user: z.string(), thread_ts: z.string().optional() }),
    run: (args, core) => {
      const channel = destination(core, args.channel);
      const user = core.store.users.get(args.user);
      if (user === undefined || user.deactivated || !channel.members.includes(user.id)) {
        throw new ApiError('user_not_in_channel');
      }
      if ((args.text ?? '') === '' && (args.blocks ?? []).length === 0) throw new ApiError('no_text');
      const blocks = messageBlocks(core, args.blocks ?? []);
      const message = core.store.post({
        channel: channel.id,
        user: BOT_USER,
        text: (args.text ?? '').slice(0, MAX_POSTED_TEXT),
        blocks,
        only: user.id,
        ...(args.thread_ts === undefined ? {} : { threadTs: threadParent(core, channel.id, args.thread_ts) }),
      });
      return { message_ts: message.ts };
    },
  }),
  'chat.getPermalink': method({
    tier: 'none',
    args: z.looseObject({ channel: z.string(), message_ts: z.string() }),
    run: (args, core) => {
      const channel = channelOf(core, args.channel);
      const message = core.store.message(channel.id, args.message_ts);
      if (message === undefined || message.only !== undefined) throw new ApiError('message_not_found');
      const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
      return {
        channel: channel.id,
        permalink: `${core.url()}/archives/${channel.id}/p${message.ts.replace('.', '')}${thread}`,
      };
    },
  }),
};
