import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Voter } from '../../../approvals/request.ts';
import {
  expiresSoon,
  hashDefinition,
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
import { later, voter } from '../../support/builders.ts';

const definition = {
  command: 'backup',
  args: { site: 'acme' },
  site: 'acme',
  cron: '30 2 * * *',
  zone: 'Europe/Berlin',
};
const rules = { risk: 'routine', quorum: '2' };
const terms: StandingTerms = { definition, rules };
const DAY = 24 * 60;

function standing(change: Partial<Standing> = {}): Standing {
  return {
    ...terms,
    id: '7k3m9q2x',
    requester: 'U0REQ',
    requesterCounts: false,
    quorum: 2,
    state: 'open',
    decideBy: later(60),
    expiresAt: null,
    votes: [],
    ...change,
  };
}
const approved = (...people: string[]) =>
  people.map((person) => ({ person, verdict: 'approve', withdrawn: false }) as const);
const active = (change: Partial<Standing> = {}) =>
  standing({ state: 'active', expiresAt: later(90 * DAY), votes: approved('U0APA', 'U0APB'), ...change });

const outcome = (judged: ReturnType<typeof voteOnStanding>) =>
  judged.ok ? `${judged.value.kind} ${judged.value.becomes}` : judged.error.code;

describe('P1 votes on a standing approval', () => {
  it.each<[string, Standing, Voter, 'approve' | 'deny', string]>([
    ['the first', standing(), voter('U0APA'), 'approve', 'vote open'],
    ['the one that completes it', standing({ votes: approved('U0APA') }), voter('U0APB'), 'approve', 'vote active'],
    ['the same person again', standing({ votes: approved('U0APA') }), voter('U0APA'), 'approve', 'already_voted'],
    ['the requester', standing(), voter('U0REQ'), 'approve', 'self_approval'],
    ['the requester who counts', standing({ requesterCounts: true }), voter('U0REQ'), 'approve', 'vote open'],
    ['no approver', standing(), voter('U0OUT', { approver: false }), 'approve', 'not_approver'],
    ['a guest', standing(), voter('U0G', { fullMember: false }), 'approve', 'foreign_user'],
    ['a denial', standing({ votes: approved('U0APA') }), voter('U0APB'), 'deny', 'vote denied'],
    ['the requester takes it back', standing(), voter('U0REQ', { approver: false }), 'deny', 'vote denied'],
    ['on an active one', active(), voter('U0APC'), 'approve', 'request_closed'],
    ['a denial of an active one', active(), voter('U0APC'), 'deny', 'request_closed'],
    [
      'on a suspended one',
      active({ state: 'suspended', votes: approved('U0APA') }),
      voter('U0APC'),
      'approve',
      'vote active',
    ],
    ['on one that is too late', standing({ decideBy: later(-1) }), voter('U0APA'), 'approve', 'expire expired'],
    [
      'on a suspended one whose time is over',
      active({ state: 'suspended', expiresAt: later(0) }),
      voter('U0APC'),
      'approve',
      'expire expired',
    ],
    ['on one that has ended', standing({ state: 'void' }), voter('U0APA'), 'approve', 'request_closed'],
  ])('%s', (_name, its, by, verdict, expected) => {
    expect(outcome(voteOnStanding(its, by, verdict, its, later(0)))).toBe(expected);
  });

  it('a vote that is withdrawn suspends an active one, and counts no more', () => {
    expect(outcome(withdrawFromStanding(active(), voter('U0APA'), later(5)))).toBe('withdraw suspended');
    const one = standing({ votes: approved('U0APA') });
    expect(outcome(withdrawFromStanding(one, voter('U0APA'), later(5)))).toBe('withdraw open');
    expect(outcome(withdrawFromStanding(one, voter('U0APB'), later(5)))).toBe('request_closed');
    expect(outcome(withdrawFromStanding(active({ state: 'revoked' }), voter('U0APA'), later(5)))).toBe(
      'request_closed',
    );
  });

  it('any approver or admin revokes it, with a reason', () => {
    const by = (change: object) => ({ ...voter('U0APC'), admin: false, ...change });
    expect(outcome(revokeStanding(active(), by({}), 'why'))).toBe('revoke revoked');
    expect(outcome(revokeStanding(active(), by({ approver: false, admin: true }), 'why'))).toBe('revoke revoked');
    expect(outcome(revokeStanding(active(), by({ approver: false }), 'why'))).toBe('not_allowed');
    expect(outcome(revokeStanding(active(), by({ fullMember: false }), 'why'))).toBe('foreign_user');
    expect(outcome(revokeStanding(active(), by({}), ' '))).toBe('bad_arguments');
    expect(outcome(revokeStanding(active({ state: 'expired' }), by({}), 'why'))).toBe('request_closed');
  });
});

describe('P2 what a standing approval is bound to', () => {
  const everybody = new Map(['U0APA', 'U0APB', 'U0REQ'].map((person) => [person, true]));

  it.each<[string, object]>([
    ['command: backup → restore', { command: 'restore' }],
    ['site: acme → blue', { site: 'blue' }],
    ['cron: 30 2 * * * → 30 3 * * *', { cron: '30 3 * * *' }],
    ['zone: Europe/Berlin → UTC', { zone: 'UTC' }],
    ['argument site: acme → blue', { args: { site: 'blue' } }],
    ['argument folder: (none) → x', { args: { site: 'acme', folder: 'x' } }],
  ])('any change of the definition voids it and is named: %s', (words, change) => {
    const other = { definition: { ...definition, ...change }, rules };
    expect(hashDefinition(other.definition)).not.toBe(hashDefinition(definition));
    for (const its of [active(), standing(), active({ state: 'suspended' })]) {
      const lapse = standingLapse(its, other, later(5));
      expect(lapse).toMatchObject({ kind: 'void', reason: expect.stringContaining(words) });
    }
    expect(outcome(standingAtStart(active(), other, everybody, later(5)))).toBe('void void');
    expect(outcome(voteOnStanding(standing(), voter('U0APA'), 'approve', other, later(5)))).toBe('void void');
  });

  it('so does another policy, and what is not there any more', () => {
    const stricter = { definition, rules: { ...rules, quorum: '3' } };
    expect(standingLapse(active(), stricter, later(5))).toMatchObject({
      reason: expect.stringContaining('quorum: 2 → 3'),
    });
    expect(standingLapse(active(), { definition, rules: {} }, later(5))).toMatchObject({ kind: 'void' });
  });

  it('its hash does not depend on the order of keys', () => {
    const { zone, cron, ...rest } = definition;
    expect(hashDefinition({ zone, cron, ...rest })).toBe(hashDefinition(definition));
  });

  it.each<[string, Standing, Record<string, boolean>, number, string]>([
    ['both still approve', active(), { U0APA: true, U0APB: true }, 5, 'use active'],
    ['one has lost the role', active(), { U0APA: true, U0APB: false }, 5, 'suspend suspended'],
    ['nobody knows one of them', active(), { U0APA: true }, 5, 'suspend suspended'],
    ['its time is over', active(), { U0APA: true, U0APB: true }, 90 * DAY, 'expire expired'],
    ['it is suspended', active({ state: 'suspended' }), { U0APA: true, U0APB: true }, 5, 'request_closed'],
    ['it was never approved', standing(), {}, 5, 'request_closed'],
    ['it was revoked', active({ state: 'revoked' }), { U0APA: true, U0APB: true }, 5, 'request_closed'],
    [
      'the requester counts',
      active({ requesterCounts: true, votes: approved('U0REQ', 'U0APA') }),
      { U0REQ: true, U0APA: true },
      5,
      'use active',
    ],
  ])('at a use: %s', (_name, its, eligible, minute, expected) => {
    expect(outcome(standingAtStart(its, terms, new Map(Object.entries(eligible)), later(minute)))).toBe(expected);
  });

  it('names who may not approve any more, and how many are missing', () => {
    const judged = standingAtStart(active(), terms, new Map([['U0APA', true]]), later(5));
    expect(judged).toMatchObject({
      value: { voided: ['U0APB'], reason: '<@U0APB> may not approve any more, so 1 more to approve.' },
    });
  });

  it('is announced in its last week, while it lives', () => {
    expect(expiresSoon(active(), later(83 * DAY - 1))).toBe(false);
    expect(expiresSoon(active(), later(83 * DAY))).toBe(true);
    expect(expiresSoon(active({ state: 'suspended' }), later(84 * DAY))).toBe(true);
    expect(expiresSoon(active(), later(90 * DAY))).toBe(false);
    expect(expiresSoon(active({ state: 'revoked' }), later(84 * DAY))).toBe(false);
    expect(expiresSoon(standing(), later(84 * DAY))).toBe(false);
  });
});

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
      ? [...rest, { person, verdict: change.verdict, withdrawn: false }]
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
