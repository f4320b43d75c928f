import { describe, expect, it } from 'vitest';
import { castVote, countedApprovers, hasExpired, quorumAtStart, withdrawVote } from '../../../approvals/machine.ts';
import type { RequestState } from '../../../approvals/request.ts';
import { approval, DENIAL, later, request, T0, vote, voter } from '../../support/builders.ts';

const APA = voter('U0APA');

/** What came of a click: the state it leads to, or the code of the refusal. */
function outcome(result: ReturnType<typeof castVote>): string {
  return result.ok ? result.value.becomes : result.error.code;
}

describe('every state answers every click', () => {
  const table: [RequestState, string, string, string, boolean][] = [
    // state, approve, deny, withdraw (by somebody whose approval is there), expires after the deadline
    ['open', 'approved', 'denied', 'open', true],
    ['approved', 'request_closed', 'denied', 'open', false],
    ['denied', 'request_closed', 'request_closed', 'request_closed', false],
    ['expired', 'request_closed', 'request_closed', 'request_closed', false],
    ['cancelled', 'request_closed', 'request_closed', 'request_closed', false],
    ['started', 'request_closed', 'request_closed', 'request_closed', false],
  ];

  it.each(table)('%s', (state, approve, deny, withdraw, expires) => {
    const it = request({ state, votes: [vote('U0APB')] });
    expect(outcome(castVote(it, APA, approval(), T0))).toBe(approve);
    expect(outcome(castVote(it, APA, DENIAL, T0))).toBe(deny);
    expect(outcome(withdrawVote(it, voter('U0APB'), T0))).toBe(withdraw);
    expect(hasExpired(it, later(59))).toBe(false);
    expect(hasExpired(it, later(60))).toBe(expires);
  });

  it('and after the time to decide only a denial or a withdrawal of what was approved', () => {
    const votes = [vote('U0APB')];
    for (const at of [later(60), later(600)]) {
      expect(outcome(castVote(request(), APA, approval(), at))).toBe('expired');
      expect(outcome(castVote(request(), APA, DENIAL, at))).toBe('expired');
      expect(outcome(withdrawVote(request({ votes }), voter('U0APB'), at))).toBe('expired');
      expect(outcome(castVote(request({ state: 'approved' }), APA, DENIAL, at))).toBe('denied');
      expect(outcome(withdrawVote(request({ state: 'approved', votes }), voter('U0APB'), at))).toBe('open');
    }
    expect(outcome(castVote(request(), APA, approval(), new Date(later(60).getTime() - 1)))).toBe('open');
  });
});

describe('who may vote', () => {
  const table: [string, Parameters<typeof voter>[1] & { person?: string; counts?: boolean }, string, string][] = [
    ['an approver', {}, 'open', 'denied'],
    ['somebody without the role', { approver: false }, 'not_approver', 'not_approver'],
    ['a guest who is in the role', { fullMember: false }, 'foreign_user', 'foreign_user'],
    ['the requester', { person: 'U0REQ' }, 'self_approval', 'denied'],
    ['the requester without the role', { person: 'U0REQ', approver: false }, 'self_approval', 'denied'],
    ['a requester who counts', { person: 'U0REQ', approver: false, counts: true }, 'open', 'denied'],
    ['a deactivated requester', { person: 'U0REQ', fullMember: false, counts: true }, 'foreign_user', 'foreign_user'],
  ];

  it.each(table)('%s', (_name, { person = 'U0APA', counts = false, ...change }, approve, deny) => {
    const it = request({ requesterCounts: counts });
    expect(outcome(castVote(it, voter(person, change), approval(), T0))).toBe(approve);
    expect(outcome(castVote(it, voter(person, change), DENIAL, T0))).toBe(deny);
  });

  it('a second approval of the same person is refused and changes nothing', () => {
    const it = request({ votes: [vote('U0APA')] });
    expect(outcome(castVote(it, APA, approval(), T0))).toBe('already_voted');
    expect(countedApprovers(request({ votes: [vote('U0APA'), vote('U0APA')] }))).toEqual(['U0APA']);
  });

  it('a withdrawn approval may be given again, once', () => {
    const withdrawn = vote('U0APA', { withdrawn: true });
    expect(outcome(castVote(request({ votes: [withdrawn] }), APA, approval(), T0))).toBe('open');
    expect(outcome(castVote(request({ votes: [withdrawn, vote('U0APA')] }), APA, approval(), T0))).toBe(
      'already_voted',
    );
    expect(outcome(withdrawVote(request({ votes: [withdrawn] }), APA, T0))).toBe('request_closed');
  });

  it('an approver may deny what they approved', () => {
    expect(outcome(castVote(request({ votes: [vote('U0APA')] }), APA, DENIAL, T0))).toBe('denied');
  });
});

