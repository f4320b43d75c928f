import { askedInWords } from '../../approvals/confirmation.ts';
import { readKey } from '../estate/thing.ts';
import { unconfirmedOf } from './gate.ts';
import type { OperationRecord } from './records.ts';
import { STATE_WORDS } from './state.ts';

/** The state as a card says it: what needs nobody's vote is not awaiting approval but its confirmation. */
export function stateWords(operation: Pick<OperationRecord, 'state' | 'quorum' | 'verdict' | 'confirmed'>): string {
  const { state, quorum } = operation;
  return state === 'awaiting' && quorum === 0 && unconfirmedOf(operation) !== null
    ? 'awaiting confirmation'
    : STATE_WORDS[state];
}

/** What the requester has to do before it starts, as the end of a sentence; null when nothing is left to confirm. */
export function confirmationWords(operation: Pick<OperationRecord, 'site' | 'verdict' | 'confirmed'>): string | null {
  const asked = unconfirmedOf(operation);
  return asked === null ? null : askedInWords(asked, readKey(operation.site).kind);
}
