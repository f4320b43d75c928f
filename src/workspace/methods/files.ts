import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { BOT_USER, blockSchema, type StoredFile } from '../model.ts';
import { fileJson } from '../render.ts';
import { messageBlocks } from '../responses.ts';
import { newFile } from '../sharedFiles.ts';
import { threadParent } from './chat.ts';
import { channelOf, jsonArg, type Method, method } from './define.ts';

/** files.*: the external upload in its three steps, and what may be done with a file after. */
export const FILE_METHODS: Readonly<Record<string, Method>> = {
  'files.getUploadURLExternal': method({
    scopes: ['files:write'],
    tier: 'tier4',
    args: z.looseObject({ filename: z.string().min(1), length: z.coerce.number().int() }),
    run: (args, core) => {
      if (args.length <= 0) throw new ApiError('missing_argument');
      const fileId = core.store.newFileId();
      return {
        upload_url: `${core.url()}/upload/${core.uploads.announce(fileId, args.filename, args.length)}`,
        file_id: fileId,
      };
    },
  }),
  'files.completeUploadExternal': method({
    scopes: ['files:write'],
    tier: 'tier4',
    args: z.looseObject({
      files: jsonArg(z.array(z.looseObject({ id: z.string(), title: z.string().optional() })).min(1)),
      channel_id: z.string().optional(),
      thread_ts: z.string().optional(),
      initial_comment: z.string().optional(),
      blocks: jsonArg(z.array(blockSchema).optional()),
    }),
    run: (args, core) => {
      const channel = args.channel_id === undefined ? undefined : channelOf(core, args.channel_id);
      if (channel?.members.includes(BOT_USER) === false) throw new ApiError('not_in_channel');
      const thread =
        channel === undefined || args.thread_ts === undefined
          ? undefined
          : threadParent(core, channel.id, args.thread_ts);
      const blocks = messageBlocks(core, args.blocks ?? []);
      const files = args.files.map((named): StoredFile => {
        const upload = core.uploads.complete(named.id);
        if (upload === undefined) throw new ApiError('file_not_found');
        return newFile({
          id: upload.fileId,
          user: BOT_USER,
          name: upload.filename,
          title: named.title ?? upload.filename,
          size: upload.length,
          channels: channel === undefined ? [] : [channel.id],
        });
      });
      for (const file of files) core.store.files.set(file.id, file);
      core.changed();
      if (channel !== undefined) {
        core.store.post({
          channel: channel.id,
          user: BOT_USER,
          text: args.initial_comment ?? '',
          blocks,
          files: files.map((file) => file.id),
          ...(thread === undefined ? {} : { threadTs: thread }),
        });
      }
      return { files: files.map((file) => fileJson(core, file)) };
    },
  }),
  'files.info': method({
    scopes: ['files:read'],
    tier: 'tier4',
    args: z.looseObject({ file: z.string() }),
    run: (args, core) => {
      const file = core.store.files.get(args.file);
      if (file === undefined) throw new ApiError('file_not_found');
      return { file: fileJson(core, file), comments: [] };
    },
  }),
  'files.delete': method({
    scopes: ['files:write'],
    args: z.looseObject({ file: z.string() }),
    run: (args, core) => {
      const file = core.store.files.get(args.file);
      if (file === undefined) throw new ApiError('file_not_found');
      core.store.files.delete(file.id);
      for (const message of file.channels.flatMap((channel) => core.store.messages(channel))) {
        if (!message.files.includes(file.id)) continue;
        core.store.change({ ...message, files: message.files.filter((id) => id !== file.id) });
      }
      core.changed();
      return {};
    },
  }),
};
