import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../approvals/policy.ts';
import { judgeClaim } from '../../../src/operations/gate.ts';
import { type Occupant, type RoomFacts, takesRoom, whenRoom } from '../../../src/operations/host-room.ts';
import { hostsOf } from '../../../src/operations/plan.ts';
import type { OperationRecord } from '../../../src/operations/records.ts';
import { later, operation, plan, plannedStep, policyFacts, T0, voteRecord } from '../../support/builders.ts';

const host = (name: string, atOnce = 1, address = `${name}.example.com`, port = 22) => ({
  name,
  address,
  port,
  disruptive_at_once: atOnce,
});
const occupant = (id: string, hosts: readonly string[], more: Partial<Occupant> = {}): Occupant => ({
  id,
  command: 'upgrade',
  site: `site-${id}`,
  hosts,
  ...more,
});
const on = (...hosts: readonly string[]) => ({
  plan: plan({ steps: hosts.map((one) => plannedStep({ host: one })), cleanup: [] }),
});

describe('room on a host', () => {
  const cases: readonly [string, { plan: OperationRecord['plan'] }, RoomFacts, readonly string[] | 'start'][] = [
    ['nobody runs there', on('app1'), { occupants: [], hosts: [host('app1')] }, 'start'],
    ['one runs there', on('app1'), { occupants: [occupant('a', ['app1'])], hosts: [host('app1')] }, ['a']],
    ['one runs elsewhere', on('app1'), { occupants: [occupant('a', ['app2'])], hosts: [host('app1')] }, 'start'],
    ['one of two runs there', on('app1'), { occupants: [occupant('a', ['app1'])], hosts: [host('app1', 2)] }, 'start'],
    [
      'more run there than may, because the number was made smaller meanwhile',
      on('app1'),
      { occupants: [occupant('a', ['app1']), occupant('b', ['db1', 'app1'])], hosts: [host('app1', 1)] },
      ['a', 'b'],
    ],
    [
      'one runs on the second of its hosts',
      on('app1', 'db1'),
      { occupants: [occupant('a', ['db1'])], hosts: [host('app1'), host('db1')] },
      ['a'],
    ],
    [
      'only its cleaning up comes to that host',
      { plan: plan({ steps: [plannedStep({ host: '' })], cleanup: [plannedStep({ host: 'db1' })] }) },
      { occupants: [occupant('a', ['db1'])], hosts: [host('db1')] },
      ['a'],
    ],
    [
      'nothing of it runs on a host',
      on('', ''),
      { occupants: [occupant('a', ['app1'])], hosts: [host('app1')] },
      'start',
    ],
    [
      'one runs on the same machine under another name',
      on('app1'),
      { occupants: [occupant('a', ['web1'])], hosts: [host('app1', 1, '10.0.0.5'), host('web1', 1, '10.0.0.5')] },
      ['a'],
    ],
    [
      'one runs behind another port of the same address',
      on('app1'),
      { occupants: [occupant('a', ['web1'])], hosts: [host('app1', 1, '10.0.0.5'), host('web1', 1, '10.0.0.5', 2222)] },
      'start',
    ],
    [
      'the two names of a machine allow another number: the smaller one holds',
      on('app1'),
      { occupants: [occupant('a', ['web1'])], hosts: [host('app1', 3, '10.0.0.5'), host('web1', 1, '10.0.0.5')] },
      ['a'],
    ],
  ];
  it.each(cases)('%s', (_name, asked, facts, expected) => {
    const verdict = whenRoom({ kind: 'start' }, asked, facts);
    expect(verdict.kind === 'wait' ? verdict.behind : verdict.kind).toEqual(expected);
  });

  it('P10 says on which host it waits, for what, and how many may run there', () => {
    const words = (asked: Parameters<typeof whenRoom>[1], facts: RoomFacts) => {
      const verdict = whenRoom({ kind: 'start' }, asked, facts);
      return verdict.kind === 'wait' ? verdict.reason : verdict.kind;
    };
    const one = occupant('7k3m9q2x', ['app1'], { site: 'acme-2', command: 'restore' });
    expect(words(on('app1'), { occupants: [one], hosts: [host('app1')] })).toBe(
      'It waits for room on the host app1, where one disruptive operation may run at a time. Now: operation 7k3m9q2x (restore acme-2).',
    );
    const many = ['a', 'b', 'c', 'd', 'e'].map((id) => occupant(id, ['app1', 'db1'], { site: 'host:app1' }));
    expect(words(on('app1', 'db1'), { occupants: many, hosts: [host('app1', 4), host('db1', 2)] })).toBe(
      'It waits for room on the host app1, where 4 disruptive operations may run at a time. Now: operation a (upgrade host app1), ' +
        'operation b (upgrade host app1), operation c (upgrade host app1), 2 more. db1: no room either.',
    );
    const everywhere = Array.from({ length: 30 }, (_, n) => `app${n}`);
    expect(
      words(on(...everywhere), { occupants: [occupant('a', everywhere)], hosts: everywhere.map((name) => host(name)) }),
    ).toMatch(/Now: operation a \(upgrade site-a\)\. app1, app2, app3, 26 more: no room either\.$/);
  });

  it('is needed by what is disruptive or break-glass, and by what nobody has written a risk of', () => {
    const needs = (rules: OperationRecord['rules']) => takesRoom(operation({ rules }));
    expect([needs({ risk: 'disruptive' }), needs({ risk: 'break-glass' }), needs({ risk: 'routine' })]).toEqual([
      true,
      true,
      false,
    ]);
    expect([needs(null), needs({})]).toEqual([true, true]);
  });

  it('P1 P2 is asked for last: what may not start any more does not wait for room', () => {
    const its = operation({ state: 'queued', rules: { risk: 'disruptive' } });
    const room = { occupants: [occupant('a', ['db1'])], hosts: [host('db1')] };
    const judged = (
      verdict: Verdict,
      change: { now?: Date; eligible?: boolean; fresh?: OperationRecord['plan'] } = {},
    ) => {
      const eligible = new Map(['U0APA', 'U0APB'].map((person) => [person, change.eligible ?? true]));
      const facts = {
        operation: its,
        votes: [voteRecord('U0APA'), voteRecord('U0APB')],
        freezes: [],
        now: change.now ?? T0,
      };
      const asked = { verdict, inputs: policyFacts(), rules: { risk: 'disruptive' }, requesterCounts: false };
      const fresh = { plan: change.fresh ?? its.plan, eligible, requester: null };
      return whenRoom(
        judgeClaim(facts, fresh, () => asked, 1),
        its,
        room,
      ).kind;
    };
    const votes: Verdict = { kind: 'votes', quorum: 2, typedName: false, why: 'Outside working hours.' };
    expect(judged(votes)).toBe('wait');
    expect(judged({ kind: 'hold', quorum: 2, until: later(60), why: 'A freeze.' })).toBe('reopen');
    expect(judged(votes, { now: later(240) })).toBe('end');
    expect(judged(votes, { eligible: false })).toBe('reopen');
    expect(judged(votes, { fresh: plan({ effects: ['Something else.'] }) })).toBe('drift');
  });
});

