import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Grant } from '../../../src/config/grants.ts';
import { AREAS, HOST_ROLES, RISKS } from '../../../src/config/permission-words.ts';
import { PRESET_NAMES, PRESETS, type PresetName } from '../../../src/config/presets.ts';
import type { RoleName } from '../../../src/config/schema.ts';
import {
  authorise,
  mayLookAt,
  type Permissible,
  requesterStillMay,
  type Standing,
  type Target,
} from '../../../src/operations/authorise.ts';
import { keysSeen, targetsOfPlan } from '../../../src/operations/targets.ts';
import { estate, hostInput, plan, plannedStep, siteInput, siteOf } from '../../support/builders.ts';

const its = estate(
  [
    hostInput('app1', { roles: ['app'] }),
    hostInput('db1', { roles: ['db'] }),
    hostInput('app2', { roles: ['app', 'cache'] }),
  ],
  [siteInput('acme', 'app1'), siteInput('blue', 'app2', { environment: 'staging' })],
);
const [acme, blue] = [siteOf(its, 'acme'), siteOf(its, 'blue')];
const command = (area: Permissible['area'], risk: Permissible['risk'], roles: readonly RoleName[] = ['operator']) =>
  ({ name: `${area} ${risk}`, area, risk, roles }) satisfies Permissible;
const grant = (preset: PresetName, limits: Partial<Grant> = {}): Grant => ({ who: ['U0ONE'], preset, ...limits });
const held = (...grants: Grant[]): Standing => ({ roles: [], grants });
const on = (site: typeof acme, ...hosts: string[]): Target => ({
  kind: 'site',
  site,
  hosts: hosts.length === 0 ? null : hosts.map((name) => its.hosts.get(name) ?? { name, roles: [] }),
});
const may = (standing: Standing, what: Permissible, target: Target) => authorise(standing, what, target) === null;

describe('each preset, by area and environment', () => {
  const R = 'read';
  const RR = 'read routine';
  const RRD = 'read routine disruptive';
  const ALL = 'read routine disruptive break-glass';
  // preset: [site, data, host, estate, monitoring, oversight] on production, then what differs on staging
  const table: [PresetName, string[], Record<string, string>][] = [
    ['infrastructure', [R, R, ALL, RR, RR, ''], {}],
    ['cluster-management', [R, RR, RRD, R, RR, ''], { data: RRD }],
    ['operations-engineer', [ALL, ALL, RR, RR, RR, ''], {}],
    ['application-administrator', [RR, R, R, R, R, ''], {}],
  ];
  it.each(table)('%s', (preset, production, staging) => {
    const found = (site: typeof acme, host: string) =>
      AREAS.map((area) =>
        RISKS.filter((risk) => may(held(grant(preset)), command(area, risk), on(site, host))).join(' '),
      );
    expect(found(acme, 'app1')).toEqual(production);
    expect(found(blue, 'app2')).toEqual(AREAS.map((area, index) => staging[area] ?? production[index]));
  });

  it('an operations engineer serves application hosts and leaves database hosts alone', () => {
    const restart = command('host', 'routine');
    expect(may(held(grant('operations-engineer')), restart, on(acme, 'app1'))).toBe(true);
    expect(may(held(grant('operations-engineer')), restart, on(acme, 'db1'))).toBe(false);
    expect(may(held(grant('operations-engineer')), restart, on(acme, 'app1', 'db1'))).toBe(false);
    expect(may(held(grant('operations-engineer'), grant('infrastructure')), restart, on(acme, 'app1', 'db1'))).toBe(
      true,
    );
  });

  it('all four are there, each with words for people', () => {
    expect(Object.keys(PRESETS)).toEqual([...PRESET_NAMES]);
    for (const { summary } of Object.values(PRESETS)) expect(summary.length).toBeGreaterThan(20);
  });
});

