import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVote } from '../../../approvals/machine.ts';
import { poolFor, poolNews, type ShortPool, shortPools, unreachable } from '../../../approvals/pool.ts';
import { approval, request, T0, vote, voter } from '../../support/builders.ts';

const PRODUCTION = { environment: 'production', quorum: 2, requesterCounts: false };
const short = (left: string[], environment = 'production'): ShortPool => ({ environment, quorum: 2, left });

describe('whether the approvers suffice', () => {
  it.each<[string, string[], boolean, number]>([
    ['exactly the quorum, though one of them may ask for something', ['U0A', 'U0B'], false, 0],
    ['one too few', ['U0A'], false, 1],
    ['one too few, but the requester counts', ['U0A'], true, 0],
    ['nobody', [], true, 1],
    ['one person twice', ['U0A', 'U0A'], false, 1],
  ])('%s', (_name, approvers, requesterCounts, count) => {
    expect(shortPools([{ ...PRODUCTION, requesterCounts }], approvers)).toHaveLength(count);
  });

  it('agrees with the votes: a pool that suffices can carry a request through, a short one cannot', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('U0A', 'U0B', 'U0C', 'U0REQ')),
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        (approvers, quorum, requesterCounts) => {
          const its = { quorum, requesterCounts };
          const pool = poolFor(approvers, 'U0REQ', requesterCounts);
          let votes = [vote('U0NOBODY', { withdrawn: true })];
          let state = 'open';
          for (const person of [...approvers, 'U0REQ']) {
            const cast = castVote(
              request({ ...its, votes }),
              voter(person, { approver: new Set<string>(approvers).has(person) }),
              approval(),
              T0,
            );
            if (!cast.ok || state === 'approved') continue;
            votes = [...votes, vote(person)];
            if (cast.value.kind === 'vote') state = cast.value.becomes;
          }
          expect(state === 'approved').toBe(pool.length >= quorum);
        },
      ),
    );
  });
});

it('P10 a refusal names who could approve, and says whether the requester is one of them', () => {
  const words = (approvers: string[], requesterCounts: boolean) =>
    unreachable(approvers, 'U0REQ', 2, requesterCounts)?.message;
  expect(words(['U0A', 'U0REQ'], false)).toBe('This needs 2 approvals besides yours, but only <@U0A> can approve.');
  expect(words([], true)).toBe('This needs 2 approvals, yours included, but only <@U0REQ> can approve.');
  expect(words([], false)).toBe('This needs 2 approvals besides yours, but nobody can approve.');
  expect(words(['U0A'], true)).toBeUndefined();
});

describe('what there is to say', () => {
  it.each<[string, ShortPool[], ShortPool[], object | null]>([
    ['nothing while all is well', [], [], null],
    ['a pool that became too small', [], [short(['U0A'])], { short: [short(['U0A'])], mended: [] }],
    ['nothing a second time', [short(['U0A'])], [short(['U0A'])], null],
    ['one more who left', [short(['U0A'])], [short([])], { short: [short([])], mended: [] }],
    ['that it is mended', [short(['U0A'])], [], { short: [], mended: ['production'] }],
    [
      'that one is mended and another is short',
      [short(['U0A'], 'staging')],
      [short(['U0A'])],
      { short: [short(['U0A'])], mended: ['staging'] },
    ],
  ])('%s', (_name, told, now, news) => {
    expect(poolNews(told, now)).toEqual(news);
  });
});
