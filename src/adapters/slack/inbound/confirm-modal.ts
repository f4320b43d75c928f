import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { confirmRequest } from '../../../../approvals/machine.ts';
import { confirm } from '../../../../approvals/service.ts';
import { findOperation } from '../../../../commands/contract/find-operation.ts';
import { readKey } from '../../../estate/thing.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { ok } from '../../../kernel/result.ts';
import { toRequest, unconfirmedOf } from '../../../operations/gate.ts';
import { renderRefusal } from '../render/answer.ts';
import {
  CONFIRM_MODAL,
  confirmationProblems,
  confirmForm,
  confirmMemory,
  confirmRefused,
  submittedConfirmation,
} from '../render/confirm.ts';
import { admit, voterOf } from './access.ts';
import type { Desk } from './desk.ts';
import { answerForm } from './form-answer.ts';
import { renderTrouble } from './run-command.ts';

/** Who pressed Confirm, and where. */
export interface ConfirmClick {
  readonly operation: string;
  /** The generation of the plan that the pressed card showed; null when the card does not say. */
  readonly shown: number | null;
  readonly user: string;
  readonly channel: string;
}

/** The form behind Confirm for this person, or why they cannot confirm it. Nothing is changed yet. */
export async function confirmView(
  desk: Desk,
  { operation: id, shown, user, channel }: ConfirmClick,
): Promise<ModalView> {
  const slash = desk.config.slack.command;
  const refused = async (no: Refusal) => {
    await desk.audit(user, 'confirmation.refused', id, { code: no.code, message: no.message });
    return confirmRefused(renderRefusal(no, slash).blocks);
  };
  try {
    const admitted = await admit(desk, user);
    if (!admitted.ok) return await refused(admitted.error);
    const view = await findOperation(desk.book, id);
    if (!view.ok) return await refused(view.error);
    const { operation, votes, readAt } = view.value;
    const { name } = readKey(operation.site);
    const asked = unconfirmedOf(operation);
    const reason = asked?.kind === 'typed' && asked.reason;
    // Would it be taken if everything were filled in? Judged for certain when the form comes back.
    const complete = { shown, name, reason: reason ? 'given' : null };
    const judged = confirmRequest(toRequest(operation, votes), voterOf(admitted.value), complete, readAt);
    if (!judged.ok) return await refused(judged.error);
    // That it was judged so says that the card showed the present plan.
    return confirmForm(operation, { operation: id, channel, generation: operation.generation, name, reason });
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
    const { generation, reason } = memory.data;
    const refused = { row: 'confirmation.refused', subject: operation, data: {} } as const;
    await answerForm(desk, control, { user: body.user.id, channel, refused }, async (person) => {
      const typed = { shown: generation, name: given.name, reason: reason ? given.reason : null };
      const done = await confirm(desk.votes, operation, voterOf(person), typed);
      return done.ok ? ok(await confirmedAnswer(desk, operation)) : done;
    });
  });
}

/** What somebody is told who has confirmed: what comes next. */
export async function confirmedAnswer(desk: Desk, id: string): Promise<string> {
  const view = await desk.book.view(id);
  const state = view?.operation.state;
  if (state === 'held') return 'You confirmed it. It starts by itself when its time comes and nothing else is missing.';
  if (state === 'awaiting') return `You confirmed it. It still waits for its ${view?.operation.quorum} approvals.`;
  return 'You confirmed it. It starts now.';
}
