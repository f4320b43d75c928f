import { type Refusal, refusal } from '../kernel/errors.ts';
import { isOnItsHost } from './estate.ts';
import type { ThingKind } from './thing.ts';
import type { EstateDocument } from './types.ts';

/** Roles without which a site cannot be operated: somewhere it runs, somewhere its database is. */
const NEEDED_ROLES = ['app', 'db'] as const;

const list = (names: readonly string[]) => names.join(', ');

/** Why something cannot be removed: what else of the estate names it. Null when nothing does. */
export function whatNeeds(document: EstateDocument, kind: ThingKind, name: string): Refusal | null {
  const sites = document.clusters.flatMap((cluster) =>
    cluster.sites.map((site) => ({ ...site, cluster: cluster.name })),
  );
  const hosts = document.clusters.flatMap((cluster) =>
    cluster.hosts.map((host) => ({ ...host, cluster: cluster.name })),
  );
  switch (kind) {
    case 'site':
      return null;
    case 'cluster': {
      const its = sites.filter((site) => site.cluster === name).map((site) => site.name);
      if (its.length > 0)
        return refusal('still_needed', `The cluster ${name} still has sites: ${list(its)}.`, 'Remove its sites first.');
      const own = new Set(hosts.filter((host) => host.cluster === name).map((host) => host.name));
      return jumping(
        hosts.filter((host) => host.cluster !== name && host.jump !== undefined && own.has(host.jump)),
        `hosts of ${name}`,
      );
    }
    case 'host': {
      const on = sites.filter((site) => site.host === name).map((site) => site.name);
      if (on.length > 0)
        return refusal(
          'still_needed',
          `Sites run on ${name}: ${list(on)}.`,
          'Remove them, or move them with `site edit <site> host <other host>`, first.',
        );
      const served = sites.filter((site) => site.web_heads?.includes(name)).map((site) => site.name);
      if (served.length > 0)
        return refusal(
          'still_needed',
          `${name} is a web head of these sites: ${list(served)}.`,
          'Name the others with `site edit <site> web_heads …` first.',
        );
      const address = hosts.find((host) => host.name === name)?.address;
      const stored = sites
        .filter(({ database }) => !isOnItsHost(database.host) && database.host === address)
        .map((site) => site.name);
      if (stored.length > 0)
        return refusal(
          'still_needed',
          `The databases of these sites are on ${name}: ${list(stored)}.`,
          'Change `database.host` of these sites first.',
        );
      return jumping(
        hosts.filter((host) => host.jump === name),
        name,
      );
    }
    default:
      return kind satisfies never;
  }
}

function jumping(hosts: readonly { readonly name: string }[], over: string): Refusal | null {
  if (hosts.length === 0) return null;
  return refusal(
    'still_needed',
    `These hosts are reached over ${over}: ${list(hosts.map((host) => host.name))}.`,
    'Change their `jump` with `host edit` first.',
  );
}

/** Refuses a change that takes the last host of a role from a cluster whose sites need that role; null when none is lost. */
export function lostRoles(before: EstateDocument, after: EstateDocument): Refusal | null {
  for (const cluster of before.clusters) {
    const now = after.clusters.find((one) => one.name === cluster.name);
    if (!now || now.sites.length === 0) continue;
    for (const role of NEEDED_ROLES) {
      const had = cluster.hosts.filter((host) => host.roles.includes(role));
      if (had.length === 0 || now.hosts.some((host) => host.roles.includes(role))) continue;
      return refusal(
        'still_needed',
        `${list(had.map((host) => host.name))} is the last host of the role ${role} in the cluster ${cluster.name}, and its sites need one: ${list(now.sites.map((site) => site.name))}.`,
        `Give another host of the cluster the role ${role} first.`,
      );
    }
  }
  return null;
}
