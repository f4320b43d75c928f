import { z } from 'zod';
import type { Core } from '../core.ts';
import { ApiError, explained } from '../errors.ts';
import type { Tier } from '../limits.ts';
import type { Channel } from '../model.ts';

export type Answer = Record<string, unknown>;

/** One method of the Web API, its arguments already erased to what came over the wire. */
export interface Method {
  readonly token: 'bot' | 'app' | 'none';
  readonly scopes: readonly string[];
  readonly tier: Tier;
  readonly run: (raw: Readonly<Record<string, unknown>>, core: Core) => Answer | Promise<Answer>;
}

/** Defines a method; arguments that do not fit give `invalid_arguments`. `scopes`: one of them is enough. */
export function method<S extends z.ZodType>(options: {
  readonly args: S;
  readonly run: (args: z.infer<S>, core: Core) => Answer | Promise<Answer>;
  readonly token?: Method['token'];
  readonly scopes?: readonly string[];
  readonly tier?: Tier;
}): Method {
  return {
    token: options.token ?? 'bot',
    scopes: options.scopes ?? [],
    tier: options.tier ?? 'tier3',
    run: (raw, core) => {
      const parsed = options.args.safeParse(raw);
      if (!parsed.success) {
        throw explained(
          'invalid_arguments',
          parsed.error.issues.map(
            (issue) => `[ERROR] ${issue.message} [json-pointer:/${issue.path.map(String).join('/')}]`,
          ),
        );
      }
      return options.run(parsed.data, core);
    },
  };
}

/** Arguments arrive as strings in forms and as themselves in JSON. */
export const flagArg = z
  .union([z.boolean(), z.enum(['true', 'false', '1', '0'])])
  .transform((value) => value === true || value === 'true' || value === '1')
  .optional();
export const countArg = z.coerce.number().int().min(0).optional();

/** An argument that is JSON text in a form. */
export function jsonArg<S extends z.ZodType>(schema: S) {
  return z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      context.issues.push({ code: 'custom', message: 'is not JSON', input: value });
      return z.NEVER;
    }
  }, schema);
}

/** The channel named by an id or a name. Throws `channel_not_found`. */
export function channelOf(core: Core, idOrName: string): Channel {
  const channel = core.store.findChannel(idOrName);
  if (channel === undefined) throw new ApiError('channel_not_found');
  return channel;
}

/** Throws `missing_scope` unless the manifest declares one of `scopes`. */
export function needScope(core: Core, ...scopes: readonly string[]): void {
  if (scopes.length === 0 || scopes.some((scope) => core.manifest.scopes.has(scope))) return;
  throw new ApiError('missing_scope', { needed: scopes.join(','), provided: [...core.manifest.scopes].join(',') });
}

/** A page of a list, with the cursor of the next one. */
export function page<T>(
  items: readonly T[],
  cursor: string | undefined,
  limit: number,
): { readonly items: readonly T[]; readonly next: string } {
  const start = cursor === undefined || cursor === '' ? 0 : Number(Buffer.from(cursor, 'base64').toString());
  if (!Number.isInteger(start) || start < 0) throw new ApiError('invalid_cursor');
  const end = start + limit;
  return {
    items: items.slice(start, end),
    next: end < items.length ? Buffer.from(String(end)).toString('base64') : '',
  };
}
