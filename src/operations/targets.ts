import { type Edit, subjectOf } from '../estate/edit.ts';
import { sitesTouchedBy } from '../estate/target.ts';
import { keyOf, readKey, type Thing } from '../estate/thing.ts';
import type { Estate, Host } from '../estate/types.ts';
import { mayLookAt, mayLookAtTarget, type Place, type Standing, type Target, type Touched } from './authorise.ts';
import { readEdit } from './estate/encode.ts';
import { hostsOf, type Plan } from './plan.ts';

/**
 * All that a plan is about, for the question who may: its site with every host that a step of it runs on; for an edit of
 * the estate the thing as it is and as it would be. Empty when its site is not there any more.
 */
export function targetsOfPlan(estate: Estate, plan: Plan): readonly Target[] {
  const edits = targetsOfEdits(estate, plan);
  if (edits.length > 0) return edits;
  const site = estate.sites.get(plan.site);
  if (!site) return [];
  return [{ kind: 'site', site, hosts: hostsOf(plan).map((name) => touched(estate, name)) }];
}

/** What the edits of a plan are about, each before and after; empty for a plan that edits nothing. */
export function targetsOfEdits(estate: Estate, plan: Plan): readonly Target[] {
  return plan.steps.flatMap((step) => {
    const edit = readEdit(step);
    return edit === null ? [] : targetsOfEdit(estate, edit);
  });
}

function targetsOfEdit(estate: Estate, edit: Edit): readonly Target[] {
  const { kind, name } = subjectOf(edit);
  const site = kind === 'site' ? estate.sites.get(name) : undefined;
  const host = kind === 'host' ? estate.hosts.get(name) : undefined;
  return [
    ...(site ? [siteOn(estate, site, site.host)] : []),
    ...(host ? [hostWithAll(estate, host)] : []),
    ...(edit.act === 'remove' ? [] : [targetOfThing(estate, edit.thing)]),
    ...(edit.act === 'remove' && kind === 'cluster' ? [{ kind, name }] : []),
  ];
}

function targetOfThing(estate: Estate, thing: Thing): Target {
  const { cluster } = thing;
  switch (thing.kind) {
    case 'site':
      return siteOn(estate, { ...thing.document, cluster }, thing.document.host);
    case 'host':
      return hostWithAll(estate, { ...thing.document, cluster });
    case 'cluster':
      return { kind: 'cluster', name: thing.name };
    default:
      return thing satisfies never;
  }
}

const touched = (estate: Estate, name: string): Touched => estate.hosts.get(name) ?? { name, roles: [] };

function siteOn(estate: Estate, site: Place, host: string): Target {
  return { kind: 'site', site, hosts: [touched(estate, host)] };
}

/** A host that is to be changed, with every site that the change can disturb. */
function hostWithAll(estate: Estate, host: Host): Target {
  return { kind: 'host', host, sites: sitesTouchedBy(estate, host) };
}

/** The target of a question about one host. */
export function targetOfHost(estate: Estate, host: Host): Target {
  return { kind: 'host', host, sites: [...estate.sites.values()].filter((site) => site.host === host.name) };
}

/** What a key of an operation stands for, also when the estate does not have it any more. */
export function targetOfWork(estate: Estate, key: string, environment: string): Target {
  const { kind, name } = readKey(key);
  switch (kind) {
    case 'site':
      return { kind, site: estate.sites.get(name) ?? { name, cluster: '', environment }, hosts: null };
    case 'host': {
      const host = estate.hosts.get(name);
      return host ? targetOfHost(estate, host) : { kind, host: { name, roles: [], cluster: '' }, sites: [] };
    }
    case 'cluster':
      return { kind, name };
    default:
      return kind satisfies never;
  }
}

/** Keys of the sites, hosts and clusters that somebody may look at; null for all, also those that are no longer there. */
export function keysSeen(held: Standing, estate: Estate): readonly string[] | null {
  if (held.roles.length > 0) return null;
  const hosts = [...estate.hosts.values()].filter((host) => mayLookAtTarget(held, targetOfHost(estate, host)));
  const clusters = [...estate.clusters.keys()].filter((name) => mayLookAtTarget(held, { kind: 'cluster', name }));
  return [
    ...[...estate.sites.values()].filter((site) => mayLookAt(held, site)).map((site) => site.name),
    ...hosts.map((host) => keyOf('host', host.name)),
    ...clusters.map((name) => keyOf('cluster', name)),
  ];
}
