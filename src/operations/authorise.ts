import type { Risk } from '../../approvals/policy.ts';
import { type Grant, grantInWords } from '../config/grants.ts';
import type { Area, HostRole } from '../config/permission-words.ts';
import { PRESETS } from '../config/presets.ts';
import type { RoleName } from '../config/schema.ts';
import type { Site } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';

/** How many people a refusal names. */
export const MOST_NAMES = 8;

/** What somebody holds. Allowances only add up: nothing that is held takes anything away. */
export interface Standing {
  readonly roles: readonly RoleName[];
  readonly grants: readonly Grant[];
}

/** What of a command decides who may use it. */
export interface Permissible {
  readonly name: string;
  readonly area: Area;
  readonly risk: Risk;
  /** Roles that may use it everywhere; admins always may. */
  readonly roles: readonly RoleName[];
}

export type Place = Pick<Site, 'name' | 'cluster' | 'environment'>;

/** What a command is to be used on, as far as that is known. */
export type Target =
  /** Not said yet, or of no matter: being allowed on something is enough. */
  | { readonly kind: 'somewhere' }
  /** All sites at once. */
  | { readonly kind: 'everywhere' }
  /** `hosts` are those that the plan touches; null before there is a plan. */
  | { readonly kind: 'site'; readonly site: Place; readonly hosts: readonly Touched[] | null }
  /** A host by itself, with the sites on it. */
  | { readonly kind: 'host'; readonly host: Touched & { readonly cluster: string }; readonly sites: readonly Place[] }
  /** A cluster as a whole. */
  | { readonly kind: 'cluster'; readonly name: string };

export interface Touched {
  readonly name: string;
  readonly roles: readonly HostRole[];
}

const share = (wanted: readonly HostRole[] | undefined, host: Touched) =>
  wanted === undefined || host.roles.some((role) => wanted.includes(role));

/** Whether a grant lets its holder use a command on one host of one place; null stands for what is not known yet. */
function grants(it: Grant, command: Permissible, place: Place | null, host: Touched | null): boolean {
  if (host !== null && !share(it.hosts, host)) return false;
  if (place !== null) {
    if (it.site !== undefined && it.site !== place.name) return false;
    if (it.cluster !== undefined && it.cluster !== place.cluster) return false;
    if (it.environment !== undefined && it.environment !== place.environment) return false;
  }
  return PRESETS[it.preset].allows.some(
    ({ areas, risks, environments, hosts }) =>
      areas.includes(command.area) &&
      risks.includes(command.risk) &&
      (place === null || environments === undefined || environments.includes(place.environment)) &&
      (host === null || share(hosts, host)),
  );
}

const isLimited = ({ site, cluster, environment, hosts }: Grant) =>
  [site, cluster, environment, hosts].some((limit) => limit !== undefined);

/** Whether a grant is for a cluster as a whole, so that what is in it is covered as well. */
const reachesCluster = ({ site, environment, cluster }: Grant, name: string) =>
  site === undefined && environment === undefined && (cluster === undefined || cluster === name);

function isGranted(held: readonly Grant[], command: Permissible, target: Target): boolean {
  switch (target.kind) {
    case 'somewhere':
      return held.some((one) => grants(one, command, null, null));
    case 'everywhere':
      return held.some((one) => !isLimited(one) && grants(one, command, null, null));
    case 'site': {
      const { site, hosts } = target;
      if (hosts === null || hosts.length === 0) return held.some((one) => grants(one, command, site, null));
      // Each host may be allowed by another grant.
      return hosts.every((host) => held.some((one) => grants(one, command, site, host)));
    }
    case 'host': {
      const { host, sites } = target;
      if (held.some((one) => reachesCluster(one, host.cluster) && grants(one, command, null, host))) return true;
      const through = (site: Place) => held.some((one) => grants(one, command, site, host));
      // To look at a host one of its sites is enough; a change of it has to be allowed for all of them.
      return command.risk === 'read' ? sites.some(through) : sites.length > 0 && sites.every(through);
    }
    case 'cluster': {
      const whole = (one: Grant) => command.risk === 'read' || one.hosts === undefined;
      return held.some((one) => whole(one) && reachesCluster(one, target.name) && grants(one, command, null, null));
    }
    default:
      return target satisfies never;
  }
}

