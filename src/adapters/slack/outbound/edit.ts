import { failureOf } from '../failure.ts';
import type { Rendered } from '../render/answer.ts';
import type { SendContext } from './sender.ts';

/**
 * Edits a message that stands. `gone` when somebody deleted it, `again` when it has to be tried later; what Slack refuses
 * for good counts as done, because trying again would not change that.
 */
export async function editMessage(
  context: SendContext,
  message: { readonly channel: string; readonly ts: string },
  content: Rendered,
): Promise<'done' | 'gone' | 'again'> {
  const { channel, ts } = message;
  if (!(await context.pace.edits.take(context.signal))) return 'again';
  try {
    await context.client.chat.update({ channel, ts, text: content.text, blocks: content.blocks });
    return 'done';
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'limited') {
      context.pace.edits.pause(failure.seconds);
      return 'again';
    }
    if (failure.kind === 'unknown') return 'again';
    if (failure.error === 'message_not_found') return 'gone';
    context.log.error({ channel, ts, error: failure.error }, 'slack refused an edit');
    return 'done';
  }
}
