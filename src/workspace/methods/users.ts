import { z } from 'zod';
import type { Core } from '../core.ts';
import { ApiError } from '../errors.ts';
import { groupJson, userJson } from '../render.ts';
import { countArg, flagArg, type Method, method, page } from './define.ts';

const mayReadEmail = (core: Core): boolean => core.manifest.scopes.has('users:read.email');

/** users.* and usergroups.*. */
export const USER_METHODS: Readonly<Record<string, Method>> = {
  'users.info': method({
    scopes: ['users:read'],
    tier: 'tier4',
    args: z.looseObject({ user: z.string() }),
    run: (args, core) => {
      const user = core.store.users.get(args.user);
      if (user === undefined) throw new ApiError('user_not_found');
      return { user: userJson(user, mayReadEmail(core)) };
    },
  }),
  'users.list': method({
    scopes: ['users:read'],
    tier: 'tier2',
    args: z.looseObject({ cursor: z.string().optional(), limit: countArg }),
    run: (args, core) => {
      const list = page([...core.store.users.values()], args.cursor, args.limit || 1000);
      return {
        members: list.items.map((user) => userJson(user, mayReadEmail(core))),
        cache_ts: 0,
        response_metadata: { next_cursor: list.next },
      };
    },
  }),
  'users.lookupByEmail': method({
    scopes: ['users:read.email'],
    args: z.looseObject({ email: z.string() }),
    run: (args, core) => {
      const user = [...core.store.users.values()].find((one) => one.email === args.email && !one.deactivated);
      if (user === undefined) throw new ApiError('users_not_found');
      return { user: userJson(user, true) };
    },
  }),
  'usergroups.list': method({
    scopes: ['usergroups:read'],
    tier: 'tier2',
    args: z.looseObject({ include_users: flagArg }),
    run: (args, core) => ({
      usergroups: [...core.store.groups.values()].map((group) => groupJson(group, args.include_users === true)),
    }),
  }),
  'usergroups.users.list': method({
    scopes: ['usergroups:read'],
    tier: 'tier2',
    args: z.looseObject({ usergroup: z.string(), include_disabled: flagArg }),
    run: (args, core) => {
      const group = core.store.groups.get(args.usergroup);
      if (group === undefined) throw new ApiError('no_such_subteam');
      return { users: group.users.filter((id) => core.store.users.get(id)?.deactivated === false) };
    },
  }),
};
