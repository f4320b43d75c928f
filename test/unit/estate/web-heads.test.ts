import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST_ROLES } from '../../../src/config/permission-words.ts';
import { buildEstate } from '../../../src/estate/estate.ts';
import { whatNeeds } from '../../../src/estate/needs.ts';
import { sharingWithProduction } from '../../../src/estate/sharing.ts';
import { sitesTouchedBy, targetOfSite } from '../../../src/estate/target.ts';
import { type Estate, estateDocument } from '../../../src/estate/types.ts';
import { webHeads } from '../../../src/estate/web-heads.ts';
import { targetOfPlan } from '../../../src/operations/estate/plan-edit.ts';
import { estate, hostInput, plan, plannedStep, siteInput, siteOf } from '../../support/builders.ts';

const documentOf = (hosts: readonly object[], sites: readonly object[]) =>
  estateDocument.parse({ clusters: [{ name: 'main', hosts, sites }] });
/** The names of a site's web heads, or why nobody knows them. */
const heads = (its: Estate, name = 'acme') => {
  const found = webHeads(its, siteOf(its, name));
  return found.ok ? found.value.map((host) => host.name) : `${found.error.message} ${found.error.next}`;
};

const app = (name: string, ...more: string[]) => hostInput(name, { roles: ['app', ...more] });
const api = (name: string) => hostInput(name, { roles: ['api'] });
const db = (name: string) => hostInput(name, { roles: ['db'] });

describe('R2 the web heads of a site', () => {
  it('are the hosts of its cluster with the role app or api, its own first, each once', () => {
    const its = estate([api('a1'), db('d1'), app('h1', 'api', 'db'), app('h2')], [siteInput('acme', 'h1')]);
    expect(heads(its)).toEqual(['h1', 'a1', 'h2']);
    const one = estate([hostInput('db1')], [siteInput('acme', 'db1')]);
    expect(heads(one)).toEqual(['db1']);
  });

  it('leave out its own host where that serves neither web nor API', () => {
    expect(heads(estate([db('d1'), app('h1')], [siteInput('acme', 'd1')]))).toEqual(['h1']);
    expect(heads(estate([db('d1')], [siteInput('acme', 'd1')]))).toContain('has no host of the role app or api');
  });

  it('are one where two entries are the same machine', () => {
    const same = hostInput('alias', { roles: ['api'], address: 'h1.example' });
    const its = estate([same, hostInput('h1', { roles: ['app'], address: 'h1.example' })], [siteInput('acme', 'h1')]);
    expect(heads(its)).toEqual(['h1']);
  });

  it('are not guessed where sites of the cluster live on different hosts and a further one may be either’s', () => {
    const both = [siteInput('acme', 'h1'), siteInput('beta', 'h2')];
    expect(heads(estate([app('h1'), app('h2')], both))).toEqual(['h1']);
    const unsaid = estate([app('h1'), app('h2'), api('a1')], both);
    expect(heads(unsaid)).toMatch(/whether a1 serve acme or beta.*`site edit acme web_heads h1,a1`/);
    const said = [{ ...siteInput('acme', 'h1'), web_heads: ['h1', 'a1'] }, siteInput('beta', 'h2')];
    expect(heads(estate([app('h1'), app('h2'), api('a1')], said))).toEqual(['h1', 'a1']);
  });

  it('whatever the roles: each machine once, all of them serving, and the same again', () => {
    const roles = fc.uniqueArray(fc.constantFrom(...HOST_ROLES), { minLength: 1, maxLength: 8 });
    const address = fc.constantFrom('one.example', 'two.example', 'three.example');
    fc.assert(
      fc.property(fc.array(fc.tuple(roles, address), { minLength: 1, maxLength: 8 }), (them) => {
        const hosts = them.map(([held, at], n) => hostInput(`h${n}`, { roles: held, address: at }));
        const its = estate(hosts, [siteInput('acme', 'h0')]);
        const found = webHeads(its, siteOf(its, 'acme'));
        const serving = [...its.hosts.values()].filter((host) =>
          host.roles.some((role) => role === 'app' || role === 'api'),
        );
        const machines = new Set(serving.map((host) => host.address));
        expect(found.ok ? found.value.map((host) => host.address).sort() : []).toEqual([...machines].sort());
      }),
    );
  });
});

