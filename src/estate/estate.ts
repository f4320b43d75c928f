import { didYouMean } from '../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { ClusterDocument, Estate, EstateDocument, Host, Site } from './types.ts';

/** Joins the clusters, hosts and sites of a document; refuses doubled names and references to what is not there. */
export function buildEstate(document: EstateDocument): Result<Estate, Refusal> {
  const hosts = new Map<string, Host>();
  const sites = new Map<string, Site>();
  const clusters = new Map<string, ClusterDocument>();
  for (const cluster of document.clusters) {
    if (clusters.has(cluster.name))
      return err(refusal('bad_configuration', `the cluster "${cluster.name}" appears twice`));
    const { hosts: _hosts, sites: _sites, ...own } = cluster;
    clusters.set(cluster.name, own);
    for (const host of cluster.hosts) {
      if (hosts.has(host.name)) return err(refusal('bad_configuration', `the host "${host.name}" appears twice`));
      hosts.set(host.name, { ...host, cluster: cluster.name });
    }
  }
  for (const host of hosts.values()) {
    if (jumpsInCircle(hosts, host)) {
      return err(refusal('bad_configuration', `the jump hosts of "${host.name}" go round in a circle`));
    }
    if (host.jump !== undefined && !hosts.has(host.jump)) {
      return err(refusal('bad_configuration', `the host "${host.name}" jumps over "${host.jump}", which is not there`));
    }
    if (host.jump !== undefined && hosts.get(host.jump)?.shell === 'none') {
      return err(refusal('bad_configuration', `the host "${host.name}" jumps over "${host.jump}", which has no shell`));
    }
  }
  for (const cluster of document.clusters) {
    for (const site of cluster.sites) {
      const hostOf = hosts.get(site.host);
      if (sites.has(site.name)) return err(refusal('bad_configuration', `the site "${site.name}" appears twice`));
      if (!hostOf)
        return err(
          refusal('bad_configuration', `the site "${site.name}" names the host "${site.host}", which is not there`),
        );
      const wrong = (site.web_heads ?? []).flatMap((name) => noWebHead(hosts.get(name), name, cluster.name) ?? [])[0];
      if (wrong !== undefined)
        return err(refusal('bad_configuration', `the site "${site.name}" names the web head ${wrong}`));
      sites.set(site.name, { ...site, cluster: cluster.name, hostOf });
    }
  }
  return ok({ clusters, hosts, sites });
}

/** What is wrong with a host that a site names as one of its web heads, as the end of a sentence; null when nothing is. */
function noWebHead(host: Host | undefined, name: string, cluster: string): string | null {
  if (!host || host.cluster !== cluster) return `"${name}", which is not in its cluster`;
  return serves(host) ? null : `"${name}", which has neither the role app nor api`;
}

function jumpsInCircle(hosts: ReadonlyMap<string, Host>, host: Host): boolean {
  const seen = new Set<string>();
  for (let at: Host | undefined = host; at; at = at.jump === undefined ? undefined : hosts.get(at.jump)) {
    if (seen.has(at.name)) return true;
    seen.add(at.name);
  }
  return false;
}

/** The site of that name, or a refusal that offers the nearest name. */
export function findSite(estate: Estate, siteName: string): Result<Site, Refusal> {
  const site = estate.sites.get(siteName);
  if (site) return ok(site);
  const near = didYouMean(siteName, [...estate.sites.keys()]);
  return err(refusal('unknown_site', `There is no site "${siteName}".${near ? ` Did you mean \`${near}\`?` : ''}`));
}

/** The host of that name, or a refusal that offers the nearest name. */
export function findHost(estate: Estate, hostName: string): Result<Host, Refusal> {
  const host = estate.hosts.get(hostName);
  if (host) return ok(host);
  const near = didYouMean(hostName, [...estate.hosts.keys()]);
  return err(refusal('unknown_host', `There is no host "${hostName}".${near ? ` Did you mean \`${near}\`?` : ''}`));
}

/** The cluster of that name, or a refusal that offers the nearest name. */
export function findCluster(estate: Estate, clusterName: string): Result<ClusterDocument, Refusal> {
  const cluster = estate.clusters.get(clusterName);
  if (cluster) return ok(cluster);
  const near = didYouMean(clusterName, [...estate.clusters.keys()]);
  return err(
    refusal('unknown_cluster', `There is no cluster "${clusterName}".${near ? ` Did you mean \`${near}\`?` : ''}`),
  );
}

/** The hosts of a cluster, in the order of the estate; none for a cluster without hosts. */
export function hostsOfCluster(estate: Estate, cluster: string): readonly Host[] {
  return [...estate.hosts.values()].filter((host) => host.cluster === cluster);
}

/** Whether a host serves web or API. Source: the vendor console's "web head", its App (web and API) and API servers. */
export function serves({ roles }: Pick<Host, 'roles'>): boolean {
  return roles.includes('app') || roles.includes('api');
}

/** Whether two entries of the estate are one machine: the same address and port, whatever they are called. */
export function sameMachine(one: Pick<Host, 'address' | 'port'>, other: Pick<Host, 'address' | 'port'>): boolean {
  return one.address === other.address && one.port === other.port;
}

/** True for an address of a database that means "on the site's own host": a loopback address or a socket's folder. */
export function isOnItsHost(address: string): boolean {
  return address.startsWith('/') || address === 'localhost' || address === '::1' || address.startsWith('127.');
}
