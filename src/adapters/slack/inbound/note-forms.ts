import type { App } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { vote } from '../../../../approvals/service.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import type { Refusal } from '../../../kernel/errors.ts';
import { ok, type Result } from '../../../kernel/result.ts';
import { castStandingVote, endStanding } from '../../../operations/standing.ts';
import type { Person } from '../identity.ts';
import { escaped } from '../render/mrkdwn.ts';
import { NOTE_MODAL, type NoteMemory, noteForm, noteMemory, submittedNote, WORDS_BLOCK } from '../render/note-form.ts';
import { overseerOf, voterOf } from './access.ts';
import type { Desk } from './desk.ts';
import { answerForm } from './form-answer.ts';
import { openView } from './open-view.ts';
import { standingWords } from './standing-buttons.ts';

/** Opens the form behind a button, before anything else, because a trigger lives three seconds. Answers what to say, or null. */
export async function openNoteForm(
  desk: Desk,
  control: WebClient,
  click: { readonly memory: NoteMemory; readonly user: string; readonly trigger: string },
): Promise<string | null> {
  const { memory, user, trigger } = click;
  const opened = await openView(desk, control, trigger, noteForm(memory));
  await desk.audit(user, 'button.clicked', memory.id, { action: memory.action });
  return opened === null ? 'The form could not be opened in time. Press the button again.' : null;
}

/** The forms that ask for words: what comes back is judged then, like every other click. */
export function listenToNotes(app: App, desk: Desk, control: WebClient): void {
  app.view(NOTE_MODAL, async ({ ack, body, view }) => {
    const arrived = monotonicMs();
    const memory = noteMemory.safeParse(JSON.parse(view.private_metadata));
    const given = memory.success ? submittedNote(memory.data.action, view.state) : null;
    if (given && !given.ok) {
      await ack({ response_action: 'errors', errors: { [WORDS_BLOCK]: given.problem } });
      return;
    }
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    if (!memory.success || !given) return;
    const { action, id, channel } = memory.data;
    const refused = { row: 'button.refused', subject: id, data: { action } } as const;
    await answerForm(desk, control, { user: body.user.id, channel, refused }, (person) =>
      act(desk, person, memory.data, given.note),
    );
  });
}

async function act(
  desk: Desk,
  person: Person,
  { action, id }: NoteMemory,
  note: string,
): Promise<Result<string, Refusal>> {
  switch (action) {
    case 'deny': {
      const denied = await vote(desk.votes, id, voterOf(person), { verdict: 'deny' }, note);
      return denied.ok ? ok(`You denied it. It will not run. The card says why: ${escaped(note)}`) : denied;
    }
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
