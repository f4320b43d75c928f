import { sleep } from '../../../kernel/clock.ts';
import { failureOf } from '../failure.ts';
import type { Rendered } from '../render/answer.ts';
import type { SendContext } from './sender.ts';

/**
 * Edits a message that stands. `gone` when somebody deleted it, `again` when it has to be tried later; what Slack refuses
 * for good counts as done, because trying again would not change that. `patience`: whether to wait for a place among the
 * edits, or to leave it for the next round when there is none.
 */
export async function editMessage(
  context: SendContext,
  message: { readonly channel: string; readonly ts: string },
  content: Rendered,
  patience: 'waits' | 'leaves' = 'waits',
): Promise<'done' | 'gone' | 'again'> {
  const { channel, ts } = message;
  const { edits } = context.pace;
  if (!(patience === 'waits' ? await edits.take(context.signal) : edits.tryTake())) return 'again';
  try {
    await context.client.chat.update({ channel, ts, text: content.text, blocks: content.blocks });
    return 'done';
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'limited') {
      edits.pause(failure.seconds);
      return 'again';
    }
    if (failure.kind === 'unknown') {
      context.log.warn({ channel, ts, error: failure.error }, 'a message could not be edited; it is tried again');
      await sleep(500, context.signal);
      return 'again';
    }
    if (failure.error === 'message_not_found' || failure.error === 'thread_not_found') return 'gone';
    context.log.error({ channel, ts, error: failure.error }, 'slack refused an edit');
    return 'done';
  }
}
