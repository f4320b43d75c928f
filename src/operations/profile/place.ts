import type { HostRole } from '../../config/permission-words.ts';
import { hostsOfCluster } from '../../estate/estate.ts';
import { type ExpandedCommand, expandCommand, type ReadyCommand, siteValues } from '../../estate/profile-command.ts';
import type { Values } from '../../estate/template.ts';
import type { Estate, Host, Site } from '../../estate/types.ts';
import { type Hosts, namesOf, WEB_HEAD, webHeads } from '../../estate/web-heads.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';

/** A profile's command made ready for a site: what runs there, word by word, and on which hosts: the same on each. */
export interface PlacedCommand extends ExpandedCommand {
  readonly hosts: Hosts;
}

/**
 * The host on which something of a role runs: the site's own when it has the role or none is asked for, else the one
 * host of its cluster that has it. Refusal: not_supported where there is none, or more than one.
 */
export function hostForRole(estate: Estate, site: Site, role: HostRole | null): Result<Host, Refusal> {
  if (role === null || site.hostOf.roles.includes(role)) return ok(site.hostOf);
  const found = hostsOfCluster(estate, site.cluster).filter((host) => host.roles.includes(role));
  const [only, ...more] = found;
  if (only && more.length === 0) return ok(only);
  const why =
    found.length === 0
      ? `The cluster ${site.cluster} has no host of the role ${role}, which ${site.name} needs.`
      : `Several hosts of the cluster ${site.cluster} have the role ${role}: ${namesOf(found)}.`;
  return err(
    refusal('not_supported', why, `Give the role ${role} to exactly one of them with \`host edit <host> roles …\`.`),
  );
}

function hostsFor(estate: Estate, site: Site, role: ExpandedCommand['role']): Result<Hosts, Refusal> {
  if (role === WEB_HEAD) return webHeads(estate, site);
  const host = hostForRole(estate, site, role ?? null);
  return host.ok ? ok([host.value]) : host;
}

/**
 * Fills a command with the site's settings as they are stored now, and finds its hosts: one, or each web head for a
 * command on `web-head`. Refusals: bad_arguments for a value that is missing or not of its type, not_supported as in
 * hostForRole and webHeads.
 */
export function placeCommand(
  { estate, site, profile, settings }: SiteFacts,
  command: ReadyCommand,
  given: Values = {},
): Result<PlacedCommand, Refusal> {
  const values = siteValues(profile, site, settings.document);
  if (!values.ok) return values;
  const expanded = expandCommand(profile, command, values.value, given);
  if (!expanded.ok) return expanded;
  const hosts = hostsFor(estate, site, expanded.value.role);
  return hosts.ok ? ok({ ...expanded.value, hosts: hosts.value }) : hosts;
}
