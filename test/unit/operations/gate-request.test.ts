import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../approvals/policy.ts';
import { toRequest } from '../../../src/operations/gate.ts';
import type { VoteRecord } from '../../../src/operations/records.ts';
import { OPERATION_STATES } from '../../../src/operations/state.ts';
import { operation, T0, voteRecord } from '../../support/builders.ts';

const VOTES: Verdict = { kind: 'votes', quorum: 2, typedName: false, why: 'This is outside working hours.' };
const TYPED = { at: T0, typed: true, reason: null };
const both = [voteRecord('U0APA'), voteRecord('U0APB')];

describe('an operation as a request', () => {
  it('is open while it waits, approved while it is queued, and then beyond votes', () => {
    const states = OPERATION_STATES.map((state) => [state, toRequest(operation({ state }), []).state]);
    expect(Object.fromEntries(states)).toEqual({
      awaiting: 'open',
      held: 'open',
      queued: 'approved',
      running: 'started',
      unreachable: 'started',
      succeeded: 'started',
      failed: 'started',
      lost: 'started',
      cancelled: 'cancelled',
      denied: 'denied',
      expired: 'expired',
    });
  });

  it('is as good as approved when it is held and has its votes', () => {
    const held = (votes: readonly VoteRecord[], quorum = 2) =>
      toRequest(operation({ state: 'held', quorum }), votes).state;
    expect(held([voteRecord('U0APA')])).toBe('open');
    expect(held(both)).toBe('approved');
    expect(held([voteRecord('U0APA'), voteRecord('U0APB', { withdrawnAt: T0 })])).toBe('open');
    expect(held([], 0)).toBe('approved');
    const asked = operation({ state: 'held', verdict: { ...VOTES, typedName: true } });
    expect(toRequest(asked, both)).toMatchObject({
      state: 'open',
      unconfirmed: { asks: { kind: 'typed' }, name: 'acme' },
    });
    const ofHost = toRequest({ ...asked, site: 'host:acme-app' }, both);
    expect(ofHost.unconfirmed).toMatchObject({ of: 'host', name: 'acme-app' });
    expect(toRequest({ ...asked, confirmed: TYPED }, both)).toMatchObject({ state: 'approved', unconfirmed: null });
  });

  it('takes no votes when no time for them was set', () => {
    const { decideBy } = toRequest(operation({ decideBy: null }), []);
    expect(decideBy).toEqual(T0);
  });
});
