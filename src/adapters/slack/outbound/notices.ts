import type { Post } from '../../../operations/announce.ts';
import { type NoticeStore, peopleToRemind, type Reachable } from '../../../operations/notices.ts';
import { renderHead, renderReminder } from '../render/notice.ts';
import { renderPool } from '../render/pool.ts';
import { type SendContext, sendPost } from './sender.ts';

export interface NoticeOptions {
  readonly notices: NoticeStore;
  /** Where the daily head goes; null when no audit channel is configured. */
  readonly auditChannel: string | null;
  /** Everybody who may approve, asked of Slack now; throws when Slack does not answer. */
  readonly approvers: () => Promise<readonly Reachable[]>;
}

/** One round of what is told outside the threads: the audit log's head once a day, calls to those who may vote, and whether there are enough of these. */
export async function tellNotices(context: SendContext, options: NoticeOptions): Promise<void> {
  const { notices, auditChannel } = options;
  if (auditChannel !== null) await notices.noteHead(context.epoch, auditChannel);
  const due = await notices.remindersDue();
  if (due.length > 0) {
    const approvers = await options.approvers();
    for (const one of due) await notices.remind(context.epoch, one, peopleToRemind(one, approvers));
  }
  for (const post of await context.store.unsentPosts(['head', 'reminder', 'pool'])) {
    if (context.signal.aborted) return;
    if (post.kind === 'head' && post.body.head) await sendPost(context, post, renderHead(post.body.head), null);
    if (post.kind === 'pool' && post.body.pool) await sendPost(context, post, renderPool(post.body.pool), null);
    if (post.kind === 'reminder') await remind(context, notices, post);
  }
}

async function remind(context: SendContext, notices: NoticeStore, post: Post): Promise<void> {
  const { reminder } = post.body;
  const request = post.operation === null ? null : await notices.openRequest(post.operation);
  if (!reminder || request?.generation !== reminder.generation || request.voted.includes(reminder.person)) {
    // Nobody is called to what is decided.
    await notices.drop(context.epoch, post.id);
    return;
  }
  const { channel, ts } = request.card;
  const link = await context.client.chat.getPermalink({ channel, message_ts: ts }).then(
    (answer) => answer.permalink,
    // The card was deleted and comes again, or Slack is away: the next round asks again, and other people are not kept waiting.
    () => undefined,
  );
  if (link !== undefined) await sendPost(context, post, renderReminder(request, reminder.kind, link), null);
}
