import { describe, expect, it } from 'vitest';
import type { Freeze } from '../../../approvals/freezes.ts';
import { describeRulesDrift, policyOf, rulesOf } from '../../../src/operations/site-policy.ts';
import { config, estate, hostInput, siteInput, siteOf } from '../../support/builders.ts';

const its = estate([hostInput('db1')], [siteInput('acme', 'db1')]);
const freeze: Freeze = {
  id: '7k3m9q2x',
  scope: { kind: 'cluster', name: 'main' },
  from: new Date('2026-03-02T09:00:00Z'),
  until: new Date('2026-03-02T12:00:00Z'),
  reason: 'audit',
  by: 'U0ADM',
};
const policy = (change: object = {}, freezes: readonly Freeze[] = []) => {
  const found = policyOf(config, its, siteOf(its, 'acme'), freezes);
  return { ...found, policy: { ...found.policy, ...change } };
};

describe('bound rules', () => {
  const rules = rulesOf(policy(), 'routine');

  it('differ when what decides differs, and in nothing else', () => {
    expect(describeRulesDrift(rules, rulesOf(policy(), 'routine'))).toEqual([]);
    expect(describeRulesDrift(rules, rulesOf(policy({ decide_within: 1 }, [freeze]), 'routine'))).toEqual([]);
    expect(describeRulesDrift(rules, rulesOf(policy({ quorum: 3 }), 'routine'))).toEqual(['quorum: 2 → 3']);
    expect(describeRulesDrift(rules, rulesOf(policy({ requester_counts: true }), 'routine'))).toEqual([
      'requester counts: no → yes',
    ]);
    expect(describeRulesDrift(rules, rulesOf(policy(), 'disruptive'))).toEqual(['risk: routine → disruptive']);
    const { calendar } = policy();
    const longer = calendar && { ...calendar, working_hours: [[{ from: 0, to: 1440 }]], freezes: [] };
    expect(describeRulesDrift(rules, rulesOf({ ...policy(), calendar: longer }, 'routine')).join()).toMatch(
      /^working hours: Mon 09:00-18:00, .*Fri 09:00-18:00 → Mon 00:00-24:00$/,
    );
  });
});
