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
  const elsewhere = [...estate.sites.values()].filter(
    (other) => other.cluster === cluster && !sameMachine(other.hostOf, hostOf),
  );
  const isIts = (host: Host) =>
    named === undefined
      ? serves(host) && !elsewhere.some((other) => sameMachine(other.hostOf, host))
      : named.includes(host.name);
  const [first, ...more] = eachOnce(
    [hostOf, ...hostsOfCluster(estate, cluster).filter((host) => host.name !== hostOf.name)].filter(isIts),
  );
  if (first === undefined)
    return err(
      refusal(
        'not_supported',
        `The cluster ${cluster} has no host of the role app or api for ${name}.`,
        'Give the host that serves it one of these roles with `host edit <host> roles …`.',
      ),
    );
  const further = [first, ...more].filter((host) => !sameMachine(host, hostOf));
  if (named === undefined && further.length > 0 && elsewhere.length > 0)
    return err(unsaid(site, [first, ...more], further, elsewhere));
  return ok([first, ...more]);
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
