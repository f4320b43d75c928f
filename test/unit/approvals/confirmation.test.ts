import { describe, expect, it } from 'vitest';
import { askedInWords, type Confirmation, confirmationOf, stillAsked } from '../../../approvals/confirmation.ts';
import { castVote, confirmRequest, hasExpired, quorumAtStart, withdrawVote } from '../../../approvals/machine.ts';
import type { Verdict } from '../../../approvals/policy.ts';
import type { ConfirmationClick, Request, RequestState } from '../../../approvals/request.ts';
import { approval, DENIAL, later, request, T0, vote, voter } from '../../support/builders.ts';

const CLICK: Confirmation = { kind: 'click' };
const NAME: Confirmation = { kind: 'typed', reason: false };
const NAME_AND_REASON: Confirmation = { kind: 'typed', reason: true };
const REQ = voter('U0REQ', { approver: false });
const click: ConfirmationClick = { shown: 1, name: null, reason: null };
const typed = (name: string, reason: string | null = null): ConfirmationClick => ({ shown: 1, name, reason });

const asking = (asks: Confirmation | null, change: Partial<Request> = {}) =>
  request({ unconfirmed: asks === null ? null : { asks, of: 'site', name: 'acme' }, ...change });
const outcome = (it: Request, given: ConfirmationClick, who = REQ, at = T0) => {
  const judged = confirmRequest(it, who, given, at);
  return judged.ok ? judged.value.becomes : judged.error.code;
};
const both = [vote('U0APA'), vote('U0APB')];

describe('what a verdict asks of the requester', () => {
  const why = 'x';
  it.each<[Verdict, string | null]>([
    [{ kind: 'run', why }, null],
    [{ kind: 'confirm', why }, 'to confirm it'],
    [{ kind: 'confirm', typedName: true, why }, 'to type the site’s name'],
    [{ kind: 'votes', quorum: 2, typedName: false, why }, null],
    [{ kind: 'votes', quorum: 2, typedName: true, why }, 'to type the site’s name'],
    [{ kind: 'votes', quorum: 2, typedName: true, withReason: true, why }, 'to type the site’s name and give a reason'],
    [{ kind: 'hold', quorum: 2, until: null, why }, null],
    [{ kind: 'hold', quorum: 2, until: null, typedName: true, why }, 'to type the site’s name'],
  ])('%j', (verdict, words) => {
    const asked = confirmationOf(verdict);
    expect(asked && askedInWords(asked, 'site')).toBe(words);
  });

  it('names what has to be typed after what it belongs to', () => {
    const words = [CLICK, NAME, NAME_AND_REASON].map((asked) => askedInWords(asked, 'host'));
    expect(words).toEqual(['to confirm it', 'to type the host’s name', 'to type the host’s name and give a reason']);
    const asking = { asks: NAME, of: 'cluster', name: 'main' } as const;
    const judged = confirmRequest(request({ unconfirmed: asking }), REQ, typed('cluster:main'), later(1));
    expect(judged).toMatchObject({ ok: false, error: { message: expect.stringContaining('not the cluster’s name') } });
  });

  it('is done by what was given, and never by less', () => {
    const given = { typed: true, reason: null };
    const all = [null, CLICK, NAME, NAME_AND_REASON];
    const left = (one: Parameters<typeof stillAsked>[1]) => all.map((asked) => stillAsked(asked, one));
    expect(left(null)).toEqual(all);
    expect(left({ typed: false, reason: null })).toEqual([null, null, NAME, NAME_AND_REASON]);
    expect(left(given)).toEqual([null, null, null, NAME_AND_REASON]);
    expect(left({ ...given, reason: 'why' })).toEqual([null, null, null, null]);
  });
});