/**
 * The one place that decides whether somebody may use a command: null when they may, else why not. Roles count
 * everywhere, grants where they say so. Pure; asked when a command is sent, a form opens or work is asked for again, with
 * the hosts of the plan before it is recorded, and once more at the instant of the start.
 */
export function authorise(held: Standing, command: Permissible, target: Target): Refusal | null {
  if (held.roles.includes('admin') || command.roles.some((role) => held.roles.includes(role))) return null;
  if (isGranted(held.grants, command, target)) return null;
  return refusal('not_allowed', whyNot(held, command, target));
}

function whyNot({ roles, grants: held }: Standing, command: Permissible, target: Target): string {
  const needed = `\`${command.name}\` is for ${[...new Set([...command.roles, 'admin'])].join(', ')}`;
  if (held.length === 0) return `${needed}; you are ${roles.join(', ') || 'nobody here'}.`;
  const yours = [...roles, ...held.map(grantInWords)].join('; ');
  const what = command.risk === 'read' ? `looking (${command.area})` : `${command.risk} work (${command.area})`;
  if (!isGranted(held, command, { kind: 'somewhere' }))
    return `${needed}, and no grant of yours allows ${what}. You hold: ${yours}.`;
  switch (target.kind) {
    case 'somewhere':
    case 'everywhere':
      return `\`${command.name}\` looks at every site, and your grants do not: ${yours}.`;
    case 'host':
      return `Your grants do not cover \`${command.name}\` on the host ${target.host.name}. You hold: ${yours}.`;
    case 'cluster':
      return `Your grants do not cover \`${command.name}\` on the cluster ${target.name}. You hold: ${yours}.`;
    case 'site': {
      const { site, hosts } = target;
      const beyond = (hosts ?? []).filter((one) => !isGranted(held, command, { kind: 'site', site, hosts: [one] }));
      const known = isGranted(held, command, { kind: 'site', site, hosts: null });
      const where = `${site.name} (${site.environment})`;
      if (known && beyond.length > 0)
        return `\`${command.name}\` on ${where} would touch ${beyond.map(hostInWords).join(', ')}, which your grants do not cover. You hold: ${yours}.`;
      return `Your grants do not cover \`${command.name}\` on ${where}. You hold: ${yours}.`;
    }
    default:
      return target satisfies never;
  }
}

const hostInWords = (host: Touched) => `${host.name} (${host.roles.join(', ')})`;

/**
 * Whether the person who asked for an operation may still do it at its start, by what they hold then: null when they
 * may. The words are about them, for whoever reads the card.
 */
export function requesterStillMay(held: Standing, command: Permissible, target: Target): Refusal | null {
  if (authorise(held, command, target) === null) return null;
  const words = [...held.roles, ...held.grants.map(grantInWords)].join('; ') || 'nothing here any more';
  return refusal(
    'not_allowed',
    `The person who asked for it may not run \`${command.name}\` there any more: they hold ${words}.`,
    'Somebody who may can press Retry, to ask for it themselves.',
  );
}

/** A refusal with the people who can help. */
export function naming(refused: Refusal, people: readonly string[]): Refusal {
  const some = people.slice(0, MOST_NAMES).map((id) => `<@${id}>`);
  return some.length === 0 ? refused : { ...refused, next: `Ask ${some.join(' or ')}.` };
}

/** Whether somebody may look at a site: those with a role see all of them, others what their grants reach. */
export function mayLookAt(held: Standing, site: Place): boolean {
  return mayLookAtTarget(held, { kind: 'site', site, hosts: null });
}

/** The same for a host, a cluster or what else a command is used on. */
export function mayLookAtTarget(held: Standing, target: Target): boolean {
  return held.roles.length > 0 || isGranted(held.grants, LOOKING, target);
}

const LOOKING: Permissible = { name: 'look', area: 'site', risk: 'read', roles: [] };

/** What somebody is told who asks to look at a site that their grants do not reach. */
export function outOfSight(site: string): Refusal {
  return refusal('not_allowed', `Your grants do not reach ${site}, so this is not for you to look at.`);
}
