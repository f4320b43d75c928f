import { expect, it } from 'vitest';
import { peopleToRemind } from '../../../src/operations/notices.ts';

it('calls each approver once who can still vote, never the one who asked or one who has voted', () => {
  const due = { requester: 'U0REQ', requesterCounts: false, voted: ['U0APB'] };
  const [a, requester, b] = ['U0APA', 'U0REQ', 'U0APB'].map((person) => ({ person, account: person }));
  // Somebody whose main id is gone is written to under another id of theirs.
  const c = { person: 'U0APC', account: 'U0SECOND' };
  const approvers = [a, requester, b, c].filter((one) => one !== undefined);
  expect(peopleToRemind(due, approvers)).toEqual([a, c]);
  expect(peopleToRemind(due, [])).toEqual([]);
  expect(peopleToRemind({ ...due, requesterCounts: true }, approvers)).toEqual([a, requester, c]);
});
