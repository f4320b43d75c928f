import { expect, it } from 'vitest';
import { peopleToRemind } from '../../../src/operations/notices.ts';

it('writes to each approver once, never to the one who asked or to one who has voted', () => {
  const due = { operation: '7k3m9q2x', generation: 1, kind: 'opened', requester: 'U0REQ', voted: ['U0APB'] } as const;
  const [a, requester, b] = ['U0APA', 'U0REQ', 'U0APB'].map((person) => ({ person, account: person }));
  // Somebody whose main id is gone is written to under another id of theirs.
  const c = { person: 'U0APC', account: 'U0SECOND' };
  const approvers = [a, requester, b, c].filter((one) => one !== undefined);
  expect(peopleToRemind(due, approvers)).toEqual([a, c]);
  expect(peopleToRemind(due, [])).toEqual([]);
});
