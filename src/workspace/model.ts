import { z } from 'zod';

/** The things a workspace holds. The schemas are also what is read back from the data directory. */

export const blockSchema = z.looseObject({ type: z.string() });

export const metadataSchema = z.object({
  event_type: z.string().min(1).max(255),
  event_payload: z.record(z.string(), z.unknown()),
});

export const userSchema = z.object({
  id: z.string(),
  teamId: z.string(),
  name: z.string(),
  title: z.string(),
  color: z.string(),
  email: z.string(),
  timezone: z.string(),
  bot: z.boolean(),
  admin: z.boolean(),
  guest: z.boolean(),
  foreign: z.boolean(),
  deactivated: z.boolean(),
  updated: z.number(),
});
export type User = z.infer<typeof userSchema>;

export const channelSchema = z.object({
  id: z.string(),
  name: z.string(),
  topic: z.string(),
  kind: z.enum(['public', 'private', 'direct']),
  members: z.array(z.string()),
  archived: z.boolean(),
  created: z.number(),
});
export type Channel = z.infer<typeof channelSchema>;

export const userGroupSchema = z.object({
  id: z.string(),
  handle: z.string(),
  name: z.string(),
  users: z.array(z.string()),
});
export type UserGroup = z.infer<typeof userGroupSchema>;

export const messageSchema = z.object({
  channel: z.string(),
  ts: z.string(),
  threadTs: z.string().optional(),
  user: z.string(),
  text: z.string(),
  blocks: z.array(blockSchema),
  metadata: metadataSchema.optional(),
  files: z.array(z.string()),
  reactions: z.array(z.object({ name: z.string(), users: z.array(z.string()) })),
  edited: z.string().optional(),
  /** A parent that was deleted while replies to it stand. */
  tombstone: z.boolean(),
  /** The one person who sees it; such a message is in no history. */
  only: z.string().optional(),
});
export type Message = z.infer<typeof messageSchema>;

export const fileSchema = z.object({
  id: z.string(),
  /** Who uploaded it. */
  user: z.string().default(() => BOT_USER),
  name: z.string(),
  title: z.string(),
  size: z.number(),
  mimetype: z.string(),
  created: z.number(),
  channels: z.array(z.string()),
});
export type StoredFile = z.infer<typeof fileSchema>;

/** A modal or a Home tab as the app gave it, with its place in the stack of modals. */
export interface View {
  readonly id: string;
  readonly user: string;
  readonly type: 'modal' | 'home';
  readonly title: string;
  readonly submit: string | null;
  readonly close: string;
  readonly callbackId: string;
  readonly privateMetadata: string;
  readonly externalId: string;
  readonly notifyOnClose: boolean;
  readonly clearOnClose: boolean;
  readonly blocks: readonly z.infer<typeof blockSchema>[];
  readonly hash: string;
  readonly rootId: string;
  readonly previousId: string | null;
  readonly errors: Readonly<Record<string, string>>;
  /** What the person has chosen in it so far, as `view.state.values`. */
  readonly state: ViewValues;
}

/** By block_id, then by action_id: one element's state as Slack sends it. */
export type ViewValues = Readonly<Record<string, Readonly<Record<string, ElementState>>>>;
export type ElementState = Readonly<Record<string, unknown>> & { readonly type: string };

export const TEAM = { id: 'T0LOCAL', name: 'Local workspace', domain: 'local' } as const;
export const APP_ID = 'A0TWOKEY';
export const BOT_ID = 'B0BOT';
export const BOT_USER = 'U0BOT';
