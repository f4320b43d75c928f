import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVote, hasExpired, quorumAtStart, withdrawVote } from '../../../approvals/machine.ts';
import type { Request } from '../../../approvals/request.ts';
import { assertNever } from '../../../src/kernel/result.ts';
import { later, request, vote, voter } from '../../support/builders.ts';

const PEOPLE = ['U0REQ', 'U0APA', 'U0APB', 'U0APC', 'U0OUT', 'U0GUEST'];

const event = fc.record({
  kind: fc.constantFrom('approve', 'deny', 'withdraw', 'replan', 'wait', 'start', 'fire'),
  person: fc.constantFrom(...PEOPLE),
  minutes: fc.integer({ min: 0, max: 40 }),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;

interface World {
  request: Request;
  minute: number;
  fired: ReadonlySet<string>;
}

const resolved = (world: World, person: string) =>
  voter(person, {
    fullMember: person !== 'U0GUEST',
    approver: person !== 'U0REQ' && person !== 'U0OUT' && !world.fired.has(person),
  });

/** Keeps one row a person and generation, as the store does. */
function withVote(it: Request, person: string, change: Parameters<typeof vote>[1]): Request {
  const rest = it.votes.filter((one) => one.person !== person || one.generation !== it.generation);
  return { ...it, votes: [...rest, vote(person, { generation: it.generation, ...change })] };
}

function apply(world: World, { kind, person, minutes }: Event): World {
  const { request: it } = world;
  const now = later(world.minute);
  switch (kind) {
    case 'approve':
    case 'deny': {
      const change = castVote(it, resolved(world, person), kind, now);
      if (!change.ok || change.value.kind !== 'vote') return world;
      return { ...world, request: { ...withVote(it, person, { verdict: kind }), state: change.value.becomes } };
    }
    case 'withdraw': {
      const change = withdrawVote(it, resolved(world, person), now);
      if (!change.ok) return world;
      return { ...world, request: { ...withVote(it, person, { withdrawn: true }), state: 'open' } };
    }
    case 'replan':
      return it.state === 'open' || it.state === 'approved'
        ? { ...world, request: { ...it, generation: it.generation + 1, state: 'open' } }
        : world;
    case 'fire':
      return { ...world, fired: new Set([...world.fired, person]) };
    case 'wait': {
      const minute = world.minute + minutes;
      const expired = hasExpired(it, later(minute));
      return { ...world, minute, request: expired ? { ...it, state: 'expired' } : it };
    }
    case 'start': {
      const eligible = new Map(
        PEOPLE.map((one) => [one, resolved(world, one).approver && resolved(world, one).fullMember]),
      );
      if (it.requesterCounts) eligible.set('U0REQ', true);
      const { reached } = quorumAtStart(it, eligible);
      if (it.state !== 'approved') return world;
      return { ...world, request: { ...it, state: reached ? 'started' : 'open' } };
    }
    default:
      return assertNever(kind);
  }
}

/** The rules again, written from the promise and not from the code. */
function standing(it: Request): Set<string> {
  return new Set(
    it.votes
      .filter((one) => one.verdict === 'approve' && !one.withdrawn && one.generation === it.generation)
      .map((one) => one.person)
      .filter((one) => it.requesterCounts || one !== it.requester),
  );
}

describe('any order of clicks, by anybody', () => {
  const settings = fc.record({ quorum: fc.integer({ min: 1, max: 3 }), requesterCounts: fc.boolean() });

  it('never approves without the quorum, never revives what was denied or expired, never starts with a lost voter', () => {
    let [approved, started, denied, expired] = [0, 0, 0, 0];
    fc.assert(
      fc.property(settings, fc.array(event, { maxLength: 40 }), (its, events) => {
        let world: World = { request: request(its), minute: 0, fired: new Set() };
        for (const one of events) {
          const before = world.request;
          world = apply(world, one);
          const after = world.request;
          const supporters = standing(after);
          expect(supporters.has('U0OUT') || supporters.has('U0GUEST')).toBe(false);
          if (!its.requesterCounts)
            expect(after.votes.some((v) => v.person === 'U0REQ' && v.verdict === 'approve')).toBe(false);
          if (after.state === 'approved') {
            expect(supporters.size).toBeGreaterThanOrEqual(its.quorum);
            expect(after.votes.some((v) => v.verdict === 'deny' && v.generation === after.generation)).toBe(false);
          }
          if (before.state !== 'started' && after.state === 'started') {
            const valid = [...supporters].filter((person) => person === 'U0REQ' || !world.fired.has(person));
            expect(valid.length).toBeGreaterThanOrEqual(its.quorum);
          }
          if (['denied', 'expired', 'started'].includes(before.state)) expect(after.state).toBe(before.state);
          if (after.state !== before.state) {
            approved += Number(after.state === 'approved');
            started += Number(after.state === 'started');
            denied += Number(after.state === 'denied');
            expired += Number(after.state === 'expired');
          }
        }
      }),
      { numRuns: 3_000 },
    );
    // Had the walk never come there, the promises above would have been kept by nothing happening.
    for (const count of [approved, started, denied, expired]) expect(count).toBeGreaterThan(5);
  });

  it('a denial by anybody who may deny ends it from every state before the start', () => {
    fc.assert(
      fc.property(settings, fc.array(event, { maxLength: 25 }), (its, events) => {
        const world = events.reduce(apply, { request: request(its), minute: 0, fired: new Set<string>() } as World);
        const { state, decideBy } = world.request;
        const open = state === 'approved' || (state === 'open' && later(world.minute) < decideBy);
        const denial = castVote(world.request, voter('U0NEW'), 'deny', later(world.minute));
        expect(denial.ok && denial.value.becomes === 'denied').toBe(open);
      }),
      { numRuns: 500 },
    );
  });
});
