import type { App, BlockAction, RespondFn } from '@slack/bolt';
import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { vote, withdraw } from '../../../../approvals/service.ts';
import { typedAgain } from '../../../../commands/contract/typed.ts';
import { monotonicMs } from '../../../kernel/clock.ts';
import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import type { Person } from '../identity.ts';
import { renderRefusal } from '../render/answer.ts';
import { admit, mayCancel, naming } from './access.ts';
import { openCardModal } from './card-modals.ts';
import type { Desk } from './desk.ts';
import { renderTrouble, runCommand } from './run-command.ts';

const ACTIONS = ['approve', 'withdraw', 'cancel', 'retry', 'undo', 'leave'] as const;
type Action = (typeof ACTIONS)[number];
/** Buttons that open a view: for them nothing may come before the trigger is used. */
const opensView = (value: string): value is 'deny' | 'details' => value === 'deny' || value === 'details';
const isVote = (action: Action) => action === 'approve' || action === 'withdraw';
const isAction = (value: string): value is Action => (ACTIONS as readonly string[]).includes(value);

/** A button carries an operation's id and nothing else; who clicked and what that does is found out now. */
const clicked = z.object({ action_id: z.string(), value: z.string().regex(/^[0-9a-z]{8}$/) });

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
      if (!click.success) return;
      if (opensView(click.data.action_id)) {
        const words = await openCardModal(desk, control, {
          action: click.data.action_id,
          operation: click.data.value,
          user: body.user.id,
          channel: body.channel?.id ?? desk.config.slack.channels.operations,
          trigger: body.trigger_id,
        });
        if (words !== null) await say({ text: words });
        return;
      }
      if (!isAction(click.data.action_id)) return;
      const { action_id: action, value: operation } = click.data;
      const key = body.trigger_id ?? null;
      await desk.audit(body.user.id, 'button.clicked', operation, { action });
      const admitted = await admit(desk, body.user.id);
      const done = admitted.ok ? await act(desk, admitted.value, { action, operation, key }, respond) : admitted;
      if (!done.ok) {
        // A refused vote is noted where it was judged.
        if (!admitted.ok || !isVote(action))
          await desk.audit(body.user.id, 'button.refused', operation, { action, code: done.error.code });
        const known = done.error.code === 'not_approver' ? await naming(desk, done.error, ['approver']) : done.error;
        await say(renderRefusal(known, slash));
      } else if (done.value !== null) await say({ text: done.value });
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
  /** Names this click; the same when Slack delivers it twice. */
  readonly key: string | null;
}

async function act(
  desk: Desk,
  person: Person,
  { action, operation, key }: Click,
  respond: RespondFn,
): Promise<Result<string | null, Refusal>> {
  const voter = { person: person.id, fullMember: person.fullMember, approver: person.roles.includes('approver') };
  switch (action) {
    case 'approve': {
      const counted = await vote(desk.votes, operation, voter, action, null);
      if (!counted.ok) return counted;
      return ok(await approvalWords(desk, operation, counted.value.becomes === 'approved'));
    }
    case 'withdraw': {
      const taken = await withdraw(desk.votes, operation, voter);
      return taken.ok ? ok('Your vote is withdrawn.') : taken;
    }
    case 'cancel': {
      const cancelled = await desk.book.cancel(operation, person.id, mayCancel(person));
      if (!cancelled.ok) return cancelled;
      return ok(cancelled.value === 'ended' ? 'It is cancelled.' : 'It is being stopped on the host and cleaned up.');
    }
    case 'leave': {
      if (!person.roles.includes('operator') && !person.roles.includes('admin')) {
        return err(refusal('not_allowed', 'Only operators and admins may leave an operation.'));
      }
      if ((await desk.book.view(operation))?.operation.state === 'unreachable') {
        const left = await desk.book.leave(operation, person.id);
        return left.ok ? ok('It is no longer waited for, and will be said to be lost.') : left;
      }
      const seen = await desk.book.markSeen(operation, person.id);
      return seen.ok ? ok('Closed as seen by you.') : seen;
    }
    case 'retry': {
      const content = await retry(desk, person, operation, key);
      if (!content.ok) return content;
      await respond({ response_type: 'ephemeral', replace_original: false, ...content.value });
      return ok(null);
    }
    case 'undo': {
      const command = desk.commands.find((one) => one.name === 'undo');
      if (!command) return err(refusal('unknown_command', 'Nothing can be taken back here.'));
      const args = { operation };
      const content = await runCommand(desk, person, command, args, typedAgain(command, args), key);
      await respond({ response_type: 'ephemeral', replace_original: false, ...content });
      return ok(null);
    }
    default:
      return action satisfies never;
  }
}

async function approvalWords(desk: Desk, operation: string, approved: boolean): Promise<string> {
  const view = await desk.book.view(operation);
  if (approved)
    return `Your approval was the last one needed. ${view?.operation.state === 'held' ? 'It starts by itself when its time comes.' : 'It starts now.'}`;
  const counted = view?.votes.filter(
    (one) =>
      one.verdict === 'approve' && !one.withdrawnAt && !one.voidReason && one.generation === view.operation.generation,
  );
  return `Your approval counts: ${counted?.length ?? 1} of ${view?.operation.quorum ?? 2}.`;
}

/** Sends the same command again, as the person who clicked: a new operation with its own plan and its own approvals. */
async function retry(desk: Desk, person: Person, operation: string, key: string | null) {
  const view = await desk.book.view(operation);
  const command = desk.commands.find((one) => one.name === view?.operation.command);
  if (!view || !command) return err(refusal('unknown_operation', `There is no operation "${operation}".`));
  return ok(
    await runCommand(desk, person, command, view.operation.args, typedAgain(command, view.operation.args), key),
  );
}
