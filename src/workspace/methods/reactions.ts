import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { BOT_USER } from '../model.ts';
import { channelOf, type Method, method } from './define.ts';

export const REACTION_METHODS: Readonly<Record<string, Method>> = {
  'reactions.add': method({
    scopes: ['reactions:write'],
    args: z.looseObject({ channel: z.string(), timestamp: z.string(), name: z.string().min(1) }),
    run: (args, core) => {
      const message = core.store.message(channelOf(core, args.channel).id, args.timestamp);
      if (message === undefined || message.only !== undefined) throw new ApiError('message_not_found');
      const existing = message.reactions.find((reaction) => reaction.name === args.name);
      if (existing?.users.includes(BOT_USER) === true) throw new ApiError('already_reacted');
      const others = message.reactions.filter((reaction) => reaction !== existing);
      const users = [...(existing?.users ?? []), BOT_USER];
      core.store.change({ ...message, reactions: [...others, { name: args.name, users }] });
      return {};
    },
  }),
};
