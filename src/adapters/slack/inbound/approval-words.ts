import { confirmationWords } from '../../../operations/waiting.ts';
import type { Desk } from './desk.ts';

/** What somebody is told whose approval counts. */
export async function approvalWords(desk: Desk, operation: string, approved: boolean): Promise<string> {
  const view = await desk.book.view(operation);
  if (approved)
    return `Your approval was the last one needed. ${view?.operation.state === 'held' ? 'It starts by itself when its time comes.' : 'It starts now.'}`;
  const counted = view?.votes.filter(
    (one) =>
      one.verdict === 'approve' && !one.withdrawnAt && !one.voidReason && one.generation === view.operation.generation,
  );
  const asked = view ? confirmationWords(view.operation) : null;
  const waits = view && asked !== null ? ` It also waits for <@${view.operation.requester}> ${asked}.` : '';
  return `Your approval counts: ${counted?.length ?? 1} of ${view?.operation.quorum ?? 2}.${waits}`;
}
