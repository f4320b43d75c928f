import { z } from 'zod';
import { monotonicMs } from '../kernel/clock.ts';
import { newUuid } from '../kernel/ids.ts';
import { blockCharacters, checkBlocks, MAX_MESSAGE_BLOCK_CHARACTERS, withIds } from './blocks/check.ts';
import type { Core } from './core.ts';
import { ApiError, explained } from './errors.ts';
import { BOT_USER, blockSchema, metadataSchema } from './model.ts';

/** Where an answer belongs: the channel and person of a command or a click, and the message clicked in. */
export interface ResponseTarget {
  readonly channel: string;
  readonly user: string;
  readonly original: string | undefined;
}

const MAX_USES = 5;

const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])])
  .transform((value) => value === true || value === 'true')
  .optional();

const bodySchema = z.looseObject({
  text: z.string().optional(),
  blocks: z.array(blockSchema).optional(),
  response_type: z.enum(['in_channel', 'ephemeral']).optional(),
  replace_original: flag,
  delete_original: flag,
  thread_ts: z.string().optional(),
  metadata: metadataSchema.optional(),
});

/** response_urls: five uses within thirty minutes each. */
export class ResponseUrls {
  readonly #targets = new Map<string, { readonly target: ResponseTarget; readonly expires: number; uses: number }>();
  readonly #lifeMs: number;

  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** The path of a new response URL. */
  issue(target: ResponseTarget): string {
    const at = monotonicMs();
    for (const [id, entry] of this.#targets) if (entry.expires < at - 60_000) this.#targets.delete(id);
    const id = newUuid();
    this.#targets.set(id, { target, expires: at + this.#lifeMs, uses: 0 });
    return `/response/${id}`;
  }

  /** Counts one use. Throws `used_url`, `expired_url` or `no_such_url`. */
  use(id: string): ResponseTarget {
    const entry = this.#targets.get(id);
    if (entry === undefined) throw new ApiError('no_such_url');
    if (monotonicMs() > entry.expires) throw new ApiError('expired_url');
    if (entry.uses >= MAX_USES) throw new ApiError('used_url');
    entry.uses += 1;
    return entry.target;
  }
}

/** Whether the body of an acknowledgement says anything to the person. */
export function speaks(body: unknown): boolean {
  const parsed = bodySchema.safeParse(body);
  return parsed.success && (parsed.data.text !== undefined || (parsed.data.blocks?.length ?? 0) > 0);
}

/** Carries out an answer: posts it, or replaces or deletes the original. Throws an ApiError when it is not acceptable. */
export function applyResponse(core: Core, target: ResponseTarget, body: unknown): void {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success)
    throw explained(
      'invalid_payload',
      parsed.error.issues.map((issue) => issue.message),
    );
  const answer = parsed.data;
  const original = target.original === undefined ? undefined : core.store.message(target.channel, target.original);
  if (answer.delete_original === true) {
    if (original !== undefined) core.store.remove(original);
    if (!speaks(answer)) return;
  }
  if (!speaks(answer)) throw new ApiError('no_text');
  const blocks = messageBlocks(core, answer.blocks ?? []);
  const text = (answer.text ?? '').slice(0, 40_000);
  if (answer.replace_original === true) {
    if (original === undefined) throw new ApiError('message_not_found');
    core.store.change({
      ...original,
      text,
      blocks,
      ...(answer.metadata === undefined ? {} : { metadata: answer.metadata }),
    });
    return;
  }
  core.store.post({
    channel: target.channel,
    user: BOT_USER,
    text,
    blocks,
    ...(answer.thread_ts === undefined ? {} : { threadTs: answer.thread_ts }),
    ...(answer.metadata === undefined ? {} : { metadata: answer.metadata }),
    ...(answer.response_type === 'in_channel' ? {} : { only: target.user }),
  });
}

/** Blocks for a message, checked and given their ids. Throws `invalid_blocks` or `msg_blocks_too_long`. */
export function messageBlocks(
  core: Core,
  given: readonly z.infer<typeof blockSchema>[],
): z.infer<typeof blockSchema>[] {
  const problems = checkBlocks(given, 'message');
  given.forEach((block, index) => {
    const file = z.object({ slack_file: z.object({ id: z.string() }) }).safeParse(block);
    if (file.success && !core.store.files.has(file.data.slack_file.id)) {
      problems.push(`[ERROR] invalid slack file [json-pointer:/blocks/${index}/slack_file]`);
    }
  });
  if (problems.length > 0) throw explained('invalid_blocks', problems);
  if (blockCharacters(given) > MAX_MESSAGE_BLOCK_CHARACTERS) throw new ApiError('msg_blocks_too_long');
  return withIds(given, () => newUuid().slice(0, 5)).map((block) => ({ ...block }));
}
