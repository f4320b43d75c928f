import fc from 'fast-check';
import { expect, it } from 'vitest';
import { stillAsked } from '../../../approvals/confirmation.ts';
import { castVote, confirmRequest, hasExpired, quorumAtStart, withdrawVote } from '../../../approvals/machine.ts';
import type { Request } from '../../../approvals/request.ts';
import { assertNever } from '../../../src/kernel/result.ts';
import { approval, later, request, vote, voter } from '../../support/builders.ts';

const PEOPLE = ['U0REQ', 'U0APA', 'U0APB', 'U0APC'];
const event = fc.record({
  kind: fc.constantFrom('approve', 'withdraw', 'confirm', 'confirm', 'replan', 'wait', 'start', 'demote'),
  person: fc.constantFrom(...PEOPLE),
  name: fc.constantFrom('acme', 'acme', 'Acme', null),
  reason: fc.constantFrom('the disk dies', null),
  /** Whether the card still shows the plan before this one. */
  stale: fc.boolean(),
});
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
type Asks = NonNullable<Request['unconfirmed']>['asks'];

interface World {
  readonly request: Request;
  readonly minute: number;
  readonly demoted: ReadonlySet<string>;
  /** What was given for which generation, noted beside the machine. */
  readonly given: readonly { readonly generation: number; readonly by: string; readonly event: Event }[];
}

function apply(world: World, asks: Asks, event: Event): World {
  const { request: it } = world;
  const who = voter(event.person, { approver: event.person !== 'U0REQ' && !world.demoted.has(event.person) });
  const now = later(world.minute);
  const rest = it.votes.filter((one) => one.person !== event.person || one.generation !== it.generation);
  switch (event.kind) {
    case 'approve': {
      const change = castVote(it, who, approval(it.generation - (event.stale ? 1 : 0)), now);
      if (!change.ok) return world;
      expect(event.stale).toBe(false);
      const votes = [...rest, vote(event.person, { generation: it.generation })];
      return { ...world, request: { ...it, votes, state: change.value.becomes } };
    }
    case 'withdraw': {
      const change = withdrawVote(it, who, now);
      if (!change.ok) return world;
      const votes = [...rest, vote(event.person, { generation: it.generation, withdrawn: true })];
      return { ...world, request: { ...it, votes, state: change.value.becomes } };
    }
    case 'confirm': {
      const { name, reason } = event;
      const generation = it.generation - (event.stale ? 1 : 0);
      const change = confirmRequest(it, who, { shown: generation, name, reason }, now);
      if (!change.ok) return world;
      expect(stillAsked(asks, { typed: name !== null, reason })).toBeNull();
      const given = [...world.given, { generation, by: event.person, event }];
      return { ...world, given, request: { ...it, unconfirmed: null, state: change.value.becomes } };
    }
    case 'replan':
      if (it.state !== 'open' && it.state !== 'approved') return world;
      return {
        ...world,
        request: {
          ...it,
          generation: it.generation + 1,
          state: 'open',
          unconfirmed: { asks, of: 'site', name: 'acme' },
        },
      };
    case 'wait': {
      const minute = world.minute + 20;
      return { ...world, minute, request: hasExpired(it, later(minute)) ? { ...it, state: 'expired' } : it };
    }
    case 'demote':
      return { ...world, demoted: new Set([...world.demoted, event.person]) };
    case 'start': {
      // Also at once, when nobody has made it approved: the last look must not rely on the state.
      if (it.state !== 'approved' && it.state !== 'open') return world;
      const eligible = new Map(PEOPLE.map((person) => [person, !world.demoted.has(person)]));
      const { reached } = quorumAtStart(it, eligible);
      return { ...world, request: { ...it, state: reached ? 'started' : 'open' } };
    }
    default:
      return assertNever(event.kind);
  }
}

it('in any order of clicks nothing is approved or starts unconfirmed, or confirmed by anybody else or for another plan', () => {
  const asked = fc.constantFrom<Asks>(
    { kind: 'click' },
    { kind: 'typed', reason: false },
    { kind: 'typed', reason: true },
  );
  let [approved, started, expired, refusedStarts] = [0, 0, 0, 0];
  fc.assert(
    fc.property(asked, fc.integer({ min: 0, max: 2 }), fc.array(event, { maxLength: 40 }), (asks, quorum, events) => {
      const unconfirmed = { asks, of: 'site', name: 'acme' } as const;
      let world: World = { request: request({ quorum, unconfirmed }), minute: 0, demoted: new Set(), given: [] };
      for (const one of events) {
        const before = world.request.state;
        world = apply(world, asks, one);
        const { state, generation, votes } = world.request;
        refusedStarts += Number(one.kind === 'start' && before === 'open' && state === 'open');
        if (state !== 'approved' && state !== 'started') {
          expired += Number(state === 'expired' && before !== 'expired');
          continue;
        }
        const mine = world.given.filter((given) => given.generation === generation);
        expect(mine.map(({ by }) => by)).toEqual(['U0REQ']);
        if (asks.kind === 'typed') expect(mine[0]?.event.name).toBe('acme');
        if (asks.kind === 'typed' && asks.reason) expect(mine[0]?.event.reason).not.toBeNull();
        const standing = votes.filter((v) => !v.withdrawn && v.generation === generation && v.person !== 'U0REQ');
        expect(new Set(standing.map((v) => v.person)).size).toBeGreaterThanOrEqual(quorum);
        approved += Number(state === 'approved' && before !== 'approved');
        started += Number(state === 'started' && before !== 'started');
      }
    }),
    { numRuns: 10_000 },
  );
  // Had the walk never come there, the promises above would have been kept by nothing happening.
  for (const count of [approved, started, expired, refusedStarts]) expect(count).toBeGreaterThan(3);
});
