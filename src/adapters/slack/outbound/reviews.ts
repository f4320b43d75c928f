import type { Post } from '../../../operations/announce.ts';
import type { NoticeStore } from '../../../operations/notices.ts';
import type { ReviewNotices } from '../../../operations/reviews.ts';
import { renderReview, renderStillOpen } from '../render/review.ts';
import { editMessage } from './edit.ts';
import { type SendContext, sendPost } from './sender.ts';

export interface ReviewOptions {
  readonly notices: NoticeStore;
  readonly reviews: ReviewNotices;
  /** The slash command, for what can be typed. */
  readonly slash: string;
}

/** One round of what is said of reviews: that one opens, that it is open for another day, that it is closed. */
export async function tellReviews(context: SendContext, options: ReviewOptions): Promise<void> {
  const { reviews, slash } = options;
  await reviews.remind(context.epoch);
  for (const post of await context.store.unsentPosts(['alarm', 'review'])) {
    if (context.signal.aborted) return;
    await tell(context, options, post);
  }
  for (const message of await reviews.closedSince()) {
    if (context.signal.aborted) return;
    const review = await reviews.find(message.operation);
    if (!review) continue;
    const edited = await editMessage(context, message, renderReview(review, slash));
    if (edited === 'gone') await reviews.messageGone(context.epoch, message.operation, message.ts);
    if (edited === 'done') await reviews.closingShown(context.epoch, message.operation);
  }
}

async function tell(context: SendContext, { notices, reviews, slash }: ReviewOptions, post: Post): Promise<void> {
  const review = post.operation === null ? null : await reviews.find(post.operation);
  // Nobody is reminded of what is closed.
  if (!review || (post.kind === 'review' && review.closed)) await notices.drop(context.epoch, post.id);
  else if (post.kind === 'review') await sendPost(context, post, renderStillOpen(review, slash), null);
  else await sendPost(context, post, renderReview(review, slash), null);
}
