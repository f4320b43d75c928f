import { describe, expect, it } from 'vitest';
import type { Freeze } from '../../../approvals/freezes.ts';
import type { ConfigFile } from '../../../src/config/schema.ts';
import { targetOfKey } from '../../../src/estate/target.ts';
import { decisionFor, policyOfTarget, UNKNOWN_WORK } from '../../../src/operations/site-policy.ts';
import { config, estate, hostInput, siteInput } from '../../support/builders.ts';

/** Monday, eleven o'clock in Berlin. */
const NOON = new Date('2026-03-02T10:00:00Z');
const office = config.calendars.office ?? expect.fail();
const staging = config.policy.staging ?? expect.fail();

describe('a host whose sites follow different calendars', () => {
  const its = estate(
    [hostInput('app1')],
    [siteInput('acme', 'app1'), siteInput('blue', 'app1', { calendar: 'night', site_dir: '/srv/blue' })],
  );
  const freeze: Freeze = {
    id: '7k3m9q2x',
    scope: { kind: 'site', name: 'acme' },
    from: new Date('2026-03-02T09:00:00Z'),
    until: new Date('2026-03-02T12:00:00Z'),
    reason: 'audit',
    by: 'U0ADM',
  };
  const verdict = (night: Partial<typeof office>, freezes: readonly Freeze[]) => {
    const calendars = { office, night: { ...office, ...night } };
    const found = policyOfTarget({ ...config, calendars }, targetOfKey(its, 'host:app1') ?? expect.fail(), freezes);
    expect(found.calendar).toBeNull();
    return decisionFor(found, 'disruptive', NOON, null, UNKNOWN_WORK).verdict;
  };

  it('is changed with approvals at any time', () => {
    expect(verdict({}, [])).toMatchObject({ kind: 'votes', quorum: 2 });
    expect(verdict({}, [{ ...freeze, scope: { kind: 'site', name: 'other' } }])).toMatchObject({ kind: 'votes' });
  });

  it('is frozen all the same, by what somebody declared for one of them', () => {
    expect(verdict({}, [freeze])).toMatchObject({ kind: 'hold', until: freeze.until });
  });

  it('is frozen all the same, by what is planned in one of the calendars', () => {
    const planned = { from: '2026-03-02T10:00', to: '2026-03-02T14:00', reason: 'move' };
    expect(verdict({ freezes: [planned] }, [])).toMatchObject({
      kind: 'hold',
      until: new Date('2026-03-02T13:00:00Z'),
      why: expect.stringContaining('move'),
    });
  });
});

describe('a host whose sites are of different environments', () => {
  const its = estate(
    [hostInput('app1')],
    [
      siteInput('one', 'app1', { environment: 'staging' }),
      siteInput('two', 'app1', { environment: 'test', site_dir: '/srv/two' }),
    ],
  );
  const policy = (environments: ConfigFile['policy']) => {
    const all = { production: config.policy.production ?? expect.fail(), ...environments };
    return policyOfTarget({ ...config, policy: all }, targetOfKey(its, 'host:app1') ?? expect.fail(), []).policy;
  };

  it('P1 is as strict as the strictest of them, in everything that decides who must agree', () => {
    const strict = { requester_counts: false, totp: 'required', emergency: false } as const;
    const lax = { quorum: 2, requester_counts: true, totp: 'optional', emergency: true } as const;
    const [stern, easy] = [
      { ...staging, ...strict },
      { ...staging, ...lax },
    ];
    expect(policy({ staging: easy, test: stern })).toMatchObject({ quorum: 2, ...strict });
    expect(policy({ staging: stern, test: { ...easy, quorum: 3 } })).toMatchObject({ quorum: 3, ...strict });
    expect(policy({ staging: easy, test: easy })).toMatchObject(lax);
  });

  it('P1 holds an environment of which the configuration says nothing for one of the defaults', () => {
    expect(policy({ staging: { ...staging, quorum: 1, requester_counts: true } })).toMatchObject({
      quorum: 2,
      requester_counts: false,
    });
  });
});
