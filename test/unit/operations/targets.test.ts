import { describe, expect, it } from 'vitest';
import { targetOfOperation } from '../../../commands/contract/target.ts';
import type { Grant } from '../../../src/config/grants.ts';
import type { Edit } from '../../../src/estate/edit.ts';
import { ABSENT } from '../../../src/estate/thing.ts';
import { type HostDocument, hostDocument, type SiteDocument, siteDocument } from '../../../src/estate/types.ts';
import { authorise, mayLookAtTarget } from '../../../src/operations/authorise.ts';
import { editStep } from '../../../src/operations/estate/encode.ts';
import { targetsOfPlan } from '../../../src/operations/targets.ts';
import { estate, hostInput, operation, plan, siteInput } from '../../support/builders.ts';

const its = estate(
  [hostInput('app1', { roles: ['app'] }), hostInput('db1', { roles: ['db'] })],
  [siteInput('acme', 'app1'), siteInput('blue', 'db1', { environment: 'staging' })],
);
const [main] = [...its.clusters.keys()];
const cluster = main ?? '';
const change = { name: 'edit', area: 'estate', risk: 'routine', roles: [] } as const;
const may = (limits: Partial<Grant>, edit: Edit): boolean => {
  const held = { roles: [], grants: [{ who: ['U0ONE'], preset: 'operations-engineer' as const, ...limits }] };
  const targets = targetsOfPlan(its, plan({ steps: [editStep(edit, '')] }));
  expect(targets.length).toBeGreaterThan(0);
  return targets.every((target) => authorise(held, change, target) === null);
};
const site = (input: object): SiteDocument => siteDocument.parse(input);
const host = (input: object): HostDocument => hostDocument.parse(input);
const putSite = (document: SiteDocument, before = 'x'): Edit => ({
  act: 'put',
  before,
  thing: { kind: 'site', name: document.name, cluster, document },
});
const putHost = (document: HostDocument): Edit => ({
  act: 'put',
  before: 'x',
  thing: { kind: 'host', name: document.name, cluster, document },
});

describe('who may edit is judged by the thing before and after', () => {
  it('a site leaves a grant neither by its environment nor by its host', () => {
    const stays = site({ ...siteInput('blue', 'db1', { environment: 'staging' }), version: '9' });
    const out = site(siteInput('blue', 'db1', { environment: 'production' }));
    const moved = site(siteInput('blue', 'app1', { environment: 'staging' }));
    expect([stays, out, moved].map((one) => may({ environment: 'staging' }, putSite(one)))).toEqual([
      true,
      false,
      true,
    ]);
    expect([stays, out, moved].map((one) => may({ hosts: ['db'] }, putSite(one)))).toEqual([true, true, false]);
    // Nor does one come into a grant from outside.
    expect(may({ environment: 'staging' }, putSite(site(siteInput('acme', 'app1', { environment: 'staging' }))))).toBe(
      false,
    );
  });

  it('a new site belongs to who is granted its environment or its cluster', () => {
    const fresh = putSite(site(siteInput('new', 'db1', { environment: 'staging' })), ABSENT);
    const limits = [{}, { cluster }, { environment: 'staging' }, { environment: 'production' }, { site: 'blue' }];
    expect(limits.map((one) => may(one, fresh))).toEqual([true, true, true, false, false]);
  });

  it('a host keeps to the roles of hosts that are granted, and to who has all its sites', () => {
    const db1 = hostInput('db1', { roles: ['db'] });
    expect(may({ cluster, hosts: ['db'] }, putHost(host({ ...db1, port: 1 })))).toBe(true);
    expect(may({ cluster, hosts: ['db'] }, putHost(host({ ...db1, roles: ['app'] })))).toBe(false);
    expect(may({ site: 'blue' }, putHost(host({ ...db1, port: 1 })))).toBe(true);
    expect(may({ site: 'acme' }, putHost(host({ ...db1, port: 1 })))).toBe(false);
  });

  it('removing and putting back a cluster is for who is granted the cluster', () => {
    const gone: Edit = { act: 'remove', kind: 'cluster', name: cluster, before: 'x' };
    expect([{}, { cluster }, { site: 'acme' }].map((one) => may(one, gone))).toEqual([true, true, false]);
  });
});

it('an operation on a host or a cluster is hidden from those whose grants do not reach it', () => {
  const sees = (limits: Partial<Grant>, key: string) => {
    const held = { roles: [], grants: [{ who: ['U0ONE'], preset: 'infrastructure' as const, ...limits }] };
    return mayLookAtTarget(held, targetOfOperation(its, operation({ site: key })));
  };
  expect(['host:app1', 'host:db1', `cluster:${cluster}`, 'acme'].map((key) => sees({ site: 'acme' }, key))).toEqual([
    true,
    false,
    false,
    true,
  ]);
  expect(['host:app1', 'host:gone', `cluster:${cluster}`].map((key) => sees({ cluster }, key))).toEqual([
    true,
    false,
    true,
  ]);
});
