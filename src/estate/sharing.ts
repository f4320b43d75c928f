import { isOnItsHost, sameMachine } from './estate.ts';
import type { Estate, Host, Site } from './types.ts';
import { hostsOfSite, mayServe } from './web-heads.ts';

/** What a site has in common with a production site. */
export interface Sharing {
  readonly what: 'host' | 'PostgreSQL cluster';
  /** Name of the production site. */
  readonly site: string;
}

/**
 * The production site that runs on the same host, its own or a web head, or, failing that, in the same PostgreSQL cluster; null
 * without one. Of production every host counts that may be one of its web heads, also where nobody has said so. `also` are
 * further hosts that work on the site comes to.
 */
export function sharingWithProduction(estate: Estate, site: Site, also: readonly Host[] = []): Sharing | null {
  const others = [...estate.sites.values()].filter(
    (other) => other.name !== site.name && other.environment === 'production',
  );
  const own = [...hostsOfSite(estate, site), ...also];
  const onHost = others.find((other) =>
    [other.hostOf, ...mayServe(estate, other)].some((host) => own.some((mine) => sameMachine(mine, host))),
  );
  if (onHost) return { what: 'host', site: onHost.name };
  const inCluster = others.find(
    (other) => other.database.port === site.database.port && databaseAddress(other) === databaseAddress(site),
  );
  return inCluster ? { what: 'PostgreSQL cluster', site: inCluster.name } : null;
}

/** Where a site's database answers, seen from everywhere: an address of the loopback and a socket mean "on this host". */
function databaseAddress(site: Site): string {
  const { host } = site.database;
  return isOnItsHost(host) ? site.hostOf.address : host;
}
