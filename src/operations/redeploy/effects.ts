import { settingOf } from '../../estate/setting.ts';
import { namesOf } from '../../estate/web-heads.ts';
import type { SiteFacts } from '../facts.ts';
import { commandInWords } from '../profile/encode.ts';
import type { Maintenance } from '../profile/maintenance.ts';
import type { PlacedCommand } from '../profile/place.ts';
import { checksOf, namesOfChecks, type Parts } from './parts.ts';

/** What a redeploy means for the settings, for those who approve it. */
export function settingsInWords({ site, profile: { profile }, settings }: SiteFacts): string[] {
  const { version, running, uncertain, pendingRedeploy, document } = settings;
  const secrets = Object.keys(document).filter((key) => settingOf(profile, key)?.secret === true);
  const runs = uncertain
    ? 'what runs now is not certain, because the last redeploy did not end well'
    : running === 0
      ? 'Twokey has not deployed any before'
      : `version ${running} runs now`;
  return [
    `Makes version ${version} of the settings of ${site.name} hold; ${runs}.`,
    ...(pendingRedeploy ? [] : ['No setting waits for it; the commands are run all the same.']),
    ...(secrets.length === 0
      ? []
      : [`Hands no secret to the host: see yourself that the application has ${secrets.join(', ')}.`]),
  ];
}

/** What the plan runs, and what it leaves out, for those who approve it. */
export function partsInWords({ profile: { profile } }: SiteFacts, parts: Parts): string[] {
  const { validate, apply, maintenance, health } = parts;
  const shown = (command: PlacedCommand) => `on ${namesOf(command.hosts)}: ${commandInWords(command)}`;
  const { visitors } = checksOf(parts);
  const left =
    health.left.length === 0 ? [] : [`Not asked, for want of one host of the role: ${health.left.join(', ')}.`];
  return [
    validate === null
      ? `Nothing is validated first: the profile ${profile.name} has no \`config_validate\`.`
      : `Validates ${shown(validate)}`,
    ...maintenanceInWords(profile.name, profile.maintenance.none, maintenance),
    `${apply.by === 'restart' ? 'Restarts, as the profile has no `config_apply`,' : 'Applies'} ${shown(apply)}`,
    health.checks.length === 0
      ? `Nothing tells whether it is healthy then: the profile ${profile.name} has no \`healthcheck\` and no probe. That its commands end with 0 has to do.`
      : `Waits until all of these say that it is healthy: ${namesOfChecks(health.checks)}.`,
    ...left,
    ...(visitors.length === 0
      ? []
      : [`${namesOfChecks(visitors)} can only be asked after maintenance; without a good answer it goes ON again.`]),
  ];
}

function maintenanceInWords(profile: string, none: string | undefined, maintenance: Maintenance | null): string[] {
  if (maintenance === null)
    return [`The site is NOT put into maintenance: the profile ${profile} has none. ${none ?? ''}`.trim()];
  const { on, off, meanwhile, unproved } = maintenance;
  return [
    `Maintenance is ON meanwhile (${meanwhile}) on ${namesOf(on.enter.hosts)}: ${commandInWords(on.enter)}`,
    `It is OFF when all went well, also when it was ON before, and stays ON when anything fails: ${commandInWords(off.enter)}`,
    ...(unproved === null ? [] : [`Nothing proves the mode: ${unproved}`]),
  ];
}
