import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { confirmRequest } from '../../../../approvals/machine.ts';
import { confirm } from '../../../../approvals/service.ts';
import { readKey } from '../../../estate/thing.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { refusal } from '../../../kernel/errors.ts';
import { toRequest, unconfirmedOf } from '../../../operations/gate.ts';
import { type Rendered, renderRefusal } from '../render/answer.ts';
import {
  CONFIRM_MODAL,
  type ConfirmMemory,
  confirmationProblems,
  confirmForm,
  confirmMemory,
  confirmRefused,
  submittedConfirmation,
} from '../render/confirm.ts';
import { admit, voterOf } from './access.ts';
import { whisper } from './commands.ts';
import type { Desk } from './desk.ts';
import { renderTrouble } from './run-command.ts';

/** The form behind Confirm for this person, or why they cannot confirm it. Nothing is changed yet. */
export async function confirmView(desk: Desk, user: string, id: string, channel: string): Promise<ModalView> {
  const slash = desk.config.slack.command;
  const refused = async (no: ReturnType<typeof refusal>) => {
    await desk.audit(user, 'confirmation.refused', id, { code: no.code, message: no.message });
    return confirmRefused(renderRefusal(no, slash).blocks);
  };
  try {
    const admitted = await admit(desk, user);
    if (!admitted.ok) return await refused(admitted.error);
    const view = await desk.book.view(id);
    if (!view) return await refused(refusal('unknown_operation', `There is no operation "${id}".`));
    const { operation, votes, readAt } = view;
    const { generation } = operation;
    const { name } = readKey(operation.site);
    const asked = unconfirmedOf(operation);
    const reason = asked?.kind === 'typed' && asked.reason;
    // Would it be taken if everything were filled in? Judged for certain when the form comes back.
    const complete = { generation, name, reason: reason ? 'given' : null };
    const judged = confirmRequest(toRequest(operation, votes), voterOf(admitted.value), complete, readAt);
    if (!judged.ok) return await refused(judged.error);
    return confirmForm(operation, { operation: id, channel, generation, name, reason });
  } catch (error) {
    return confirmRefused(renderTrouble(desk, error).blocks);
  }
}

/** The form comes back: a wrong name stays in it and changes nothing; the rest is judged like a click. */
export function listenToConfirmations(app: App, desk: Desk, control: WebClient): void {
  app.view(CONFIRM_MODAL, async ({ ack, body, view }) => {
    const arrived = monotonicMs();
    const memory = confirmMemory.safeParse(JSON.parse(view.private_metadata));
    const given = submittedConfirmation(view.state);
    const problems = memory.success ? confirmationProblems(memory.data, given) : null;
    await ack(problems === null ? undefined : { response_action: 'errors', errors: problems });
    desk.acked((monotonicMs() - arrived) / 1000);
    if (!memory.success) return;
    const { operation, channel } = memory.data;
    if (problems !== null) {
      const code = problems.name === undefined ? 'bad_arguments' : 'wrong_name';
      await desk.audit(body.user.id, 'confirmation.refused', operation, {
        code,
        message: Object.values(problems).join(' '),
      });
      return;
    }
    const content = await take(desk, body.user.id, memory.data, given).catch((error: unknown) =>
      renderTrouble(desk, error),
    );
    await whisper(desk, control, channel, body.user.id, content);
  });
}

async function take(
  desk: Desk,
  user: string,
  { operation, generation, reason }: ConfirmMemory,
  given: { readonly name: string; readonly reason: string | null },
): Promise<Rendered> {
  const slash = desk.config.slack.command;
  const admitted = await admit(desk, user);
  if (!admitted.ok) {
    await desk.audit(user, 'confirmation.refused', operation, { code: admitted.error.code });
    return renderRefusal(admitted.error, slash);
  }
  const done = await confirm(desk.votes, operation, voterOf(admitted.value), {
    generation,
    name: given.name,
    reason: reason ? given.reason : null,
  });
  if (!done.ok) return renderRefusal(done.error, slash);
  const text = await confirmedAnswer(desk, operation);
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] };
}

/** What somebody is told who has confirmed: what comes next. */
export async function confirmedAnswer(desk: Desk, id: string): Promise<string> {
  const view = await desk.book.view(id);
  const state = view?.operation.state;
  if (state === 'held') return 'You confirmed it. It starts by itself when its time comes and nothing else is missing.';
  if (state === 'awaiting') return `You confirmed it. It still waits for its ${view?.operation.quorum} approvals.`;
  return 'You confirmed it. It starts now.';
}