describe('limits of a grant', () => {
  const backup = command('data', 'routine');
  it.each<[string, Partial<Grant>, boolean, boolean]>([
    ['none', {}, true, true],
    ['a site', { site: 'blue' }, false, true],
    ['an environment', { environment: 'production' }, true, false],
    ['a cluster', { cluster: 'main' }, true, true],
    ['another cluster', { cluster: 'other' }, false, false],
    ['a cluster and a site of it', { cluster: 'main', site: 'acme' }, true, false],
    ['two limits that contradict one another', { environment: 'staging', site: 'acme' }, false, false],
  ])('%s', (_name, limits, production, staging) => {
    const one = held(grant('operations-engineer', limits));
    expect([may(one, backup, on(acme)), may(one, backup, on(blue))]).toEqual([production, staging]);
  });

  it('to hosts: each host that the plan touches has to be one of them, and several grants may share them', () => {
    const db = grant('operations-engineer', { hosts: ['db'] });
    const app = grant('operations-engineer', { hosts: ['app'], site: 'acme' });
    expect(may(held(db), backup, on(acme, 'db1'))).toBe(true);
    expect(may(held(db), backup, on(acme, 'app1', 'db1'))).toBe(false);
    expect(may(held(db, app), backup, on(acme, 'app1', 'db1'))).toBe(true);
    expect(may(held(db, app), backup, on(blue, 'app2'))).toBe(false);
    expect(authorise(held(db), backup, on(acme, 'app1', 'db1'))?.message).toContain('would touch app1 (app)');
  });

  it('a plan touches the hosts of its steps and of its cleanup', () => {
    const touched = targetsOfPlan(
      its,
      plan({ site: 'acme', steps: [plannedStep({ host: 'db1' })], cleanup: [plannedStep({ host: 'app1' })] }),
    );
    expect(touched).toMatchObject([{ kind: 'site', hosts: [{ name: 'db1' }, { name: 'app1' }] }]);
  });

  it('everything at once is for those without limits, one host for those who reach it', () => {
    const look = command('site', 'read', []);
    expect(may(held(grant('infrastructure')), look, { kind: 'everywhere' })).toBe(true);
    expect(may(held(grant('infrastructure', { environment: 'staging' })), look, { kind: 'everywhere' })).toBe(false);
    const host = its.hosts.get('app1');
    if (!host) throw new Error('no host');
    const target: Target = { kind: 'host', host, sites: [acme] };
    const reboot = command('host', 'disruptive');
    const answers = [{}, { cluster: 'main' }, { site: 'acme' }, { site: 'blue' }, { hosts: ['db' as const] }].map(
      (limits) => may(held(grant('infrastructure', limits)), reboot, target),
    );
    expect(answers).toEqual([true, true, true, false, false]);
  });
});

describe('a cluster and its hosts', () => {
  const cluster: Target = { kind: 'cluster', name: 'main' };
  const app1 = { name: 'app1', roles: ['app'] as const, cluster: 'main' };
  const shared: Target = { kind: 'host', host: app1, sites: [acme, { ...blue, cluster: 'main' }] };
  const change = command('estate', 'routine', []);
  const look = command('estate', 'read', []);
  const answers = (what: Permissible, target: Target) =>
    [{}, { cluster: 'main' }, { cluster: 'other' }, { site: 'acme' }, { environment: 'staging' }].map((limits) =>
      may(held(grant('operations-engineer', limits)), what, target),
    );

  it('are covered by a grant for the cluster, or for everything', () => {
    expect(answers(change, cluster)).toEqual([true, true, false, false, false]);
    expect(answers(look, cluster)).toEqual([true, true, false, false, false]);
    expect(may(held(grant('operations-engineer', { cluster: 'main', hosts: ['app'] })), change, cluster)).toBe(false);
  });

  it('a host may be looked at through one of its sites, and changed only through all of them', () => {
    expect(answers(look, shared)).toEqual([true, true, false, true, true]);
    expect(answers(change, shared)).toEqual([true, true, false, false, false]);
    const both = [grant('operations-engineer', { site: 'acme' }), grant('operations-engineer', { site: 'blue' })];
    expect(may(held(...both), change, shared)).toBe(true);
  });

  it('are named in the refusal', () => {
    const denied = authorise(held(grant('operations-engineer', { site: 'acme' })), change, cluster);
    expect(denied?.message).toContain('do not cover `estate routine` on the cluster main.');
  });
});

