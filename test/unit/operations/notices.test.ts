import { expect, it } from 'vitest';
import { peopleToRemind } from '../../../src/operations/notices.ts';

it('writes to each approver once, never to the one who asked or to one who has voted', () => {
  const due = {
    operation: '7k3m9q2x',
    generation: 1,
    call: 1,
    kind: 'opened',
    requester: 'U0REQ',
    voted: ['U0APB'],
  } as const;
  expect(peopleToRemind(due, ['U0APA', 'U0REQ', 'U0APB', 'U0APC', 'U0APA'])).toEqual(['U0APA', 'U0APC']);
  expect(peopleToRemind(due, [])).toEqual([]);
});
