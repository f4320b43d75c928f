import type { Post } from '../../../operations/announce.ts';
import { type NoticeStore, peopleToRemind, type Reachable } from '../../../operations/notices.ts';
import { renderHead, renderLate, renderReconfirm, renderReminder, renderReset } from '../render/notice.ts';
import { renderPool } from '../render/pool.ts';
import { type ReviewOptions, tellReviews } from './reviews.ts';
import { type SendContext, sendPost } from './sender.ts';
import { type StandingOptions, tellStanding } from './standing.ts';

export interface NoticeOptions extends ReviewOptions, StandingOptions {
  readonly notices: NoticeStore;
  /** Where the daily head goes; null when no audit channel is configured. */
  readonly auditChannel: string | null;
  /** Everybody who may approve, asked of Slack now; throws when Slack does not answer. */
  readonly approvers: () => Promise<readonly Reachable[]>;
  /** Everybody who is an admin, likewise. */
  readonly admins: () => Promise<readonly Reachable[]>;
  /** Somebody with an id to write to; throws when Slack does not answer. */
  readonly reachable: (person: string) => Promise<Reachable>;
}

/**
 * One round of what is told outside the threads: the audit log's head once a day, reviews, standing approvals, calls to
 * those who may vote, what is said when they do not answer, calls to requesters whose confirmation became void, whether
 * there are enough approvers, and resets of codes.
 */
export async function tellNotices(context: SendContext, options: NoticeOptions): Promise<void> {
  const { notices, auditChannel } = options;
  const people = { approvers: once(options.approvers), admins: once(options.admins) };
  if (auditChannel !== null) await notices.noteHead(context.epoch, auditChannel);
  await tellReviews(context, options);
  await tellStanding(context, options);
  for (const due of await notices.remindersDue()) {
    const called = due.kind === 'late' ? await people.admins() : peopleToRemind(due, await people.approvers());
    await notices.remind(context.epoch, due, called);
  }
  for (const post of await context.store.unsentPosts(['head', 'reminder', 'reconfirm', 'pool', 'word'])) {
    if (context.signal.aborted) return;
    if (post.kind === 'head' && post.body.head) await sendPost(context, post, renderHead(post.body.head), null);
    if (post.kind === 'pool' && post.body.pool) await sendPost(context, post, renderPool(post.body.pool), null);
    if (post.kind === 'word' && post.body.reset) await sendPost(context, post, renderReset(post.body.reset), null);
    if (post.kind === 'reminder') await remind(context, notices, post, people);
    if (post.kind === 'reconfirm') await askToReconfirm(context, options, post);
  }
}

/** Asked at most once a round. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | null = null;
  return () => {
    asked ??= ask();
    return asked;
  };
}

async function remind(
  context: SendContext,
  notices: NoticeStore,
  post: Post,
  people: Pick<NoticeOptions, 'approvers' | 'admins'>,
): Promise<void> {
  const { reminder } = post.body;
  const request = post.operation === null ? null : await notices.openRequest(post.operation);
  const current = reminder && request?.generation === reminder.generation && request.call === reminder.call;
  if (!current) {
    // Nobody is called to what is decided.
    await notices.drop(context.epoch, post.id);
    return;
  }
  const silent = peopleToRemind(request, await people.approvers());
  const { channel, ts } = request.card;
  const aloud = reminder.person === null;
  const readers = reminder.kind === 'late' ? await people.admins() : silent;
  if (!aloud && !readers.some(({ person }) => person === reminder.person)) {
    await notices.drop(context.epoch, post.id);
    return;
  }
  const link = await linkTo(context, channel, ts);
  if (link === undefined) return;
  const content =
    reminder.kind === 'late'
      ? renderLate(
          request,
          silent.map(({ person }) => person),
          aloud ? 'channel' : 'admin',
          link,
        )
      : renderReminder(request, reminder.kind, link);
  await sendPost(context, post, content, null);
}

async function askToReconfirm(context: SendContext, options: NoticeOptions, post: Post): Promise<void> {
  const found = post.operation === null ? null : await options.notices.reconfirmation(post.operation, post.id);
  if (!found) {
    // It is confirmed meanwhile, or over.
    await options.notices.drop(context.epoch, post.id);
    return;
  }
  const { channel, ts } = found.card;
  const link = ts === null ? undefined : await linkTo(context, channel, ts);
  if (link === undefined) return;
  const { account } = await options.reachable(found.operation.requester);
  await sendPost(context, { ...post, channel: account }, renderReconfirm(found, link), null);
}

/** The address of a message; undefined when Slack does not tell it now. */
async function linkTo({ client }: SendContext, channel: string, ts: string): Promise<string | undefined> {
  return client.chat.getPermalink({ channel, message_ts: ts }).then(
    (answer) => answer.permalink,
    // The card was deleted and comes again, or Slack is away: the next round asks again, and other people are not kept waiting.
    () => undefined,
  );
}
