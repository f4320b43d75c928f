import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { findOperation } from '../../../../commands/contract/find-operation.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { renderRefusal } from '../render/answer.ts';
import { confirmLoading } from '../render/confirm.ts';
import { detailsLoading, detailsRefused, renderDetails } from '../render/details.ts';
import { admit, maySee } from './access.ts';
import { type ConfirmClick, confirmView } from './confirm-modal.ts';
import type { Desk } from './desk.ts';
import { openView } from './open-view.ts';
import { renderTrouble } from './run-command.ts';

export interface ModalClick extends ConfirmClick {
  readonly action: 'details' | 'confirm-typed';
  readonly trigger: string;
}

/** Opens the view behind a button, empty and first of all, because a trigger lives three seconds. Answers what to say. */
export async function openCardModal(desk: Desk, control: WebClient, click: ModalClick): Promise<string | null> {
  const { action, operation, user, trigger } = click;
  const view = await openView(desk, control, trigger, action === 'details' ? detailsLoading() : confirmLoading());
  await desk.audit(user, 'button.clicked', operation, { action });
  if (view === 'again') return null;
  if (view === null) return 'The form could not be opened in time. Press the button again.';
  await control.views.update({
    view_id: view,
    view: action === 'details' ? await details(desk, user, operation) : await confirmView(desk, click),
  });
  return null;
}

async function details(desk: Desk, user: string, id: string): Promise<ModalView> {
  const refused = (no: Refusal) => detailsRefused(renderRefusal(no, desk.config.slack.command).blocks);
  const noted = async (no: Refusal) => {
    await desk.audit(user, 'button.refused', id, { action: 'details', code: no.code });
    return refused(no);
  };
  try {
    const admitted = await admit(desk, user);
    if (!admitted.ok) return await noted(admitted.error);
    const view = await findOperation(desk.book, id);
    if (!view.ok) return refused(view.error);
    const { operation } = view.value;
    const hidden = await maySee(desk, admitted.value, operation);
    if (hidden) return await noted(hidden);
    return renderDetails(operation, await desk.book.runBefore(operation));
  } catch (error) {
    return detailsRefused(renderTrouble(desk, error).blocks);
  }
}