describe('P10 a refusal says what is held and what is missing', () => {
  it.each<[string, Standing, Permissible, Target, RegExp]>([
    [
      'a role',
      { roles: ['viewer'], grants: [] },
      command('data', 'routine'),
      on(acme),
      /is for operator, admin; you are viewer\.$/,
    ],
    [
      'a place',
      held(grant('operations-engineer', { site: 'blue' })),
      command('data', 'routine'),
      on(acme),
      /^Your grants do not cover `data routine` on acme \(production\)\. You hold: operations-engineer for the site blue\.$/,
    ],
    [
      'a kind of work',
      held(grant('application-administrator')),
      command('data', 'routine'),
      on(acme),
      /no grant of yours allows routine work \(data\)\. You hold: application-administrator everywhere\.$/,
    ],
    [
      'all sites',
      held(grant('infrastructure', { cluster: 'main' })),
      command('site', 'read', []),
      { kind: 'everywhere' },
      /looks at every site, and your grants do not: infrastructure for the cluster main\.$/,
    ],
  ])('%s', (_name, standing, what, target, words) => {
    expect(authorise(standing, what, target)).toMatchObject({
      code: 'not_allowed',
      message: expect.stringMatching(words),
    });
  });

  it('at the start it speaks of the one who asked', () => {
    const backup = command('data', 'routine');
    expect(requesterStillMay({ roles: ['operator'], grants: [] }, backup, on(acme))).toBeNull();
    expect(requesterStillMay(held(), backup, on(acme))).toMatchObject({
      message: expect.stringContaining('they hold nothing here any more'),
    });
  });
});

describe('what somebody may look at', () => {
  it('is every site for those with a role, and what the grants reach for the others', () => {
    expect(keysSeen({ roles: ['viewer'], grants: [] }, its)).toBeNull();
    expect(keysSeen(held(grant('application-administrator', { environment: 'staging' })), its)).toEqual([
      'blue',
      'host:app2',
    ]);
    expect(keysSeen(held(), its)).toEqual([]);
    expect(mayLookAt(held(grant('infrastructure', { hosts: ['db'] })), acme)).toBe(true);
  });
});

describe('for whatever roles and grants', () => {
  const limits = fc.record(
    {
      site: fc.constantFrom('acme', 'blue', 'other'),
      cluster: fc.constantFrom('main', 'other'),
      environment: fc.constantFrom('production', 'staging'),
      hosts: fc.uniqueArray(fc.constantFrom(...HOST_ROLES), { minLength: 1 }),
    },
    { requiredKeys: [] },
  );
  const grants = fc.array(
    fc.tuple(fc.constantFrom(...PRESET_NAMES), limits).map(([preset, its]) => grant(preset, its)),
  );
  const roles = fc.uniqueArray(fc.constantFrom<RoleName>('admin', 'operator', 'approver', 'viewer'));
  const commands = fc
    .tuple(fc.constantFrom(...AREAS), fc.constantFrom(...RISKS), roles)
    .map(([area, risk, names]) => command(area, risk, names));
  const targets = fc.constantFrom<Target>(
    { kind: 'somewhere' },
    { kind: 'everywhere' },
    on(acme),
    on(acme, 'app1'),
    on(acme, 'app1', 'db1'),
    on(blue, 'app2'),
    { kind: 'cluster', name: 'main' },
    { kind: 'host', host: { name: 'app1', roles: ['app'], cluster: 'main' }, sites: [acme] },
  );

  it('allowances only add: whoever holds less never may more', () => {
    fc.assert(
      fc.property(grants, grants, roles, roles, commands, targets, (few, more, some, others, what, target) => {
        fc.pre(may({ roles: some, grants: few }, what, target));
        expect(may({ roles: [...some, ...others], grants: [...more, ...few] }, what, target)).toBe(true);
      }),
    );
  });

  it('what is allowed on a plan is allowed on its site, and what is allowed on a site is allowed somewhere', () => {
    fc.assert(
      fc.property(grants, commands, (some, what) => {
        const standing = held(...some);
        if (may(standing, what, on(acme, 'app1'))) expect(may(standing, what, on(acme))).toBe(true);
        if (may(standing, what, on(acme))) expect(may(standing, what, { kind: 'somewhere' })).toBe(true);
        if (may(standing, what, { kind: 'everywhere' })) expect(may(standing, what, on(blue))).toBe(true);
      }),
    );
  });

  it('no grant reaches oversight', () => {
    fc.assert(
      fc.property(grants, targets, (some, target) => {
        expect(may(held(...some), command('oversight', 'read'), target)).toBe(false);
      }),
    );
  });
});
