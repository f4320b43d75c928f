import { z } from 'zod';
import { ApiError } from '../errors.ts';
import { APP_ID, BOT_ID, BOT_USER, TEAM } from '../model.ts';
import { type Method, method } from './define.ts';

/** api.*, auth.*, apps.*, bots.* and team.*. */
export const AUTH_METHODS: Readonly<Record<string, Method>> = {
  'api.test': method({
    token: 'none',
    tier: 'none',
    args: z.looseObject({ error: z.string().optional() }),
    run: (args) => {
      if (args.error !== undefined) throw new ApiError(args.error);
      return { args };
    },
  }),
  'auth.test': method({
    tier: 'none',
    args: z.looseObject({}),
    run: (_args, core) => ({
      url: `${core.url()}/`,
      team: TEAM.name,
      user: core.store.users.get(BOT_USER)?.name ?? 'twokey',
      team_id: TEAM.id,
      user_id: BOT_USER,
      bot_id: BOT_ID,
      is_enterprise_install: false,
    }),
  }),
  'apps.connections.open': method({
    token: 'app',
    args: z.looseObject({}),
    run: (_args, core) => {
      if (core.socket === undefined) throw new ApiError('socket_mode_not_enabled');
      return { url: `${core.url().replace(/^http/, 'ws')}/link/?ticket=${core.socket.ticket()}&app_id=${APP_ID}` };
    },
  }),
  'bots.info': method({
    scopes: ['users:read'],
    args: z.looseObject({ bot: z.string().optional() }),
    run: (args, core) => {
      if (args.bot !== undefined && args.bot !== BOT_ID) throw new ApiError('bot_not_found');
      return {
        bot: {
          id: BOT_ID,
          app_id: APP_ID,
          user_id: BOT_USER,
          name: core.manifest.name,
          deleted: false,
          updated: 0,
          icons: {},
        },
      };
    },
  }),
  'team.info': method({
    scopes: ['team:read'],
    args: z.looseObject({}),
    run: () => ({ team: { id: TEAM.id, name: TEAM.name, domain: TEAM.domain, email_domain: 'example.com', icon: {} } }),
  }),
};
