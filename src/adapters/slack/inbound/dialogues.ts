import type { WebClient } from '@slack/web-api';
import type { Question } from '../../../../commands/contract/command.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { type Rendered, renderRefusal } from '../render/answer.ts';
import { enrolModal, offModal, totpLoading, totpSaid } from '../render/totp.ts';
import { admit, mayUse } from './access.ts';
import type { Desk } from './desk.ts';
import { openView } from './open-view.ts';
import { refuse, renderTrouble } from './run-command.ts';

interface Typed {
  readonly command: Question;
  readonly line: string;
  readonly user: string;
  readonly trigger: string;
}

/** Opens what a command shows to one person alone. Answers what to say in words when Slack did not open it. */
export async function openDialogue(desk: Desk, control: WebClient, typed: Typed): Promise<Rendered | null> {
  const view = await openView(desk, control, typed.trigger, totpLoading());
  if (view === 'again') return null;
  if (view === null)
    return renderRefusal(
      refusal('internal', 'The window could not be opened in time.', 'Type it again.'),
      desk.config.slack.command,
    );
  const shown = await dialogue(desk, typed).catch((error: unknown) => totpSaid(renderTrouble(desk, error).blocks));
  await control.views.update({ view_id: view, view: shown });
  return null;
}

async function dialogue(desk: Desk, { command, line, user }: Typed) {
  const refused = async (why: Refusal) => totpSaid((await refuse(desk, user, command.name, line, why)).blocks);
  const admitted = await admit(desk, user);
  if (!admitted.ok) return refused(admitted.error);
  const denied = await mayUse(desk, admitted.value, command, { kind: 'somewhere' });
  if (denied) return refused(denied);
  const { id: person, account, name } = admitted.value;
  if (command.opens === 'totp-off') {
    if (await desk.stepUp.enrolled(person)) return offModal();
    return refused(refusal('not_enrolled', 'You are not enrolled: your approvals ask for no code.', 'Nothing to do.'));
  }
  const begun = await desk.stepUp.begin({ person, account }, name);
  return begun.ok ? enrolModal(begun.value.secret, begun.value.link) : refused(begun.error);
}
