import type { Post } from '../../../operations/announce.ts';
import type { NoticeStore } from '../../../operations/notices.ts';
import type { StandingNotices } from '../../../operations/standing-notices.ts';
import { renderRemark, renderStanding } from '../render/standing.ts';
import { editMessage } from './edit.ts';
import { type SendContext, sendPost } from './sender.ts';

export interface StandingOptions {
  readonly notices: NoticeStore;
  readonly standing: StandingNotices;
}

/** One round over the messages of standing approvals: new ones are posted, those that are behind their rows edited. */
export async function tellStanding(context: SendContext, options: StandingOptions): Promise<void> {
  const { standing: rows } = options;
  for (const post of await context.store.unsentPosts(['standing', 'remark'])) {
    if (context.signal.aborted) return;
    await tell(context, options, post);
  }
  for (const message of await rows.behind()) {
    if (context.signal.aborted) return;
    const standing = await rows.find(message.id);
    if (!standing) continue;
    const edited = await editMessage(context, message, renderStanding(standing));
    if (edited === 'done') await rows.shown(context.epoch, standing.id, standing.revision);
    if (edited === 'gone') await rows.messageGone(context.epoch, standing, message);
  }
}

async function tell(context: SendContext, { notices, standing: rows }: StandingOptions, post: Post): Promise<void> {
  const standing = post.standing ? await rows.find(post.standing) : null;
  if (!standing) await notices.drop(context.epoch, post.id);
  else if (post.kind === 'remark') await sendPost(context, post, renderRemark(standing, post.body.text ?? ''), null);
  else {
    const fresh = post.state === 'new';
    const sent = await sendPost(context, post, renderStanding(standing), null);
    // One that was found again after an answer got lost may show less than the rows say.
    if (sent && fresh) await rows.shown(context.epoch, standing.id, standing.revision);
  }
}
