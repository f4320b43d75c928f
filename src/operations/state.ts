/**
 * The states of an operation. Before the outcome: awaiting (approval), held (for a window), queued, running,
 * unreachable (running, but the host does not answer). Outcomes: the other six; `lost` means that nobody knows.
 */
export const OPERATION_STATES = [
  'awaiting',
  'held',
  'queued',
  'running',
  'unreachable',
  'succeeded',
  'failed',
  'cancelled',
  'denied',
  'expired',
  'lost',
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];

const ENDED: ReadonlySet<OperationState> = new Set(['succeeded', 'failed', 'cancelled', 'denied', 'expired', 'lost']);

/** True when nothing more happens by itself. */
export function hasEnded(state: OperationState): boolean {
  return ENDED.has(state);
}

export type StepState =
  | 'waiting'
  | 'running'
  | 'unreachable'
  | 'succeeded'
  | 'failed'
  | 'cancelled'
  | 'lost'
  | 'skipped';

/** States of which a card shows what a person would say. */
export const STATE_WORDS: Readonly<Record<OperationState, string>> = {
  awaiting: 'awaiting approval',
  held: 'held',
  queued: 'queued',
  running: 'running',
  unreachable: 'unreachable',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'cancelled',
  denied: 'denied',
  expired: 'expired',
  lost: 'lost',
};
