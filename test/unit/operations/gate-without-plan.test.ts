import { describe, expect, it } from 'vitest';
import { refusal } from '../../../src/kernel/errors.ts';
import { judgeWithoutPlan } from '../../../src/operations/gate.ts';
import type { OperationRecord } from '../../../src/operations/records.ts';
import { OPERATION_STATES } from '../../../src/operations/state.ts';
import { later, operation, T0 } from '../../support/builders.ts';

const WAITS = { kind: 'wait', reason: 'db1 has no pg_dump.', behind: [] };

describe('the last look without a plan', () => {
  const look = (its: Partial<OperationRecord>, code: 'precheck_failed' | 'host_unreachable', now = T0) =>
    judgeWithoutPlan(
      { operation: operation({ state: 'queued', ...its }), votes: [], freezes: [], now },
      refusal(code, 'db1 has no pg_dump.', 'Install it.'),
      1,
    );

  it('ends it with the reason, or waits until its time is over where that passes by itself', () => {
    expect(look({}, 'precheck_failed')).toEqual({
      kind: 'end',
      state: 'failed',
      reason: 'db1 has no pg_dump.',
      next: 'Install it.',
    });
    expect(look({}, 'host_unreachable', new Date(later(240).getTime() - 1))).toEqual(WAITS);
    expect(look({}, 'host_unreachable', later(240))).toMatchObject({
      kind: 'end',
      state: 'expired',
      next: 'Install it.',
    });
    expect(look({ startBy: null }, 'host_unreachable', later(9_999))).toEqual(WAITS);
  });

  it('ends nothing that waits for people again meanwhile, has ended or has a later run', () => {
    for (const code of ['precheck_failed', 'host_unreachable'] as const) {
      for (const state of OPERATION_STATES)
        expect(look({ state }, code, later(240)).kind, state).toBe(state === 'queued' ? 'end' : 'ignore');
      expect(look({ runNumber: 2 }, code, later(240)).kind).toBe('ignore');
    }
  });
});
