import { hostsOfCluster, isOnItsHost, sameMachine } from './estate.ts';
import { type Sharing, sharingWithProduction } from './sharing.ts';
import { keyOf, readKey, type ThingKind } from './thing.ts';
import type { Estate, Host, Site } from './types.ts';
import { hostsOfSite } from './web-heads.ts';

/** What an operation works on, and all that the policy asks of it. Derived from the estate alone. */
export interface OperationTarget {
  readonly kind: ThingKind;
  readonly name: string;
  /** The name of its queue and of its rows, see keyOf. */
  readonly key: string;
  readonly cluster: string;
  /** Every site that work on it can disturb. */
  readonly sites: readonly Site[];
  /** A site's own; of a host or cluster `production` when it has one, else what its sites say. */
  readonly environment: string;
  /** True when any of its sites is production, or shares a machine with production. */
  readonly asProduction: boolean;
  /**
   * Why it is treated as production though its environment is another; null when that needs no reason. `who` is the site
   * on a host or in a cluster for which this holds, null where it is the target itself.
   */
  readonly sharing: (Sharing & { readonly who: string | null }) | null;
}

/** The environment of a host or a cluster on which nothing runs. */
const NO_SITE = 'no site';

/** What work of that key is about, or null when the estate does not have it; `hosts` as for targetOfSite. */
export function targetOfKey(estate: Estate, key: string, hosts: readonly string[] = []): OperationTarget | null {
  const { kind, name } = readKey(key);
  switch (kind) {
    case 'site': {
      const site = estate.sites.get(name);
      return site ? targetOfSite(estate, site, hosts) : null;
    }
    case 'host': {
      const host = estate.hosts.get(name);
      return host ? target(estate, 'host', name, host.cluster, sitesTouchedBy(estate, host)) : null;
    }
    case 'cluster': {
      if (!estate.clusters.has(name)) return null;
      const touched = new Set(hostsOfCluster(estate, name).flatMap((host) => sitesTouchedBy(estate, host)));
      const sites = [...estate.sites.values()].filter((site) => site.cluster === name || touched.has(site));
      return target(estate, 'cluster', name, name, sites);
    }
    default:
      return kind satisfies never;
  }
}

/** `hosts` are those to which a plan comes, by name: another role's host of the cluster may be production's own. */
export function targetOfSite(estate: Estate, site: Site, hosts: readonly string[] = []): OperationTarget {
  return target(estate, 'site', site.name, site.cluster, [site], hosts);
}

function target(
  estate: Estate,
  kind: ThingKind,
  name: string,
  cluster: string,
  sites: readonly Site[],
  hosts: readonly string[] = [],
): OperationTarget {
  const environments = [...new Set(sites.map((site) => site.environment))].sort();
  const environment = environments.includes('production') ? 'production' : environments.join(' and ') || NO_SITE;
  const sharing = environment === 'production' ? null : firstSharing(estate, kind, sites, hosts);
  const asProduction = environment === 'production' || sharing !== null;
  return { kind, name, key: keyOf(kind, name), cluster, sites, environment, asProduction, sharing };
}

function firstSharing(
  estate: Estate,
  kind: ThingKind,
  sites: readonly Site[],
  hosts: readonly string[],
): OperationTarget['sharing'] {
  const also = hosts.flatMap((name) => estate.hosts.get(name) ?? []);
  for (const site of sites) {
    const sharing = sharingWithProduction(estate, site, also);
    if (sharing !== null) return { ...sharing, who: kind === 'site' ? null : site.name };
  }
  return null;
}

/** Sites that run on a host or are served by it, have their database there, or are reached over it. */
export function sitesTouchedBy(estate: Estate, host: Host): readonly Site[] {
  return [...estate.sites.values()].filter(
    (site) =>
      hostsOfSite(estate, site).some((head) =>
        wayTo(estate, head).some((one) => one.name === host.name || sameMachine(one, host)),
      ) ||
      (!isOnItsHost(site.database.host) && site.database.host === host.address),
  );
}

/** A host and the bastions before it; a circle, which no estate has, ends the walk. */
function wayTo(estate: Estate, host: Host): readonly Host[] {
  const way: Host[] = [];
  for (
    let at: Host | undefined = host;
    at && !way.includes(at);
    at = at.jump === undefined ? undefined : estate.hosts.get(at.jump)
  )
    way.push(at);
  return way;
}

/** The stricter of what something is before and after a change: moving it into production, or out of it, is production's matter. */
export function stricter(before: OperationTarget | null, after: OperationTarget | null): OperationTarget | null {
  if (before === null || after === null) return before ?? after;
  return after.asProduction && !before.asProduction ? after : before;
}
