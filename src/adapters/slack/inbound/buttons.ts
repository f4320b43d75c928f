import type { App, BlockAction } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { confirm, vote, withdraw } from '../../../../approvals/service.ts';
import { findOperation } from '../../../../commands/contract/find-operation.ts';
import { typedAgain } from '../../../../commands/contract/typed.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import { naming } from '../../../operations/authorise.ts';
import type { Person } from '../identity.ts';
import { type Rendered, renderRefusal } from '../render/answer.ts';
import { generationShown } from '../render/card-block.ts';
import { asksForNote } from '../render/note-form.ts';
import { admit, mayCancel, mayLeave, mayReplan, voterOf } from './access.ts';
import { approvalWords } from './approval-words.ts';
import { type ModalClick, openCardModal } from './card-modals.ts';
import { askForCode } from './code-forms.ts';
import { confirmedAnswer } from './confirm-modal.ts';
import type { Desk } from './desk.ts';
import { openNoteForm } from './note-forms.ts';
import { renderTrouble, runCommand } from './run-command.ts';
import { isStandingAction, pressStanding } from './standing-buttons.ts';

const ACTIONS = ['approve', 'withdraw', 'confirm', 're-plan', 'cancel', 'retry', 'undo', 'leave'] as const;
type Action = (typeof ACTIONS)[number];
/** Buttons that open a view: for them nothing may come before the trigger is used. */
const opensView = (value: string): value is ModalClick['action'] => value === 'details' || value === 'confirm-typed';
/** Their refusals are noted where they are judged. */
const isJudged = (action: string) =>
  action === 'approve' || action === 'withdraw' || action === 'confirm' || isStandingAction(action);
const isAction = (value: string): value is Action => (ACTIONS as readonly string[]).includes(value);

/** Of a message that another version of Twokey has posted. */
const UNKNOWN_BUTTON = 'This button does nothing here any more. Look at the message as it stands now.';

/**
 * A button carries an operation's id and nothing else; who clicked and what that does is found out now. Its block says
 * which plan its card showed.
 */
const clicked = z.object({
  action_id: z.string(),
  block_id: z.string().optional(),
  value: z.string().regex(/^[0-9a-z]{8}$/),
});

/** The buttons of cards. Every click gets an answer, also a late, double, unauthorised or stale one. */
export function listenToButtons(app: App, desk: Desk, control: WebClient): void {
  const slash = desk.config.slack.command;
  app.action<BlockAction>(/.*/, async ({ ack, body, respond }) => {
    const arrived = monotonicMs();
    await ack();
    desk.acked((monotonicMs() - arrived) / 1000);
    const say = (content: { text: string }) =>
      respond({ response_type: 'ephemeral', replace_original: false, ...content });
    try {
      const click = clicked.safeParse(body.actions[0]);
      if (!click.success) {
        await say({ text: UNKNOWN_BUTTON });
        return;
      }
      const place = {
        operation: click.data.value,
        shown: generationShown(click.data.block_id, click.data.value),
        user: body.user.id,
        channel: body.channel?.id ?? desk.config.slack.channels.operations,
        trigger: body.trigger_id,
      };
      if (opensView(click.data.action_id)) {
        const words = await openCardModal(desk, control, { action: click.data.action_id, ...place });
        if (words !== null) await say({ text: words });
        return;
      }
      const voted =
        click.data.action_id === 'approve'
          ? 'operation'
          : click.data.action_id === 'standing-approve'
            ? 'standing'
            : null;
      const code = voted && (await askForCode(desk, control, { on: voted, ...place }));
      if (code?.asked) {
        if (code.words !== null) await say({ text: code.words });
        return;
      }
      if (asksForNote(click.data.action_id)) {
        const memory = { action: click.data.action_id, id: click.data.value, channel: place.channel };
        const words = await openNoteForm(desk, control, { memory, user: body.user.id, trigger: body.trigger_id });
        if (words !== null) await say({ text: words });
        return;
      }
      const { action_id: action, value: operation } = click.data;
      if (!isAction(action) && !isStandingAction(action)) {
        await say({ text: UNKNOWN_BUTTON });
        return;
      }
      const key = body.trigger_id ?? null;
      await desk.audit(body.user.id, 'button.clicked', operation, { action });
      const admitted = await admit(desk, body.user.id);
      const done = !admitted.ok
        ? admitted
        : isStandingAction(action)
          ? await pressStanding(desk, admitted.value, action, operation)
          : await act(desk, admitted.value, { action, operation, shown: place.shown, key });
      if (!done.ok) {
        if (!admitted.ok || !isJudged(action))
          await desk.audit(body.user.id, 'button.refused', operation, { action, code: done.error.code });
        const known =
          done.error.code === 'not_approver' ? naming(done.error, await desk.identity.active('approver')) : done.error;
        await say(renderRefusal(known, slash));
      } else await say(typeof done.value === 'string' ? { text: done.value } : done.value);
    } catch (error) {
      await say(renderTrouble(desk, error)).catch((failed: unknown) =>
        desk.log.warn({ error: String(failed) }, 'a click could not be answered'),
      );
    }
  });
}

