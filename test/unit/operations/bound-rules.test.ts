import { describe, expect, it } from 'vitest';
import { describeRulesDrift, rulesOf } from '../../../src/operations/site-policy.ts';
import { FREEZE, policyOfAcme } from '../../support/builders.ts';

describe('bound rules', () => {
  const rules = rulesOf(policyOfAcme(), 'routine');

  it('differ when what decides differs, and in nothing else', () => {
    expect(describeRulesDrift(rules, rulesOf(policyOfAcme(), 'routine'))).toEqual([]);
    expect(describeRulesDrift(rules, rulesOf(policyOfAcme({ decide_within: 1 }, [FREEZE]), 'routine'))).toEqual([]);
    expect(describeRulesDrift(rules, rulesOf(policyOfAcme({ quorum: 3 }), 'routine'))).toEqual(['quorum: 2 → 3']);
    expect(describeRulesDrift(rules, rulesOf(policyOfAcme({ requester_counts: true }), 'routine'))).toEqual([
      'requester counts: no → yes',
    ]);
    expect(describeRulesDrift(rules, rulesOf(policyOfAcme(), 'disruptive'))).toEqual(['risk: routine → disruptive']);
    const { calendar } = policyOfAcme();
    const longer = calendar && { ...calendar, working_hours: [[{ from: 0, to: 1440 }]], freezes: [] };
    expect(describeRulesDrift(rules, rulesOf({ ...policyOfAcme(), calendar: longer }, 'routine')).join()).toMatch(
      /^working hours: Mon 09:00-18:00, .*Fri 09:00-18:00 → Mon 00:00-24:00$/,
    );
  });
});