describe('what counts', () => {
  it('only approvals of this generation that stand', () => {
    const votes = [
      vote('U0APA', { generation: 1 }),
      vote('U0APB', { generation: 2, withdrawn: true }),
      vote('U0APC', { generation: 2, verdict: 'deny' }),
      vote('U0REQ', { generation: 2 }),
      vote('U0APD', { generation: 2 }),
    ];
    expect(countedApprovers(request({ generation: 2, votes }))).toEqual(['U0APD']);
    expect(countedApprovers(request({ generation: 2, votes, requesterCounts: true }))).toEqual(['U0REQ', 'U0APD']);
  });

  it('an approval of the plan before it changed does not help the new one', () => {
    const it = request({ generation: 2, votes: [vote('U0APB', { generation: 1 })] });
    expect(outcome(castVote(it, APA, approval(2), T0))).toBe('open');
  });

  it('at the start only who may still vote', () => {
    const it = request({ state: 'approved', votes: [vote('U0APA'), vote('U0APB'), vote('U0APC')] });
    const eligible = new Map([
      ['U0APA', true],
      ['U0APB', false],
    ]);
    expect(quorumAtStart(it, eligible)).toMatchObject({
      reached: false,
      counted: ['U0APA'],
      voided: ['U0APB', 'U0APC'],
    });
    expect(quorumAtStart(it, new Map(eligible).set('U0APC', true)).reached).toBe(true);
    expect(quorumAtStart(it, new Map()).reached).toBe(false);
  });
});

describe('P2 a click on the card of an older plan', () => {
  const it2 = request({ generation: 2, votes: [vote('U0APB', { generation: 2 })] });

  it('approves nothing, and says which version it showed and what to do', () => {
    const judged = castVote(it2, APA, approval(1), T0);
    expect(judged).toMatchObject({
      error: {
        code: 'drift',
        message: expect.stringMatching(
          /changed since the card that you pressed: it showed version 1, and now it is version 2/,
        ),
        next: expect.stringContaining('press again'),
      },
    });
    expect(outcome(castVote(it2, APA, approval(null), T0))).toBe('drift');
    expect(outcome(castVote(request(), APA, approval(null), T0))).toBe('drift');
    expect(outcome(castVote(it2, APA, approval(2), T0))).toBe('approved');
  });

  it('denies all the same, and is answered first by what holds whatever the card showed', () => {
    expect(outcome(castVote(it2, APA, DENIAL, T0))).toBe('denied');
    expect(outcome(castVote(it2, voter('U0REQ'), approval(1), T0))).toBe('self_approval');
    expect(outcome(castVote({ ...it2, state: 'cancelled' }, APA, approval(1), T0))).toBe('request_closed');
  });
});

describe('a code with an approval', () => {
  const coded = voter('U0APA', { stepUp: true });

  it('is needed where the policy requires it, for an approval and not for a denial', () => {
    const it = request({ stepUpRequired: true });
    expect(outcome(castVote(it, APA, approval(), T0))).toBe('step_up_required');
    expect(outcome(castVote(it, coded, approval(), T0))).toBe('open');
    expect(outcome(castVote(it, APA, DENIAL, T0))).toBe('denied');
  });

  it('stands for the plan that was looked at when it was asked for, and for no later one', () => {
    for (const stepUpRequired of [true, false])
      expect(outcome(castVote(request({ generation: 2, stepUpRequired }), coded, approval(), T0))).toBe('drift');
  });

  it('is not missed in a click on an old card, which could not count with one either', () => {
    expect(outcome(castVote(request({ generation: 2, stepUpRequired: true }), APA, approval(), T0))).toBe('drift');
  });

  it('does not make an approver of somebody who is none, and lets nobody approve their own request', () => {
    const code = { stepUp: true } as const;
    expect(outcome(castVote(request(), voter('U0OUT', { approver: false, ...code }), approval(), T0))).toBe(
      'not_approver',
    );
    expect(outcome(castVote(request(), voter('U0REQ', code), approval(), T0))).toBe('self_approval');
  });

  it('is looked for again at the start', () => {
    const votes = [
      vote('U0APA', { steppedUp: true }),
      vote('U0APB'),
      // A code that was given with a vote of an earlier plan, or with one that was taken back, is none.
      vote('U0APC', { steppedUp: true, generation: 0 }),
      vote('U0APC'),
      vote('U0APD', { steppedUp: true, withdrawn: true }),
      vote('U0APD'),
    ];
    const eligible = new Map(['U0APA', 'U0APB', 'U0APC', 'U0APD'].map((person) => [person, true]));
    const unproved = ['U0APB', 'U0APC', 'U0APD'];
    expect(quorumAtStart(request({ stepUpRequired: true, votes }), eligible)).toEqual({
      reached: false,
      counted: ['U0APA'],
      voided: [],
      unproved,
    });
    expect(quorumAtStart(request({ votes }), eligible)).toMatchObject({ reached: true, unproved: [] });
  });
});