interface Click {
  readonly action: Action;
  readonly operation: string;
  /** The generation of the plan that the pressed card showed; null when the card does not say. */
  readonly shown: number | null;
  /** Names this click; the same when Slack delivers it twice. */
  readonly key: string | null;
}

async function act(
  desk: Desk,
  person: Person,
  { action, operation, shown, key }: Click,
): Promise<Result<string | Rendered, Refusal>> {
  const voter = voterOf(person);
  switch (action) {
    case 'approve': {
      const counted = await vote(desk.votes, operation, voter, { verdict: action, shown }, null);
      if (!counted.ok) return counted;
      return ok(await approvalWords(desk, operation, counted.value.becomes === 'approved'));
    }
    case 'withdraw': {
      const taken = await withdraw(desk.votes, operation, voter);
      return taken.ok ? ok('Your vote is withdrawn.') : taken;
    }
    case 'confirm': {
      const done = await confirm(desk.votes, operation, voter, { shown, name: null, reason: null });
      return done.ok ? ok(await confirmedAnswer(desk, operation)) : done;
    }
    case 're-plan':
      return replan(desk, person, operation);
    case 'cancel': {
      const cancelled = await desk.book.cancel(operation, person.id, mayCancel(person));
      if (!cancelled.ok) return cancelled;
      return ok(cancelled.value === 'ended' ? 'It is cancelled.' : 'It is being stopped on the host and cleaned up.');
    }
    case 'leave': {
      const view = await desk.book.view(operation);
      const denied = await mayLeave(desk, person, view?.operation ?? null);
      if (denied) return err(denied);
      if (view?.operation.state === 'unreachable') {
        const left = await desk.book.leave(operation, person.id);
        return left.ok ? ok('It is no longer waited for, and will be said to be lost.') : left;
      }
      const seen = await desk.book.markSeen(operation, person.id);
      return seen.ok ? ok('Closed as seen by you.') : seen;
    }
    case 'retry':
      return retry(desk, person, operation, key);
    case 'undo': {
      const command = desk.commands.find((one) => one.name === 'undo');
      if (!command) return err(refusal('unknown_command', 'Nothing can be taken back here.'));
      const args = { operation };
      return ok(await runCommand(desk, person, command, args, typedAgain(command, args), key));
    }
    default:
      return action satisfies never;
  }
}

async function replan(desk: Desk, person: Person, operation: string): Promise<Result<string, Refusal>> {
  const view = await desk.book.view(operation);
  const objection = view ? await mayReplan(desk, person, view.operation) : null;
  if (objection) return err(objection);
  const replanned = await desk.replan(operation, person.id);
  if (!replanned.ok) return replanned;
  return ok(
    replanned.value === 'same'
      ? 'The plan is the same as before, word for word. Nothing has changed.'
      : 'The plan has changed: the card shows what. Votes and confirmations of the old one are void, and everybody is asked again.',
  );
}

/** Sends the same command again, as the person who clicked: a new operation with its own plan and its own approvals. */
async function retry(desk: Desk, person: Person, id: string, key: string | null): Promise<Result<Rendered, Refusal>> {
  const view = await findOperation(desk.book, id);
  if (!view.ok) return view;
  const { command: name, args } = view.value.operation;
  const command = desk.commands.find((one) => one.name === name);
  if (!command) return err(refusal('unknown_command', `There is no command \`${name}\` any more.`));
  return ok(await runCommand(desk, person, command, args, typedAgain(command, args), key));
}
