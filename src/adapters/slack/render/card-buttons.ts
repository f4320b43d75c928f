import type { Button, ConfirmationDialog } from '@slack/types';
import { workAsHeading } from '../../../../commands/contract/words.ts';
import { readKey } from '../../../estate/thing.ts';
import { isUndoable } from '../../../operations/estate/encode.ts';
import { unconfirmedOf } from '../../../operations/gate.ts';
import { destroyedBy } from '../../../operations/plan.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import { clipped } from './mrkdwn.ts';

/** What the head of a card says: the command and what it works on. */
export function cardTitle(operation: OperationRecord): string {
  return `${workAsHeading(operation)}, ${operation.environment}`;
}

function button(action: string, label: string, operation: string, extra: Partial<Button> = {}): Button {
  return { type: 'button', action_id: action, text: { type: 'plain_text', text: label }, value: operation, ...extra };
}

function ask(heading: string, text: string, confirm: string): ConfirmationDialog {
  return {
    title: { type: 'plain_text', text: clipped(heading, 100) },
    text: { type: 'plain_text', text: clipped(text, 300) },
    confirm: { type: 'plain_text', text: confirm },
    deny: { type: 'plain_text', text: 'Not yet' },
  };
}

/** What a dialog says of a plan that destroys something, before anything else; it takes no markup. */
function destruction(operation: OperationRecord): string {
  const destroyed = destroyedBy(operation.plan);
  return destroyed.length === 0 ? '' : `Warning: it destroys ${clipped(destroyed.join('; '), 150)}. `;
}

function voteButtons(operation: OperationRecord): Button[] {
  const { id, planHash, quorum } = operation;
  return [
    button('approve', 'Approve', id, {
      confirm: ask(
        `Approve: ${cardTitle(operation)}?`,
        `${destruction(operation)}Plan ${planHash.slice(0, 12)}. It starts once ${quorum} people have approved.`,
        'Approve',
      ),
    }),
    button('deny', 'Deny', id),
    button('withdraw', 'Withdraw', id),
  ];
}

/** Two kinds under one word: which one it is decides whether a form opens, before anything can be looked up. */
function confirmButton(operation: OperationRecord): Button[] {
  const asked = unconfirmedOf(operation);
  if (asked === null) return [];
  if (asked.kind === 'typed') return [button('confirm-typed', 'Confirm', operation.id)];
  const text = `${operation.plan.effects.join(' ')} Plan ${operation.planHash.slice(0, 12)}.`;
  return [
    button('confirm', 'Confirm', operation.id, { confirm: ask(`Confirm: ${cardTitle(operation)}?`, text, 'Confirm') }),
  ];
}

const UNDO = ask(
  'Take this edit back?',
  'The fields become what they were before. This asks for a new operation, with its own plan and approvals.',
  'Undo it',
);

/** What can be done with an operation as it stands. Whether this person may is found out by the click. */
export function cardButtons(operation: OperationRecord): Button[] {
  const { id } = operation;
  const cancel = button('cancel', 'Cancel', id, {
    style: 'danger',
    confirm: ask(
      'Cancel this operation?',
      'What has not started never will; what runs is stopped on the host and cleaned up.',
      'Cancel it',
    ),
  });
  switch (operation.state) {
    case 'awaiting':
    case 'held':
      return [
        ...(operation.quorum > 0 ? voteButtons(operation) : []),
        button('details', 'Details', id),
        ...confirmButton(operation),
        button('re-plan', 'Re-plan', id),
        cancel,
      ];
    case 'queued':
      return operation.quorum === 0
        ? [cancel]
        : [button('withdraw', 'Withdraw', id), button('deny', 'Deny', id), cancel];
    case 'running':
      return operation.cancelRequestedBy ? [] : [cancel];
    case 'unreachable': {
      const leave = button('leave', 'Leave', id, {
        confirm: ask(
          'Give up waiting for this host?',
          `The operation ends as lost: nobody will know how its command ended, and the ${readKey(operation.site).kind} is free for others.`,
          'Leave it',
        ),
      });
      return operation.cancelRequestedBy ? [leave] : [cancel, leave];
    }
    case 'failed':
    case 'cancelled':
    case 'expired':
    case 'denied':
      return [button('retry', 'Retry', id)];
    case 'lost':
      return operation.seenBy
        ? [button('retry', 'Retry', id)]
        : [button('retry', 'Retry', id), button('leave', 'Leave', id)];
    case 'succeeded':
      return isUndoable(operation.plan) ? [button('undo', 'Undo', id, { confirm: UNDO })] : [];
    default:
      return operation.state satisfies never;
  }
}
