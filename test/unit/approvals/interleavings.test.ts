import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { castVote } from '../../../approvals/machine.ts';
import { toRequest } from '../../../src/operations/gate.ts';
import { step } from '../../support/approval-events.ts';
import {
  ACTS,
  begin,
  type Event,
  momentOf,
  PEOPLE,
  REQUESTER,
  type Settings,
  type World,
} from '../../support/approval-world.ts';
import { DENIAL, later, voter } from '../../support/builders.ts';

/** Enough for every pair of acts to follow one another thousands of times. */
const WALKS = 200_000;
const LONGEST = 32;

/** The same number gives the same walk, and a shorter walk is the beginning of a longer one: a failure shrinks to its first steps. */
function* eventsOf(seed: number, length: number): Generator<Event> {
  let state = seed >>> 0;
  const below = (limit: number) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  for (let n = 0; n < length; n += 1)
    yield { act: ACTS[below(ACTS.length)] ?? 'wait', person: PEOPLE[below(PEOPLE.length)] ?? '', minutes: below(40) };
}

const settings = fc.record<Settings>({
  risk: fc.constantFrom('routine', 'disruptive', 'break-glass'),
  asProduction: fc.boolean(),
  quorum: fc.integer({ min: 1, max: 3 }),
  requesterCounts: fc.boolean(),
  emergency: fc.boolean(),
  destroys: fc.boolean(),
  minute: fc.integer({ min: 0, max: 119 }),
});
const walk = fc.record({ its: settings, seed: fc.integer(), length: fc.integer({ min: 1, max: LONGEST }) });

/** The policy table again, written from the promise and not from the code. */
function needs(world: World): 'nothing' | 'quorum' | 'window' {
  const { risk, asProduction, emergency } = world.settings;
  const moment = momentOf(world.minute, world.frozen).kind;
  if (risk === 'break-glass') return 'quorum';
  if (!asProduction) return 'nothing';
  if (risk === 'routine') return moment === 'working' ? 'nothing' : 'quorum';
  return (moment === 'working' || moment === 'freeze') && !emergency ? 'window' : 'quorum';
}

/** What the requester has to confirm, written from the promise: one click, or the name, or the name and a reason. */
function isConfirmed(world: World): boolean {
  const { risk, asProduction, destroys } = world.settings;
  const moment = momentOf(world.minute, world.frozen).kind;
  const given = world.operation.confirmed;
  if (risk === 'break-glass' && asProduction && moment !== 'outside')
    return given?.typed === true && given.reason !== null;
  if (risk === 'break-glass' || destroys) return given?.typed === true;
  return risk !== 'disruptive' || asProduction || given !== null;
}

/** People who stand behind what would run, by the rows alone. */
function supporters({ operation, votes }: World): Set<string> {
  return new Set(
    votes
      .filter(
        (one) =>
          one.verdict === 'approve' && one.generation === operation.generation && !one.withdrawnAt && !one.voidReason,
      )
      .map((one) => one.person),
  );
}

/** What must hold of every single event, whatever came before. Answers what happened, for the count. */
function judge(before: World, event: Event): { after: World; happened: string } {
  const { world: after, change, verdict } = step(before, event);
  const [was, is] = [before.operation, after.operation];
  const fail = (promise: string) => {
    throw new Error(`${promise}: ${JSON.stringify({ event, was, is, votes: after.votes })}`);
  };
  for (const one of after.votes) {
    if (one.person === 'U0OUT' || one.person === 'U0GUEST') fail('nobody votes without a right to');
    if (
      one.person === REQUESTER &&
      one.verdict === 'approve' &&
      !before.settings.requesterCounts &&
      !before.requesterCounts
    )
      fail('the requester never approves unless configured');
  }
  if (['denied', 'expired', 'cancelled', 'running'].includes(was.state) && is.state !== was.state)
    fail('what has ended or started stays so');
  if (change?.kind === 'vote' && change.verdict === 'deny' && is.state !== 'denied')
    fail('a denial ends it until the claim');
  if (
    event.act === 'confirm wrongly' &&
    change !== null &&
    toRequest(was, before.votes).unconfirmed?.asks.kind === 'typed'
  )
    fail('a wrong name confirms nothing');
  const agrees = change?.kind === 'confirm' || (change?.kind === 'vote' && change.verdict === 'approve');
  if (agrees && (before.card.planHash !== was.planHash || before.card.generation !== was.generation))
    fail('nobody agrees to a plan that their card did not show');
  if (change?.kind === 'confirm' && event.person !== REQUESTER) fail('only the requester confirms');
  if (change !== null && change.kind !== 'withdraw' && change.becomes === 'approved') {
    const besides = [...supporters(after)].filter((person) => person !== REQUESTER || was.requesterCounts);
    if (besides.length < was.quorum) fail('nothing counts as approved below its quorum');
  }
  if (verdict?.kind === 'start') {
    if (was.state !== 'queued') fail('it starts once, and only from the queue');
    if (before.gathered?.plan.steps[0]?.params.version !== was.plan.steps[0]?.params.version)
      fail('what runs is what was approved');
    if (was.startBy !== null && later(before.minute) >= was.startBy) fail('nothing starts after its time');
    if (!isConfirmed(before)) fail('nothing starts before the requester has confirmed what has to be confirmed');
    const need = needs(before);
    if (need === 'window') fail('nothing starts outside its window');
    if (need === 'quorum') {
      const valid = [...supporters(before)].filter(
        (person) => before.gathered?.eligible.get(person) === true && (person !== REQUESTER || before.requesterCounts),
      );
      if (valid.length < before.quorum) fail('never fewer than the quorum of distinct eligible people');
      if (before.votes.some((one) => one.verdict === 'deny' && one.generation === was.generation && !one.withdrawnAt))
        fail('a denial beats any number of approvals');
    }
  }
  return { after, happened: verdict?.kind ?? (is.state === was.state ? 'nothing' : is.state) };
}

describe('P1 P2 any order of clicks, deadlines, drift, freezes, clock jumps, lost roles and crashes', () => {
  it(`keeps every promise in ${WALKS} random walks`, { timeout: 120_000 }, () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(walk, ({ its, seed, length }) => {
        let world = begin(its);
        let starts = 0;
        for (const event of eventsOf(seed, length)) {
          const { after, happened } = judge(world, event);
          starts += Number(happened === 'start');
          seen.set(happened, (seen.get(happened) ?? 0) + 1);
          if (starts > 1) throw new Error('it started twice');
          world = after;
        }
      }),
      { numRuns: WALKS },
    );
    // Had the walks never come there, the promises above would have been kept by nothing happening.
    for (const happened of [
      'start',
      'drift',
      'reopen',
      'end',
      'ignore',
      'queued',
      'awaiting',
      'denied',
      'expired',
      'cancelled',
    ])
      expect(seen.get(happened) ?? 0, happened).toBeGreaterThan(50);
  });

  it('a denial by anybody who may deny ends it from every state before the start', () => {
    fc.assert(
      fc.property(walk, ({ its, seed, length }) => {
        let world = begin(its);
        for (const event of eventsOf(seed, length)) world = step(world, event).world;
        const asked = toRequest(world.operation, world.votes);
        const now = later(world.minute);
        const open = asked.state === 'approved' || (asked.state === 'open' && now < asked.decideBy);
        const denial = castVote(asked, voter('U0NEW'), DENIAL, now);
        expect(denial.ok && denial.value.kind === 'vote' && denial.value.becomes === 'denied').toBe(open);
      }),
      { numRuns: 2_000 },
    );
  });
});
