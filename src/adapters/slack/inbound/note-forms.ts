import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { monotonicMs } from '../../../kernel/clock.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import { naming } from '../../../operations/authorise.ts';
import { castStandingVote, endStanding } from '../../../operations/standing.ts';
import { failureOf } from '../failure.ts';
import type { Person } from '../identity.ts';
import { type Rendered, renderRefusal } from '../render/answer.ts';
import { NOTE_MODAL, type NoteMemory, noteForm, noteMemory, submittedNote } from '../render/note-form.ts';
import { activeIn, admit, overseerOf, voterOf } from './access.ts';
import { whisper } from './commands.ts';
import type { Desk } from './desk.ts';
import { renderTrouble } from './run-command.ts';
import { standingWords } from './standing-buttons.ts';

/** Opens the form behind a button, before anything else, because a trigger lives three seconds. Answers what to say, or null. */
export async function openNoteForm(
  desk: Desk,
  control: WebClient,
  click: { readonly memory: NoteMemory; readonly user: string; readonly trigger: string },
): Promise<string | null> {
  const { memory, user, trigger } = click;
  const words = await control.views.open({ trigger_id: trigger, view: noteForm(memory) }).then(
    () => null,
    (error: unknown) => {
      const failure = failureOf(error);
      // Slack delivered the click twice, and the form is open already.
      if (failure.kind === 'refused' && failure.error === 'exchanged_trigger_id') return null;
      desk.log.warn({ failure }, 'a form could not be opened');
      return 'The form could not be opened in time. Press the button again.';
    },
  );
  await desk.audit(user, 'button.clicked', memory.id, { action: memory.action });
  return words;
}

/** The forms that ask for words: what comes back is judged then, like every other click. */
export function listenToNotes(app: App, desk: Desk, control: WebClient): void {
  app.view(NOTE_MODAL, async ({ ack, body, view }) => {
    const arrived = monotonicMs();
    const memory = noteMemory.safeParse(JSON.parse(view.private_metadata));
    const given = memory.success ? submittedNote(memory.data.action, view.state) : null;
    if (given && !given.ok) {
      await ack({ response_action: 'errors', errors: { note: given.problem } });
      return;
    }
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    if (!memory.success || !given) return;
    const content = await carryOut(desk, body.user.id, memory.data, given.note).catch((error: unknown) =>
      renderTrouble(desk, error),
    );
    await whisper(desk, control, memory.data.channel, body.user.id, content);
  });
}

async function carryOut(desk: Desk, user: string, memory: NoteMemory, note: string): Promise<Rendered> {
  const admitted = await admit(desk, user);
  if (!admitted.ok)
    await desk.audit(user, 'button.refused', memory.id, { action: memory.action, code: admitted.error.code });
  const done = admitted.ok ? await act(desk, admitted.value, memory, note) : admitted;
  if (done.ok) return { text: done.value, blocks: [{ type: 'section', text: { type: 'mrkdwn', text: done.value } }] };
  const { code } = done.error;
  const lacksRole = code === 'not_approver' || code === 'not_allowed';
  const roles = code === 'not_allowed' ? (['approver', 'admin'] as const) : (['approver'] as const);
  return renderRefusal(
    lacksRole ? naming(done.error, await activeIn(desk, roles)) : done.error,
    desk.config.slack.command,
  );
}

async function act(
  desk: Desk,
  person: Person,
  { action, id }: NoteMemory,
  note: string,
): Promise<Result<string, Refusal>> {
  switch (action) {
    case 'review': {
      const closed = await desk.reviews.close(id, overseerOf(person), note);
      return closed.ok ? ok('You closed the review. Its message shows your note.') : closed;
    }
    case 'standing-deny': {
      const denied = await castStandingVote(desk.standing, id, voterOf(person), 'deny', note);
      return denied.ok ? ok(standingWords(denied.value)) : denied;
    }
    case 'standing-revoke': {
      const revoked = await endStanding(desk.standing, id, overseerOf(person), note);
      return revoked.ok ? ok(standingWords(revoked.value)) : revoked;
    }
    default:
      return action satisfies never;
  }
}
