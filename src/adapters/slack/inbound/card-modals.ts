import type { App } from '@slack/bolt';
import type { ModalView } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import { vote } from '../../../../approvals/service.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { refusal } from '../../../kernel/errors.ts';
import { naming } from '../../../operations/authorise.ts';
import type { Rendered } from '../render/answer.ts';
import { renderRefusal } from '../render/answer.ts';
import { confirmLoading } from '../render/confirm.ts';
import { DENY_MODAL, denyMemory, denyModal, submittedReason } from '../render/deny.ts';
import { detailsLoading, detailsRefused, renderDetails } from '../render/details.ts';
import { escaped } from '../render/mrkdwn.ts';
import { admit, maySee, voterOf } from './access.ts';
import { whisper } from './commands.ts';
import { confirmView } from './confirm-modal.ts';
import type { Desk } from './desk.ts';
import { openView } from './open-view.ts';
import { renderTrouble } from './run-command.ts';

export interface ModalClick {
  readonly action: 'deny' | 'details' | 'confirm-typed';
  readonly operation: string;
  readonly user: string;
  readonly channel: string;
  readonly trigger: string;
}

/** Opens the form or the details behind a button: first of all, because a trigger lives three seconds. Answers what to say. */
export async function openCardModal(desk: Desk, control: WebClient, click: ModalClick): Promise<string | null> {
  const { action, operation, user, channel, trigger } = click;
  const view = await openView(desk, control, trigger, firstView(click));
  await desk.audit(user, 'button.clicked', operation, { action });
  if (view === 'again') return null;
  if (view === null) return 'The form could not be opened in time. Press the button again.';
  if (action === 'details') await control.views.update({ view_id: view, view: await details(desk, user, operation) });
  if (action === 'confirm-typed')
    await control.views.update({ view_id: view, view: await confirmView(desk, user, operation, channel) });
  return null;
}

/** What can be shown before anything is looked up. */
function firstView({ action, operation, channel }: ModalClick): ModalView {
  switch (action) {
    case 'deny':
      return denyModal({ operation, channel });
    case 'details':
      return detailsLoading();
    case 'confirm-typed':
      return confirmLoading();
    default:
      return action satisfies never;
  }
}

async function details(desk: Desk, user: string, id: string): Promise<ModalView> {
  const slash = desk.config.slack.command;
  try {
    const admitted = await admit(desk, user);
    if (!admitted.ok) {
      await desk.audit(user, 'button.refused', id, { action: 'details', code: admitted.error.code });
      return detailsRefused(renderRefusal(admitted.error, slash).blocks);
    }
    const view = await desk.book.view(id);
    if (!view)
      return detailsRefused(
        renderRefusal(refusal('unknown_operation', `There is no operation "${id}".`), slash).blocks,
      );
    const hidden = await maySee(desk, admitted.value, view.operation);
    if (hidden) {
      await desk.audit(user, 'button.refused', id, { action: 'details', code: hidden.code });
      return detailsRefused(renderRefusal(hidden, slash).blocks);
    }
    return renderDetails(view.operation, await desk.book.runBefore(view.operation));
  } catch (error) {
    return detailsRefused(renderTrouble(desk, error).blocks);
  }
}

/** The form behind Deny: the vote is judged when it comes back, like every other click. */
export function listenToDenials(app: App, desk: Desk, control: WebClient): void {
  app.view(DENY_MODAL, async ({ ack, body, view }) => {
    const arrived = monotonicMs();
    const given = submittedReason(view.state);
    if (!given.ok) {
      await ack({ response_action: 'errors', errors: { reason: given.problem } });
      return;
    }
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    const memory = denyMemory.safeParse(JSON.parse(view.private_metadata));
    if (!memory.success) return;
    const { operation, channel } = memory.data;
    const content = await deny(desk, body.user.id, operation, given.reason).catch((error: unknown) =>
      renderTrouble(desk, error),
    );
    await whisper(desk, control, channel, body.user.id, content);
  });
}

async function deny(desk: Desk, user: string, operation: string, reason: string): Promise<Rendered> {
  const slash = desk.config.slack.command;
  const admitted = await admit(desk, user);
  if (!admitted.ok) {
    await desk.audit(user, 'button.refused', operation, { action: 'deny', code: admitted.error.code });
    return renderRefusal(admitted.error, slash);
  }
  const counted = await vote(desk.votes, operation, voterOf(admitted.value), 'deny', reason);
  if (!counted.ok) {
    const known =
      counted.error.code === 'not_approver'
        ? naming(counted.error, await desk.identity.active('approver'))
        : counted.error;
    return renderRefusal(known, slash);
  }
  const text = `You denied it. It will not run. The card says why: ${escaped(reason)}`;
  return { text, blocks: [{ type: 'section', text: { type: 'mrkdwn', text } }] };
}