describe('P1 hosts of two clusters', () => {
  const across = (production: object, staging: object) => {
    const built = buildEstate(estateDocument.parse({ clusters: [production, staging] }));
    if (!built.ok) throw new Error(built.error.message);
    return built.value;
  };
  const prod = (more: readonly object[] = []) => ({
    name: 'prod',
    hosts: [app('p1'), ...more],
    sites: [siteInput('acme', 'p1')],
  });
  const stageOn = (hosts: readonly object[]) => ({
    name: 'test',
    hosts,
    sites: [siteInput('stage', 's1', { environment: 'staging' })],
  });
  const shares = (its: Estate) => sharingWithProduction(its, siteOf(its, 'stage'))?.site;

  it('are shared where a web head of staging, by its role, is production’s host', () => {
    const alias = hostInput('s2', { roles: ['api'], address: 'p1.example.com' });
    const its = across(prod(), stageOn([app('s1'), alias]));
    expect([heads(its, 'stage'), shares(its)]).toEqual([['s1', 's2'], 'acme']);
  });

  it('are shared where staging lives on a web head of production', () => {
    const alias = hostInput('p2', { roles: ['api'], address: 's1.example.com' });
    const its = across(prod([alias]), stageOn([app('s1')]));
    expect([heads(its), shares(its)]).toEqual([['p1', 'p2'], 'acme']);
    expect(shares(across(prod([api('p2')]), stageOn([app('s1')])))).toBeUndefined();
  });

  it('are no web heads where a site of another cluster lives on them', () => {
    const production = { name: 'prod', hosts: [], sites: [siteInput('acme', 's2')] };
    const its = across(production, stageOn([app('s1'), app('s2')]));
    expect([heads(its, 'stage'), shares(its)]).toEqual([['s1'], undefined]);
  });
});

it('P1 a plan for staging that comes to production’s host is production’s matter, by whichever role', () => {
  const sites = [siteInput('acme', 'h1'), siteInput('stage', 'h2', { environment: 'staging' })];
  const hosts = [app('h1', 'mail'), app('h2'), hostInput('m1', { roles: ['mail'] })];
  const its = estate(hosts, sites);
  const asProduction = (...names: string[]) => targetOfSite(its, siteOf(its, 'stage'), names).asProduction;
  expect([asProduction(), asProduction('h2', 'm1'), asProduction('h2', 'h1')]).toEqual([false, false, true]);
  const planned = plan({ site: 'stage', steps: [plannedStep({ host: 'h2' })], cleanup: [plannedStep({ host: 'h1' })] });
  expect(targetOfPlan(documentOf(hosts, sites), planned)).toMatchObject({
    environment: 'staging',
    asProduction: true,
    sharing: { what: 'host', site: 'acme' },
  });
});

describe('web heads that a site names', () => {
  const named = (...web_heads: string[]) => ({ ...siteInput('acme', 'h1'), web_heads });
  const built = (hosts: readonly object[], site: object) => {
    const result = buildEstate(documentOf(hosts, [site]));
    return result.ok ? '' : result.error.message;
  };

  it('are hosts of its cluster that serve', () => {
    expect(built([app('h1'), api('a1')], named('h1', 'a1'))).toBe('');
    expect(built([app('h1')], named('h1', 'a1'))).toContain('"a1", which is not in its cluster');
    expect(built([app('h1'), db('d1')], named('d1'))).toContain('"d1", which has neither the role app nor api');
  });

  it('are not removed while they are named', () => {
    const document = documentOf([app('h1'), api('a1')], [named('h1', 'a1')]);
    expect(whatNeeds(document, 'host', 'a1')?.message).toBe('a1 is a web head of these sites: acme.');
  });

  it('P1 make staging production’s matter where production is served by the same host', () => {
    const sites = (...web_heads: string[]) => [
      { ...siteInput('acme', 'h1'), web_heads: ['h1', 'a1'] },
      { ...siteInput('stage', 'h2', { environment: 'staging' }), web_heads },
    ];
    const hosts = [app('h1'), app('h2'), api('a1'), api('a2')];
    const shared = estate(hosts, sites('h2', 'a1'));
    expect(sharingWithProduction(shared, siteOf(shared, 'stage'))).toEqual({ what: 'host', site: 'acme' });
    const apart = estate(hosts, sites('h2', 'a2'));
    expect(sharingWithProduction(apart, siteOf(apart, 'stage'))).toBeNull();
  });

  it('P1 make staging production’s matter where nobody has said that the host does not serve production', () => {
    const hosts = [app('h1'), app('h2'), api('a1'), api('a2')];
    const stage = { ...siteInput('stage', 'h2', { environment: 'staging' }), web_heads: ['h2', 'a1'] };
    const unsaid = estate(hosts, [siteInput('acme', 'h1'), stage]);
    expect(sharingWithProduction(unsaid, siteOf(unsaid, 'stage'))).toEqual({ what: 'host', site: 'acme' });
    const said = estate(hosts, [named('h1', 'a2'), stage]);
    expect(sharingWithProduction(said, siteOf(said, 'stage'))).toBeNull();
  });

  it('P1 work on a web head touches the site that it serves, named or by its role', () => {
    const touched = (its: Estate, host: string) =>
      sitesTouchedBy(its, its.hosts.get(host) ?? siteOf(its, 'acme').hostOf).map((site) => site.name);
    const its = estate([app('h1'), api('a1'), db('d1')], [siteInput('acme', 'h1')]);
    expect([touched(its, 'a1'), touched(its, 'd1')]).toEqual([['acme'], []]);
    const two = estate([app('h1'), app('h2'), api('a1')], [named('h1', 'a1'), siteInput('beta', 'h2')]);
    expect(touched(two, 'a1')).toEqual(['acme']);
  });
});
