import { expect, it } from 'vitest';
import { peopleToRemind } from '../../../src/operations/notices.ts';

it('calls each approver once who can still vote, never the one who asked or one who has voted', () => {
  const due = { requester: 'U0REQ', requesterCounts: false, voted: ['U0APB'] };
  expect(peopleToRemind(due, ['U0APA', 'U0REQ', 'U0APB', 'U0APC', 'U0APA'])).toEqual(['U0APA', 'U0APC']);
  expect(peopleToRemind(due, [])).toEqual([]);
  expect(peopleToRemind({ ...due, requesterCounts: true }, ['U0REQ', 'U0APB', 'U0APC'])).toEqual(['U0REQ', 'U0APC']);
});
