import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/kernel/canonical.ts';
import { describeDrift, destroyedBy, hashPlan, type Plan } from '../../../src/operations/plan.ts';
import { plan, plannedStep } from '../../support/builders.ts';

/** The same value with the keys of every object in another order. */
function shuffled<T>(value: T): T;
function shuffled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner: unknown) => shuffled(inner));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, inner]) => [key, shuffled(inner)]),
  );
}

const base = plan();
const [first = plannedStep(), second = plannedStep()] = base.steps;
const [tidy = plannedStep()] = base.cleanup;

/** Every field of a plan changed once, and a word by which the change has to be told. */
const CHANGES: [string, Plan, RegExp][] = [
  ['the command', plan({ command: 'restore' }), /^command: backup → restore$/],
  ['an argument', plan({ args: { site: 'blue' } }), /^argument site: acme → blue$/],
  ['a new argument', plan({ args: { site: 'acme', from: 'x' } }), /^argument from: \(absent\) → x$/],
  ['the site', plan({ site: 'blue' }), /^site: acme → blue$/],
  ['the environment', plan({ environment: 'staging' }), /^environment: production → staging$/],
  ['the lock', plan({ lock: 'other' }), /^lock: acme → other$/],
  ['an effect', plan({ effects: ['Removes everything.'] }), /^effects: Reads the database\. → Removes everything\.$/],
  ['one step less', plan({ steps: [first] }), /^steps: backup\.prepare, db\.dump → backup\.prepare$/],
  ['the order of steps', plan({ steps: [second, first] }), /^steps: .* → db\.dump, backup\.prepare$/],
  ['a step’s title', plan({ steps: [first, { ...second, title: 'Drop' }] }), /^step 2 db\.dump title: Dump → Drop$/],
  ['a step’s host', plan({ steps: [first, { ...second, host: 'db2' }] }), /^step 2 db\.dump host: db1 → db2$/],
  ['a parameter', plan({ steps: [first, { ...second, params: { jobs: '4' } }] }), /^step 2 db\.dump jobs: 2 → 4$/],
  ['a parameter less', plan({ steps: [first, { ...second, params: {} }] }), /^step 2 db\.dump jobs: 2 → \(absent\)$/],
  ['a secret', plan({ steps: [first, { ...second, secrets: ['x'] }] }), /^step 2 db\.dump secrets: acme-db → x$/],
  ['no secret', plan({ steps: [first, { ...second, secrets: [] }] }), /secrets: acme-db → \(empty\)$/],
  [
    'what a step destroys',
    plan({ steps: [first, { ...second, destroys: 'all of it' }] }),
    /destroys: \(absent\) → all of it$/,
  ],
  ['no cleanup', plan({ cleanup: [] }), /^cleanup: backup\.discard → \(empty\)$/],
  [
    'a cleanup’s parameter',
    plan({ cleanup: [{ ...tidy, params: { jobs: '9' } }] }),
    /^step 3 backup\.discard jobs: 2 → 9$/,
  ],
];

describe('the hash of a plan', () => {
  it('is the same whatever the order of keys', () => {
    expect(hashPlan(shuffled(base))).toBe(hashPlan(base));
    expect(hashPlan(base)).toMatch(/^[0-9a-f]{64}$/);
  });

  it('survives being stored as JSON', () => {
    expect(hashPlan(JSON.parse(JSON.stringify(base)))).toBe(hashPlan(base));
  });

  it.each(CHANGES)('changes with %s', (_name, other) => {
    expect(hashPlan(other)).not.toBe(hashPlan(base));
  });

  it('is different for every one of them', () => {
    expect(new Set(CHANGES.map(([, other]) => hashPlan(other))).size).toBe(CHANGES.length);
  });

  it('tells values apart that only look alike', () => {
    expect(canonicalJson({ a: '1' })).not.toBe(canonicalJson({ a: 1 }));
    expect(canonicalJson(['a', 'b'])).not.toBe(canonicalJson(['a,b']));
    expect(canonicalJson({ a: 'x', b: 'y' })).not.toBe(canonicalJson({ a: 'x","b":"y' }));
  });

  it('is taken of text that says the same as the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
      { numRuns: 500 },
    );
  });
});

describe('drift', () => {
  it('of equal plans is nothing', () => {
    expect(describeDrift(base, shuffled(base))).toEqual([]);
  });

  it.each(CHANGES)('names %s', (_name, other, told) => {
    expect(describeDrift(base, other)).toContainEqual(expect.stringMatching(told));
    expect(describeDrift(other, base)).not.toEqual([]);
  });

  it('names no more than what changed', () => {
    const other = plan({ environment: 'staging', steps: [first, { ...second, params: { jobs: '4' } }] });
    expect(describeDrift(base, other)).toHaveLength(2);
  });
});

describe('what a plan destroys', () => {
  it('is said by its steps, each thing once', () => {
    const destroys = 'the database acme';
    expect(destroyedBy(base)).toEqual([]);
    const its = plan({
      steps: [first, { ...second, destroys }, { ...first, destroys }],
      cleanup: [{ ...tidy, destroys: 'x' }],
    });
    expect(destroyedBy(its)).toEqual([destroys, 'x']);
  });

  it('changes no hash while it is absent', () => {
    expect(hashPlan(base)).toBe('6ecaba08e54fd4f05093eebe3ee6f25510664e12e9f92545b5eb0343706ef62c');
  });
});
