import { z } from 'zod';
import { parseView } from '../blocks/view.ts';
import { ApiError } from '../errors.ts';
import type { View } from '../model.ts';
import { viewJson } from '../render.ts';
import { jsonArg, type Method, method } from './define.ts';

const view = jsonArg(z.record(z.string(), z.unknown()));
const trigger = { trigger_id: z.string().optional(), interactivity_pointer: z.string().optional(), view };

function pointer(args: { trigger_id?: string | undefined; interactivity_pointer?: string | undefined }): string {
  return args.trigger_id ?? args.interactivity_pointer ?? '';
}

function sameHash(existing: View | undefined, hash: string | undefined): void {
  if (hash !== undefined && existing !== undefined && existing.hash !== hash) throw new ApiError('hash_conflict');
}

/** views.*. */
export const VIEW_METHODS: Readonly<Record<string, Method>> = {
  'views.open': method({
    tier: 'tier4',
    args: z.looseObject(trigger),
    run: (args, core) => {
      const spec = parseView(args.view, 'modal', core.manifest.scopes);
      const { user } = core.triggers.exchange(pointer(args));
      return { view: viewJson(core.views.open(user, spec)) };
    },
  }),
  'views.push': method({
    tier: 'tier4',
    args: z.looseObject(trigger),
    run: (args, core) => {
      const spec = parseView(args.view, 'modal', core.manifest.scopes);
      const { user, viewId } = core.triggers.exchange(pointer(args));
      if (viewId === null || core.views.find(viewId) === undefined) throw new ApiError('view_not_found');
      return { view: viewJson(core.views.push(user, spec)) };
    },
  }),
  'views.update': method({
    tier: 'tier4',
    args: z.looseObject({
      view,
      view_id: z.string().optional(),
      external_id: z.string().optional(),
      hash: z.string().optional(),
    }),
    run: (args, core) => {
      const existing = core.views.find(args.view_id ?? args.external_id ?? '');
      if (existing === undefined) throw new ApiError('not_found');
      sameHash(existing, args.hash);
      return { view: viewJson(core.views.update(existing, parseView(args.view, existing.type, core.manifest.scopes))) };
    },
  }),
  'views.publish': method({
    tier: 'tier4',
    args: z.looseObject({ view, user_id: z.string(), hash: z.string().optional() }),
    run: (args, core) => {
      if (!core.store.users.has(args.user_id)) throw new ApiError('invalid_arguments');
      sameHash(core.views.home(args.user_id), args.hash);
      return { view: viewJson(core.views.publish(args.user_id, parseView(args.view, 'home', core.manifest.scopes))) };
    },
  }),
};
