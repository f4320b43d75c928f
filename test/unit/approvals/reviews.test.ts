import { describe, expect, it } from 'vitest';
import type { Risk } from '../../../approvals/policy.ts';
import {
  barredByReviews,
  type Closer,
  closeReview,
  closesItself,
  LONGEST_NOTE,
  type Review,
  reviewKind,
} from '../../../approvals/reviews.ts';
import { later, T0 } from '../../support/builders.ts';

const review = (change: Partial<Review> = {}): Review => ({
  operation: '7k3m9q2x',
  kind: 'emergency',
  person: 'U0REQ',
  openedAt: T0,
  ended: true,
  closed: null,
  ...change,
});
const closer = (change: Partial<Closer> = {}): Closer => ({
  person: 'U0APA',
  account: 'U0APA',
  fullMember: true,
  approver: true,
  admin: false,
  ...change,
});

describe('what opens a review', () => {
  it.each<[Risk, string | null, string | null]>([
    ['routine', null, null],
    ['disruptive', null, null],
    ['disruptive', 'the disk dies', 'emergency'],
    ['break-glass', null, 'break-glass'],
    ['break-glass', 'the disk dies', 'break-glass'],
  ])('%s, emergency %s: %s', (risk, emergency, kind) => {
    expect(reviewKind(risk, emergency)).toBe(kind);
  });
});

describe('P1 a review is closed', () => {
  const closed = { by: 'U0APB', at: later(3), note: 'fine' };
  it.each<[string, Partial<Review>, Partial<Closer>, string, string]>([
    ['by an approver', {}, {}, 'fine', 'fine'],
    ['by an admin', {}, { approver: false, admin: true }, ' fine\n', 'fine'],
    ['with a note of full length', {}, {}, 'ü'.repeat(LONGEST_NOTE), 'ü'.repeat(LONGEST_NOTE)],
    ['never by the one who asked', {}, { person: 'U0REQ', admin: true }, 'fine', 'self_approval'],
    ['never by somebody without a role', {}, { approver: false }, 'fine', 'not_allowed'],
    ['never by a guest', {}, { fullMember: false }, 'fine', 'foreign_user'],
    ['not twice', { closed }, {}, 'fine', 'request_closed'],
    ['not before the end', { ended: false }, {}, 'fine', 'review_early'],
    ['not without words', {}, {}, ' \n ', 'bad_arguments'],
    ['not with too many', {}, {}, 'x'.repeat(LONGEST_NOTE + 1), 'bad_arguments'],
  ])('%s', (_name, its, by, note, expected) => {
    const judged = closeReview(review(its), closer(by), note);
    expect(judged.ok ? judged.value : judged.error.code).toBe(expected);
  });

  it.each<[boolean, string, boolean]>([
    [false, 'denied', true],
    [false, 'expired', true],
    [false, 'cancelled', true],
    [false, 'failed', true],
    [false, 'lost', false],
    [true, 'cancelled', false],
    [true, 'succeeded', false],
    [true, 'lost', false],
  ])('by itself only when nothing ran: started %s, %s: %s', (started, state, itself) => {
    const note = closesItself(started, state);
    expect(note !== null).toBe(itself);
    if (note !== null) expect(note).toContain(state);
  });
});

describe('P10 open reviews bar the next break-glass', () => {
  it('and none of them does not', () => {
    expect(barredByReviews([], ['U0APA'])).toBeNull();
  });

  it('naming them, who can close them, and the way out', () => {
    const refused = barredByReviews(
      [review(), review({ operation: '2x7k3m9q', kind: 'break-glass', ended: false })],
      ['U0APA', 'U0REQ', 'U0ADM'],
    );
    expect(refused).toEqual({
      code: 'review_open',
      message:
        'Break-glass is barred for you while a review of yours is open: 7k3m9q2x (emergency), 2x7k3m9q (break-glass, not ended yet).',
      next: '<@U0APA> or <@U0ADM> can close it once the operation has ended; `reviews` says how. One that has not started can be cancelled, and closes itself.',
    });
  });

  it('also where nobody else could close it now, and with many open ones', () => {
    const refused = barredByReviews(Array(12).fill(review()), ['U0REQ']);
    expect(refused?.next).toContain('Another approver or an admin can close it');
    expect(refused?.message).toContain('and 4 more');
  });
});
