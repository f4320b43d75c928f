import { sleep } from '../../../kernel/clock.ts';
import { failureOf } from '../failure.ts';
import type { Rendered } from '../render/answer.ts';
import type { SendContext } from './sender.ts';

/** So many edits at once are kept for cards on which somebody has to act, however many others only tell of progress. */
const KEPT_FOR_PEOPLE = 5;

/**
 * Edits a message that stands. `gone` when somebody deleted it, `again` when it has to be tried later; what Slack refuses
 * for good counts as done, because trying again would not change that. `patience`: to wait for a place among the edits, to
 * leave it for the next round when there is none, or to leave the last places to others as well.
 */
export async function editMessage(
  context: SendContext,
  message: { readonly channel: string; readonly ts: string },
  content: Rendered,
  patience: 'waits' | 'leaves' | 'steps back' = 'waits',
): Promise<'done' | 'gone' | 'again'> {
  const { channel, ts } = message;
  const { edits } = context.pace;
  const placed =
    patience === 'waits'
      ? await edits.take(context.signal)
      : edits.tryTake(patience === 'leaves' ? 0 : KEPT_FOR_PEOPLE);
  if (!placed) return 'again';
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
