import { describe, expect, it } from 'vitest';
import { stricter, targetOfKey } from '../../../src/estate/target.ts';
import { keyInWords, keyOf, readKey } from '../../../src/estate/thing.ts';
import { policyOfTarget } from '../../../src/operations/site-policy.ts';
import { config, estate, hostInput, siteInput } from '../../support/builders.ts';

const its = estate(
  [
    hostInput('bastion'),
    hostInput('app1', { jump: 'bastion' }),
    hostInput('app1-alias', { address: 'app1.example.com' }),
    hostInput('db1'),
    hostInput('stage'),
    hostInput('idle'),
  ],
  [
    siteInput('acme', 'app1', { database: { host: 'db1.example.com', name: 'app', user: 'backup' } }),
    siteInput('blue', 'stage', { environment: 'staging' }),
  ],
);
const target = (key: string) => {
  const found = targetOfKey(its, key);
  return found && [found.environment, found.asProduction, found.sites.map((site) => site.name)];
};

describe('what an operation works on', () => {
  it.each([
    ['acme', ['production', true, ['acme']]],
    ['blue', ['staging', false, ['blue']]],
    ['host:app1', ['production', true, ['acme']]],
    ['host:app1-alias', ['production', true, ['acme']]],
    ['host:bastion', ['production', true, ['acme']]],
    ['host:db1', ['production', true, ['acme']]],
    ['host:stage', ['staging', false, ['blue']]],
    ['host:idle', ['no site', false, []]],
    ['cluster:main', ['production', true, ['acme', 'blue']]],
    ['host:acme', null],
    ['cluster:blue', null],
    ['nothing', null],
  ])('%s is derived from the estate alone', (key, expected) => {
    expect(target(key)).toEqual(expected);
  });

  it('is production when only something shares a machine with production', () => {
    const shared = estate(
      [hostInput('one'), hostInput('two', { address: 'one.example.com' })],
      [siteInput('acme', 'one'), siteInput('blue', 'two', { environment: 'staging' })],
    );
    expect(targetOfKey(shared, 'blue')).toMatchObject({ environment: 'staging', asProduction: true });
    expect(targetOfKey(shared, 'host:two')).toMatchObject({ asProduction: true });
  });

  it('says what is shared, and on a host or in a cluster by which site', () => {
    const database = { database: { host: 'pg.example.com', port: 5432, name: 'app', user: 'backup' } };
    const shared = estate(
      [hostInput('one'), hostInput('two')],
      [siteInput('acme', 'one', database), siteInput('blue', 'two', { environment: 'staging', ...database })],
    );
    const sharing = { what: 'PostgreSQL cluster', site: 'acme' };
    expect(targetOfKey(shared, 'blue')?.sharing).toEqual({ ...sharing, who: null });
    expect(targetOfKey(shared, 'host:two')?.sharing).toEqual({ ...sharing, who: 'blue' });
    expect(targetOfKey(shared, 'host:one')?.sharing).toBeNull();
  });

  it('counts as the stricter of before and after a change', () => {
    const [production, staging] = [targetOfKey(its, 'acme'), targetOfKey(its, 'blue')];
    expect(stricter(staging, production)).toBe(production);
    expect(stricter(production, staging)).toBe(production);
    expect(stricter(null, staging)).toBe(staging);
    expect(stricter(staging, null)).toBe(staging);
    expect(stricter(null, null)).toBeNull();
  });

  it('has a key that no site can have', () => {
    expect(keyOf('site', 'acme')).toBe('acme');
    expect(readKey('host:acme-app')).toEqual({ kind: 'host', name: 'acme-app' });
    expect(readKey('acme')).toEqual({ kind: 'site', name: 'acme' });
    expect(keyInWords('cluster:acme')).toBe('cluster acme');
  });
});

describe('the policy of a host or a cluster', () => {
  const policy = (key: string, calendars: readonly (string | undefined)[] = [], frozen: string | null = null) => {
    const found = targetOfKey(its, key);
    if (!found) throw new Error(`no ${key}`);
    const sites = found.sites.map((site, at) => {
      const calendar = calendars[at];
      return calendar === undefined ? site : { ...site, calendar };
    });
    const freezes =
      frozen === null
        ? []
        : [
            {
              id: '7k3m9q2x',
              scope: { kind: 'site' as const, name: frozen },
              from: new Date('2026-03-02T09:00:00Z'),
              until: new Date('2026-03-02T12:00:00Z'),
              reason: 'audit',
              by: 'U0ADM',
            },
          ];
    return policyOfTarget(config, { ...found, sites }, freezes);
  };

  it('is production’s as soon as one of its sites is', () => {
    expect(policy('cluster:main')).toMatchObject({
      asProduction: true,
      policy: config.policy.production,
      problem: null,
    });
    expect(policy('host:stage')).toMatchObject({ asProduction: false, policy: config.policy.staging });
    expect(policy('host:idle')).toMatchObject({ asProduction: false, policy: { quorum: 2 } });
  });

  it('is always approved first when its sites follow different calendars', () => {
    const mixed = policy('cluster:main', ['office', 'night']);
    expect(mixed.calendar).toBeNull();
    expect(mixed.problem).toContain('different calendars (office, night)');
  });

  it('is frozen when one of its sites is', () => {
    expect(policy('host:bastion', [], 'acme').calendar?.frozen).toHaveLength(1);
    expect(policy('host:bastion', [], 'blue').calendar?.frozen).toHaveLength(0);
  });
});
