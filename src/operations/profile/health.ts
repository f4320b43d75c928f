import { checkValue } from '../../estate/parameter.ts';
import type { Profile } from '../../estate/profile.ts';
import { findCommand, siteValues } from '../../estate/profile-command.ts';
import { siteSlots } from '../../estate/profile-slots.ts';
import { expandText } from '../../estate/template.ts';
import type { Host } from '../../estate/types.ts';
import type { Hosts } from '../../estate/web-heads.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import { commandParams, type Params, type Sign, signParams } from './encode.ts';
import { hostForRole, type PlacedCommand, placeCommand } from './place.ts';

/** One question whose answer says whether a site is well. */
export type Check = { readonly name: string; readonly host: Host } & (
  | { readonly kind: 'command'; readonly command: PlacedCommand; readonly sign: Sign }
  | { readonly kind: 'tcp'; readonly port: string }
  /** The address that visitors use; in maintenance they get its page, so that it tells nothing of the application. */
  | { readonly kind: 'http'; readonly url: string }
);

export interface Health {
  readonly checks: readonly Check[];
  /** Services whose probe is left out, because no one host has their role. */
  readonly left: readonly string[];
  /** How long the site may take to become healthy, in seconds. */
  readonly waitSeconds: string;
}

type Service = Profile['services'][number];
type Probed = Result<readonly Check[] | { readonly left: string }, Refusal>;

/** Where the profile has no setting `wait_seconds`. */
const WAIT_SECONDS = '300';

/**
 * What says that a site is well: the profile's `healthcheck`, and the probes of its services. Services that not every
 * site has are not asked. Where the application has just been changed on several hosts (`heads`), a service is asked on
 * each of these that has its role. Refusals: bad_arguments for a setting that a check needs and that has no value.
 */
export function placeHealth(facts: SiteFacts, heads: Hosts): Result<Health, Refusal> {
  const { profile } = facts.profile;
  const checks: Check[] = [];
  const left: string[] = [];
  const own = healthcheck(facts);
  if (!own.ok) return own;
  checks.push(...own.value);
  for (const service of profile.services) {
    if (service.optional || service.probe === undefined) continue;
    const probed = probesOf(facts, service, heads);
    if (!probed.ok) return probed;
    if ('left' in probed.value) left.push(probed.value.left);
    else checks.push(...probed.value.filter((found) => !checks.some((one) => isSame(one, found))));
  }
  const values = siteValues(facts.profile, facts.site, facts.settings.document);
  if (!values.ok) return values;
  const wait = profile.settings.wait_seconds?.type === 'integer' ? values.value.wait_seconds : undefined;
  return ok({ checks, left, waitSeconds: wait ?? WAIT_SECONDS });
}

function healthcheck(facts: SiteFacts): Result<readonly Check[], Refusal> {
  // One that nobody has set is no reason to refuse: the services' probes tell meanwhile.
  if ((facts.profile.profile.commands.healthcheck?.run ?? null) === null) return ok([]);
  const command = findCommand(facts.profile, 'healthcheck');
  if (!command.ok) return command;
  const placed = placeCommand(facts, command.value);
  return placed.ok ? ok(commandChecks('the healthcheck', placed.value)) : placed;
}

/** The same command asked on each of its hosts. */
function commandChecks(name: string, command: PlacedCommand): Check[] {
  const sign = command.yesWhen ?? { exit: 0 };
  return command.hosts.map((host) => ({
    kind: 'command',
    name: nameOn(name, host, command.hosts),
    host,
    command,
    sign,
  }));
}

const nameOn = (name: string, host: Host, hosts: readonly Host[]) =>
  hosts.length === 1 ? name : `${name} on ${host.name}`;

function probesOf(facts: SiteFacts, { name, role, probe }: Service, heads: Hosts): Probed {
  const { estate, site } = facts;
  const running = heads.filter((host) => host.roles.includes(role));
  const [first, ...more] = heads.length === 1 ? [] : running;
  if (probe?.command !== undefined) {
    const placed = placeCommand(facts, { run: [probe.command], parameters: {} });
    if (!placed.ok) return placed;
    return ok(commandChecks(name, first === undefined ? placed.value : { ...placed.value, hosts: [first, ...more] }));
  }
  if (probe?.http !== undefined) {
    const url = filled(facts, probe.http, 'url');
    return url.ok ? ok([{ kind: 'http', name, host: site.hostOf, url: url.value }]) : url;
  }
  if (probe?.tcp === undefined) return ok([]);
  const filledPort = filled(facts, probe.tcp, 'port');
  if (!filledPort.ok) return filledPort;
  const port = filledPort.value;
  if (first !== undefined)
    return ok([first, ...more].map((host) => ({ kind: 'tcp', name: nameOn(name, host, running), host, port })));
  const host = hostForRole(estate, site, role);
  return ok(host.ok ? [{ kind: 'tcp', name, host: host.value, port }] : { left: `${name} (${role})` });
}

function filled({ profile, site, settings }: SiteFacts, template: string, type: 'url' | 'port') {
  const values = siteValues(profile, site, settings.document);
  if (!values.ok) return values;
  const text = expandText(template, siteSlots(profile.profile), values.value);
  return text.ok ? checkValue(type, { type }, text.value) : text;
}

function isSame(one: Check, other: Check): boolean {
  return (
    one.kind === 'command' &&
    other.kind === 'command' &&
    one.host.name === other.host.name &&
    JSON.stringify(one.command.runs) === JSON.stringify(other.command.runs)
  );
}

/** The parameters of asking some of the checks, all on one host. */
export function checkParams({ waitSeconds }: Health, checks: readonly Check[]): Params {
  const each = checks.map((check, index): Params => {
    const group = `check_${index + 1}`;
    return {
      [`${group}_name`]: check.name,
      [`${group}_kind`]: check.kind,
      [`${group}_at`]: check.kind === 'http' ? check.url : check.kind === 'tcp' ? check.port : '',
      ...(check.kind === 'command' ? { ...commandParams(group, check.command), ...signParams(group, check.sign) } : {}),
    };
  });
  return Object.assign({ checks: String(checks.length), wait_seconds: waitSeconds }, ...each);
}
