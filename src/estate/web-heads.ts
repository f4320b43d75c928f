import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { hostsOfCluster, sameMachine, serves } from './estate.ts';
import type { Estate, Host, Site } from './types.ts';

/** Hosts, at least one. */
export type Hosts = readonly [Host, ...Host[]];

/** What commands of a profile are addressed to that run on every host which serves a site's web or API. */
export const WEB_HEAD = 'web-head';

/**
 * The hosts that serve a site, each machine once however many roles it has, its own first: those that the site names,
 * else all of its cluster that have the role app or api. Refusal: not_supported where there is none, and where the
 * cluster has sites on other hosts as well, so that nobody could tell whose a further host is.
 */
export function webHeads(estate: Estate, site: Site): Result<Hosts, Refusal> {
  const { name, cluster, hostOf, web_heads: named } = site;
  const [first, ...more] = mayServe(estate, site);
  if (first === undefined)
    return err(
      refusal(
        'not_supported',
        `The cluster ${cluster} has no host of the role app or api for ${name}.`,
        'Give the host that serves it one of these roles with `host edit <host> roles …`.',
      ),
    );
  const elsewhere = sitesElsewhere(estate, site).filter((other) => other.cluster === cluster);
  const further = [first, ...more].filter((host) => !sameMachine(host, hostOf));
  if (named === undefined && further.length > 0 && elsewhere.length > 0)
    return err(unsaid(site, [first, ...more], further, elsewhere));
  return ok([first, ...more]);
}

/**
 * The hosts that serve a site, or may do so where nobody has said whose they are, each machine once, its own first. A host on
 * which another site lives serves that one, unless it is named.
 */
export function mayServe(estate: Estate, site: Site): readonly Host[] {
  const { cluster, hostOf, web_heads: named } = site;
  const elsewhere = sitesElsewhere(estate, site);
  const isIts = (host: Host) =>
    named === undefined
      ? serves(host) && !elsewhere.some((other) => sameMachine(other.hostOf, host))
      : named.includes(host.name);
  return eachOnce(
    [hostOf, ...hostsOfCluster(estate, cluster).filter((host) => host.name !== hostOf.name)].filter(isIts),
  );
}

/** The hosts to which work on a site comes: its own and its web heads. A host of which nobody has said whose it is, is none. */
export function hostsOfSite(estate: Estate, site: Site): readonly Host[] {
  const heads = webHeads(estate, site);
  return [site.hostOf, ...(heads.ok ? heads.value : [])];
}

/** Sites of the cluster, or on a host of it, that live on another machine. */
function sitesElsewhere(estate: Estate, { cluster, hostOf }: Site): readonly Site[] {
  return [...estate.sites.values()].filter(
    (other) => (other.cluster === cluster || other.hostOf.cluster === cluster) && !sameMachine(other.hostOf, hostOf),
  );
}

function unsaid({ name, cluster }: Site, found: Hosts, further: readonly Host[], elsewhere: readonly Site[]): Refusal {
  const whose = [name, ...elsewhere.map((other) => other.name)].join(' or ');
  return refusal(
    'not_supported',
    `Nobody has said whether ${namesOf(further)} serve ${whose}: they are in one cluster, ${cluster}, on different hosts.`,
    `Name all hosts that serve it: \`site edit ${name} web_heads ${namesOf(found, ',')}\`.`,
  );
}

function eachOnce(hosts: readonly Host[]): Host[] {
  return hosts.filter((host, index) => hosts.findIndex((other) => sameMachine(other, host)) === index);
}

/** Names of hosts, for sentences. */
export function namesOf(hosts: readonly Pick<Host, 'name'>[], between = ', '): string {
  return hosts.map((host) => host.name).join(between);
}