describe('any order of starts and ends', () => {
  const NAMES = ['h0', 'h1', 'h2', 'h3'] as const;
  const world = fc.record({
    // Few addresses, so that hosts often are one machine.
    hosts: fc.tuple(
      ...NAMES.map((name) =>
        fc.record({
          name: fc.constant(name),
          atOnce: fc.integer({ min: 1, max: 3 }),
          address: fc.integer({ min: 0, max: 3 }),
        }),
      ),
    ),
    plans: fc.array(fc.subarray([...NAMES], { minLength: 1 }), { minLength: 2, maxLength: 8 }),
    acts: fc.array(fc.record({ operation: fc.nat(7), ends: fc.boolean() }), { maxLength: 40 }),
  });

  it('never runs more on a machine than each of its hosts allows, and makes nobody wait without need', () => {
    const seen = { start: 0, wait: 0 };
    fc.assert(
      fc.property(world, ({ hosts, plans, acts }) => {
        const known = hosts.map(({ name, atOnce, address }) => host(name, atOnce, `10.0.0.${address}`));
        const machineOf = new Map<string, number>(hosts.map(({ name, address }) => [name, address]));
        const machinesOf = (its: readonly string[]) => new Set(its.map((name) => machineOf.get(name)));
        const running = new Map<number, readonly string[]>();
        const load = (machine: number | undefined) =>
          [...running.values()].filter((its) => machinesOf(its).has(machine)).length;
        const atMost = (machine: number | undefined) =>
          Math.min(...hosts.filter((one) => one.address === machine).map((one) => one.atOnce));
        for (const act of acts) {
          const n = act.operation % plans.length;
          if (running.has(n)) {
            if (act.ends) running.delete(n);
            continue;
          }
          const asked = on(...(plans[n] ?? []));
          const occupants = [...running].map(([id, its]) => occupant(String(id), its));
          const verdict = whenRoom({ kind: 'start' }, asked, { occupants, hosts: known });
          const full = [...machinesOf(hostsOf(asked.plan))].filter((one) => load(one) >= atMost(one));
          if (verdict.kind === 'start') {
            seen.start += 1;
            expect(full).toEqual([]);
            running.set(n, hostsOf(asked.plan));
          } else {
            seen.wait += 1;
            const there = [...running].filter(([, its]) => full.some((one) => machinesOf(its).has(one)));
            expect(verdict).toMatchObject({ kind: 'wait' });
            expect(verdict.kind === 'wait' && verdict.behind.toSorted()).toEqual(
              there.map(([id]) => String(id)).toSorted(),
            );
            expect(there.length).toBeGreaterThan(0);
          }
        }
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(seen.start, seen.wait)).toBeGreaterThan(1_000);
  });
});
