import { now } from '../../../kernel/clock.ts';
import { hasEnded } from '../../../operations/state.ts';
import { renderCard } from '../render/card.ts';
import { editMessage } from './edit.ts';
import { type SendContext, sendPost } from './sender.ts';

/** Least time between two edits of one card while its operation runs, in milliseconds. */
const CALM_MS = 2_000;

/** Keeps every card equal to its rows: posts it, edits it in place, posts it again when somebody deleted it. */
export class Cards {
  /** One round over all cards that are behind. Answers how many there were. */
  async round(context: SendContext): Promise<number> {
    const stale = await context.store.staleCards();
    await this.#postNew(context, stale);
    for (const card of stale) {
      if (context.signal.aborted) return stale.length;
      if (card.ts === null) continue;
      const calm = card.shownAt === null || card.ended || now().getTime() - card.shownAt.getTime() >= CALM_MS;
      if (calm) await this.#edit(context, card.operation, card.channel, card.ts);
    }
    return stale.length;
  }

  async #postNew(context: SendContext, stale: Awaited<ReturnType<SendContext['store']['staleCards']>>): Promise<void> {
    const waiting = await context.store.unsentPosts(['card']);
    for (const card of stale.filter(
      (one) => one.ts === null && !waiting.some((post) => post.operation === one.operation),
    )) {
      const key = `card:${card.operation}:${now().getTime()}`;
      await context.store.addPost(context.epoch, {
        key,
        operation: card.operation,
        kind: 'card',
        channel: card.channel,
        body: {},
      });
    }
    for (const post of await context.store.unsentPosts(['card'])) {
      const view = post.operation === null ? null : await context.store.view(post.operation);
      if (view) await sendPost(context, post, renderCard(view), view.operation.revision);
    }
  }

  async #edit(context: SendContext, operation: string, channel: string, ts: string): Promise<void> {
    const view = await context.store.view(operation);
    if (!view) return;
    const { state, revision } = view.operation;
    const patience = hasEnded(state) ? 'waits' : state === 'running' ? 'steps back' : 'leaves';
    const edited = await editMessage(context, { channel, ts }, renderCard(view), patience);
    if (edited === 'done') await context.store.cardShown(context.epoch, operation, revision);
    if (edited === 'gone') {
      context.log.info({ operation }, 'the card was deleted; it is posted again');
      await context.store.cardGone(context.epoch, operation, ts);
    }
  }
}
