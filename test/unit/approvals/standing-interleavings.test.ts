import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isLive,
  revokeStanding,
  type Standing,
  type StandingChange,
  type StandingTerms,
  standingApprovers,
  standingAtStart,
  standingLapse,
  voteOnStanding,
  withdrawFromStanding,
} from '../../../approvals/standing.ts';
import { assertNever } from '../../../src/kernel/result.ts';
import { later, STANDING_TERMS, standing, voter } from '../../support/builders.ts';

const terms = STANDING_TERMS;
const { definition } = terms;
const DAY = 24 * 60;

const PEOPLE = ['U0REQ', 'U0APA', 'U0APB', 'U0APC', 'U0OUT', 'U0GUEST'];
const event = fc.record({
  kind: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('approve') },
    { weight: 3, arbitrary: fc.constantFrom('use', 'wait') },
    // What ends it, or takes votes away, is rarer: else little would live long enough to be interesting.
    { weight: 1, arbitrary: fc.constantFrom('withdraw', 'fire', 'fire', 'fire') },
    { weight: 1, arbitrary: fc.constantFrom('deny', 'revoke', 'change', 'withdraw', 'use') },
  ),
  person: fc.constantFrom(...PEOPLE),
  minutes: fc.integer({ min: 0, max: 20 * DAY }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

interface World {
  readonly it: Standing;
  readonly minute: number;
  readonly fired: ReadonlySet<string>;
  readonly terms: StandingTerms;
  readonly last: StandingChange | null;
}

const resolved = (world: World, person: string) =>
  voter(person, {
    fullMember: person !== 'U0GUEST',
    approver: person !== 'U0REQ' && person !== 'U0OUT' && person !== 'U0GUEST' && !world.fired.has(person),
  });
const eligibleIn = (world: World) =>
  new Map(
    PEOPLE.map((one) => [
      one,
      resolved(world, one).approver || (world.it.requesterCounts && one === world.it.requester),
    ]),
  );

/** Writes a change as the rows do. */
function written(world: World, person: string, change: StandingChange): World {
  const { it } = world;
  const rest = it.votes.filter((one) => one.person !== person);
  const own = it.votes.find((one) => one.person === person);
  const votes =
    change.kind === 'vote'
      ? [...rest, { person, verdict: change.verdict, withdrawn: false, steppedUp: false }]
      : change.kind === 'withdraw' && own
        ? [...rest, { ...own, withdrawn: true }]
        : change.kind === 'suspend'
          ? it.votes.map((one) => (change.voided.includes(one.person) ? { ...one, withdrawn: true } : one))
          : it.votes;
  const expiresAt = change.becomes === 'active' ? (it.expiresAt ?? later(world.minute + 90 * DAY)) : it.expiresAt;
  return { ...world, it: { ...it, votes, expiresAt, state: change.becomes }, last: change };
}

function apply(world: World, { kind, person, minutes }: Event): World {
  const before = { ...world, last: null };
  const now = later(world.minute);
  const settle = (judged: ReturnType<typeof voteOnStanding>) =>
    judged.ok ? written(before, person, judged.value) : before;
  switch (kind) {
    case 'approve':
    case 'deny':
      return settle(voteOnStanding(world.it, resolved(world, person), kind, world.terms, now));
    case 'withdraw':
      return settle(withdrawFromStanding(world.it, resolved(world, person), now));
    case 'revoke':
      return settle(revokeStanding(world.it, { ...resolved(world, person), admin: false }, 'because'));
    case 'use':
      return settle(standingAtStart(world.it, world.terms, eligibleIn(world), now));
    case 'wait': {
      const waited = { ...before, minute: world.minute + (world.it.state === 'open' ? minutes % 40 : minutes) };
      const lapse = standingLapse(world.it, world.it, later(waited.minute));
      return lapse ? written(waited, 'twokey', lapse) : waited;
    }
    case 'fire':
      return { ...before, fired: new Set([...world.fired, person]) };
    case 'change':
      return { ...before, terms: { ...world.terms, definition: { ...definition, cron: '0 5 * * *' } } };
    default:
      return assertNever(kind);
  }
}

describe('any order of votes, withdrawals, denials, uses, expiry, changes and lost roles', () => {
  const settings = fc.record({ quorum: fc.integer({ min: 1, max: 3 }), requesterCounts: fc.boolean() });

  it('never leaves it active below its quorum, never lets a changed or late one be used, never revives what has ended', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(settings, fc.array(event, { maxLength: 60, size: 'max' }), (its, events) => {
        let world: World = { it: standing(its), minute: 0, fired: new Set(), terms, last: null };
        for (const one of events) {
          const before = world;
          world = apply(world, one);
          const { it: now, last } = world;
          // The rules again, from the promise and not from the code.
          const supporters = new Set(
            now.votes.filter((vote) => vote.verdict === 'approve' && !vote.withdrawn).map((vote) => vote.person),
          );
          if (!its.requesterCounts) expect(supporters.has('U0REQ')).toBe(false);
          expect(supporters.has('U0OUT') || supporters.has('U0GUEST')).toBe(false);
          expect([...standingApprovers(now)].sort()).toEqual([...supporters].sort());
          if (now.state === 'active') expect(supporters.size).toBeGreaterThanOrEqual(its.quorum);
          if (last?.kind === 'use') {
            const valid = [...supporters].filter((person) => eligibleIn(world).get(person) === true);
            expect(valid.length).toBeGreaterThanOrEqual(its.quorum);
            expect(world.terms.definition).toEqual(now.definition);
            expect(later(world.minute).getTime()).toBeLessThan(now.expiresAt?.getTime() ?? 0);
          }
          if (!isLive(before.it.state)) expect(now).toEqual(before.it);
          // The clock of an approval is never set back.
          if (before.it.expiresAt) expect(now.expiresAt).toEqual(before.it.expiresAt);
          if (last) seen.set(`${last.kind} ${last.becomes}`, (seen.get(`${last.kind} ${last.becomes}`) ?? 0) + 1);
        }
      }),
      { numRuns: 500 },
    );
    // Had the walk never come there, the promises above would have been kept by nothing happening.
    for (const met of [
      'vote active',
      'vote denied',
      'withdraw suspended',
      'suspend suspended',
      'use active',
      'void void',
      'expire expired',
      'revoke revoked',
    ])
      expect([met, (seen.get(met) ?? 0) > 5]).toEqual([met, true]);
  });
});
