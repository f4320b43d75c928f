import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { AnnounceStore, Post } from '../../../operations/announce.ts';
import type { Logger } from '../../log/logger.ts';
import { Bucket } from '../bucket.ts';
import { failureOf } from '../failure.ts';
import type { Rendered } from '../render/answer.ts';

/** Type of the metadata by which a message of ours is found again. */
export const EVENT_TYPE = 'twokey_post';

const found = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z.object({ event_payload: z.looseObject({ key: z.string().optional() }) }).optional(),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** Slack's limit is about one message a second a channel, with short bursts; shared by everything that posts and edits. */
export class ChannelPace {
  readonly edits: Bucket;
  readonly #buckets = new Map<string, Bucket>();
  readonly #perSecond: number;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    // chat.update allows about 50 calls a minute for all messages together, a little less than a channel takes.
    this.edits = new Bucket((perSecond * 5) / 6, 15);
  }

  of(channel: string): Bucket {
    const bucket = this.#buckets.get(channel) ?? new Bucket(this.#perSecond, 2);
    this.#buckets.set(channel, bucket);
    return bucket;
  }
}

/** A message of the channel itself, not of a card's thread. */
const standsAlone = (post: Post) => !['log', 'note', 'file'].includes(post.kind);

export interface SendContext {
  readonly client: WebClient;
  readonly store: AnnounceStore;
  readonly pace: ChannelPace;
  readonly log: Logger;
  readonly epoch: number;
  readonly signal: AbortSignal;
}

/** True once the post is settled, sent or refused for good; false when it has to be tried again. */
export async function sendPost(
  context: SendContext,
  post: Post,
  content: Rendered,
  revision: number | null,
): Promise<boolean> {
  const { store, epoch, client } = context;
  try {
    // A post that was begun may be there: look before posting again.
    if (post.state === 'sending') {
      const ts = await findByKey(client, post);
      if (ts !== null) {
        await store.sent(epoch, post, ts, revision === null ? null : 0);
        return true;
      }
    }
    const bucket = context.pace.of(post.channel);
    if (!(await bucket.take(context.signal))) return false;
    await store.beginSending(epoch, post.id);
    const answer = await client.chat.postMessage({
      channel: post.channel,
      text: content.text,
      blocks: content.blocks,
      unfurl_links: false,
      unfurl_media: false,
      ...(standsAlone(post) || post.threadTs === null ? {} : { thread_ts: post.threadTs }),
      metadata: {
        event_type: EVENT_TYPE,
        event_payload: {
          key: post.key,
          ...(post.operation === null ? {} : { operation: post.operation }),
          ...payloadOf(post),
        },
      },
    });
    await store.sent(epoch, post, answer.ts ?? '', revision);
    return true;
  } catch (error) {
    return settleFailure(context, post, error);
  }
}

/** True when the card under which the post belongs was deleted; it is posted again, and the thread goes on under it. */
export async function threadGone(context: SendContext, post: Post, error: string): Promise<boolean> {
  if (error !== 'thread_not_found' || standsAlone(post) || post.threadTs === null || post.operation === null)
    return false;
  await context.store.cardGone(context.epoch, post.operation, post.threadTs);
  return true;
}

function payloadOf(post: Post): Record<string, string | number> {
  const { jid, start, length } = post.body;
  return jid === undefined ? {} : { jid, start: start ?? 0, length: length ?? 0 };
}

async function settleFailure(context: SendContext, post: Post, error: unknown): Promise<boolean> {
  const failure = failureOf(error);
  switch (failure.kind) {
    case 'limited':
      context.pace.of(post.channel).pause(failure.seconds);
      await context.store.notSent(context.epoch, post.id, `rate limited for ${failure.seconds} s`, false);
      return false;
    case 'refused':
      if (await threadGone(context, post, failure.error)) {
        await context.store.notSent(context.epoch, post.id, failure.error, false);
        return false;
      }
      context.log.error({ key: post.key, error: failure.error }, 'slack refused a message');
      await context.store.notSent(context.epoch, post.id, failure.error, true);
      return true;
    case 'unknown':
      context.log.warn(
        { key: post.key, error: failure.error },
        'slack did not answer; it is looked up before it is posted again',
      );
      return false;
    default:
      return failure satisfies never;
  }
}

/** The timestamp of the message that carries the post's key, or null. Looks at what came since the post was recorded. */
async function findByKey(client: WebClient, post: Post): Promise<string | null> {
  // The two clocks may differ; a minute is far more than they do.
  const oldest = String(post.createdAt.getTime() / 1000 - 60);
  const channel = isPerson(post.channel) ? await directChannel(client, post.channel) : post.channel;
  let cursor: string | undefined;
  do {
    const page = {
      channel,
      oldest,
      limit: 200,
      include_all_metadata: true,
      ...(cursor ? { cursor } : {}),
    };
    const answer = found.parse(
      standsAlone(post) || post.threadTs === null
        ? await client.conversations.history(page)
        : await client.conversations.replies({ ...page, ts: post.threadTs }),
    );
    const hit = answer.messages.find((message) => message.metadata?.event_payload.key === post.key);
    if (hit) return hit.ts;
    cursor = answer.response_metadata?.next_cursor || undefined;
  } while (cursor);
  return null;
}

/** Messages to a person go to the person's id; channels begin with other letters. */
const isPerson = (id: string) => /^[UW]/.test(id);

const opened = z.object({ channel: z.object({ id: z.string() }) });

/** The channel of the direct messages with a person. */
export async function directChannel(client: WebClient, person: string): Promise<string> {
  return opened.parse(await client.conversations.open({ users: person })).channel.id;
}