describe('a confirmation', () => {
  it.each<[string, Confirmation, ConfirmationClick, string]>([
    ['a click', CLICK, click, 'open'],
    ['a typed name where a click is asked', CLICK, typed('anything'), 'open'],
    ['a click where the name is asked', NAME, click, 'wrong_name'],
    ['the name', NAME, typed('acme'), 'open'],
    ['another name', NAME, typed('acme-2'), 'wrong_name'],
    ['the name in another case', NAME, typed('Acme'), 'wrong_name'],
    ['the name with a blank', NAME, typed('acme '), 'wrong_name'],
    ['no name', NAME, typed(''), 'wrong_name'],
    ['the name without the reason', NAME_AND_REASON, typed('acme'), 'bad_arguments'],
    ['the name with blanks for a reason', NAME_AND_REASON, typed('acme', '  '), 'bad_arguments'],
    ['the name and the reason', NAME_AND_REASON, typed('acme', 'the disk dies'), 'open'],
    ['the name, on the card of another plan', NAME, { ...typed('acme'), shown: 2 }, 'drift'],
    ['a click on the card of another plan', CLICK, { ...click, shown: 0 }, 'drift'],
    ['a click on a card that does not say which plan it showed', CLICK, { ...click, shown: null }, 'drift'],
  ])('%s', (_name, asks, given, expected) => {
    expect(outcome(asking(asks), given)).toBe(expected);
  });

  it('is the requester’s alone, whatever roles others have', () => {
    for (const person of ['U0APA', 'U0ADM', 'U0OUT'])
      expect(outcome(asking(CLICK), click, voter(person))).toBe('not_requester');
    expect(outcome(asking(CLICK), click, voter('U0REQ', { fullMember: false }))).toBe('foreign_user');
  });

  it('completes what has its votes, or needs none', () => {
    expect(outcome(asking(NAME, { votes: both }), typed('acme'))).toBe('approved');
    expect(outcome(asking(CLICK, { quorum: 0 }), click)).toBe('approved');
    expect(outcome(asking(NAME, { votes: [vote('U0APA')] }), typed('acme'))).toBe('open');
    expect(outcome(asking(NAME, { generation: 2, votes: both }), { ...typed('acme'), shown: 2 })).toBe('open');
  });

  it('is given once, in time, and only while it is open', () => {
    expect(outcome(asking(null), click)).toBe('already_confirmed');
    expect(outcome(asking(null, { state: 'approved' }), click)).toBe('already_confirmed');
    expect(outcome(asking(CLICK), click, REQ, later(60))).toBe('expired');
    for (const state of ['approved', 'denied', 'expired', 'cancelled', 'started'] satisfies RequestState[])
      expect(outcome(asking(CLICK, { state }), click)).toBe('request_closed');
  });
});

describe('a request that is not confirmed', () => {
  it('is not approved by any number of votes, and expires', () => {
    for (const quorum of [0, 1, 2]) {
      const it = asking(NAME, { quorum, votes: [vote('U0APB')] });
      expect(castVote(it, voter('U0APA'), approval(), T0)).toMatchObject({ ok: true, value: { becomes: 'open' } });
      expect(hasExpired(it, later(60))).toBe(true);
    }
  });

  it('does not start, though all its votes are there, or none is needed', () => {
    const eligible = new Map(both.map(({ person }) => [person, true]));
    for (const quorum of [0, 2]) {
      expect(quorumAtStart(asking(NAME, { quorum, votes: both }), eligible).reached).toBe(false);
      expect(quorumAtStart(asking(null, { quorum, votes: both }), eligible).reached).toBe(true);
    }
  });

  it('can be denied', () => {
    expect(castVote(asking(CLICK, { quorum: 0 }), voter('U0APA'), DENIAL, T0)).toMatchObject({
      value: { becomes: 'denied' },
    });
  });
});

it('a vote that is not needed any more is withdrawn without opening the request', () => {
  const approved = (quorum: number) => request({ state: 'approved', quorum, votes: both });
  const withdrawn = (quorum: number) => withdrawVote(approved(quorum), voter('U0APA'), T0);
  expect(withdrawn(2)).toMatchObject({ value: { becomes: 'open' } });
  expect(withdrawn(1)).toMatchObject({ value: { becomes: 'approved' } });
  expect(withdrawn(0)).toMatchObject({ value: { becomes: 'approved' } });
});
