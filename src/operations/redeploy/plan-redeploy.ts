import { findCommand } from '../../estate/profile-command.ts';
import { secretFiles, settingOf } from '../../estate/site-settings.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { commandInWords, commandParams } from '../profile/encode.ts';
import { type Check, checkParams, type Health, placeHealth } from '../profile/health.ts';
import { type Maintenance, modeParams, placeMaintenance } from '../profile/maintenance.ts';
import { type PlacedCommand, placeCommand } from '../profile/place.ts';
import type { SafetyBackup } from '../safety-backup.ts';
import { deployedStep, deployingStep } from '../settings/deployed.ts';
import { aftermathsOf } from './aftermath.ts';

/** All that a redeploy is planned from; commands are expanded with the settings that are stored. */
interface Parts {
  readonly validate: PlacedCommand | null;
  readonly apply: PlacedCommand & { readonly by: 'config_apply' | 'restart' };
  readonly maintenance: Maintenance | null;
  readonly health: Health;
}

/** What visitors are told in modes that show them a message. */
const MESSAGE = 'The site is being deployed again and will be back soon.';

/**
 * The plan that makes a site's stored settings hold: validate, maintenance ON, apply, wait for health, maintenance OFF,
 * note the version. Pure. Refusals: command_not_set and not_supported for what the profile does not have, bad_arguments
 * for a setting without a value.
 */
export function planRedeploy(
  facts: SiteFacts,
  args: Readonly<Record<string, string>>,
  backup: SafetyBackup,
): Result<Plan, Refusal> {
  const { site } = facts;
  const found = partsOf(facts);
  if (!found.ok) return found;
  const parts = found.value;
  return ok({
    version: 1,
    command: 'redeploy',
    args,
    site: site.name,
    environment: site.environment,
    lock: site.name,
    steps: [...backup.steps, ...stepsOf(facts, parts)],
    cleanup: backup.cleanup,
    effects: [...settingsInWords(facts), ...backup.effects, ...partsInWords(facts, parts)],
  });
}

function partsOf(facts: SiteFacts): Result<Parts, Refusal> {
  const { commands } = facts.profile.profile;
  const validate = commands.config_validate === undefined ? ok(null) : place(facts, 'config_validate');
  if (!validate.ok) return validate;
  const by = commands.config_apply === undefined && commands.restart !== undefined ? 'restart' : 'config_apply';
  const apply = place(facts, by);
  if (!apply.ok) return apply;
  const maintenance = placeMaintenance(facts, MESSAGE);
  if (!maintenance.ok) return maintenance;
  const health = placeHealth(facts);
  if (!health.ok) return health;
  return ok({
    validate: validate.value,
    apply: { ...apply.value, by },
    maintenance: maintenance.value,
    health: health.value,
  });
}

function place(facts: SiteFacts, name: 'config_validate' | 'config_apply' | 'restart') {
  const command = findCommand(facts.profile, name);
  return command.ok ? placeCommand(facts, command.value) : command;
}

/** Checks that can be asked while nobody may work, by host, and those that only visitors see afterwards. */
function checksOf({ maintenance, health: { checks } }: Parts) {
  const isForVisitors = (check: Check) => maintenance !== null && check.kind === 'http';
  const visitors = checks.filter(isForVisitors);
  const inside = checks.filter((check) => !isForVisitors(check));
  const hosts = [...new Set(inside.map((check) => check.host.name))];
  return { visitors, byHost: hosts.map((host) => inside.filter((check) => check.host.name === host)) };
}

function stepsOf(facts: SiteFacts, parts: Parts): PlannedStep[] {
  const { site, profile, settings } = facts;
  const { validate, apply, maintenance } = parts;
  const { visitors, byHost } = checksOf(parts);
  const after = aftermathsOf(facts, maintenance);
  const secret = site.database.password_secret;
  const blanks = [...(secret === undefined ? [] : [secret]), ...secretFiles(profile.profile, settings.document)];
  const on = (it: Omit<PlannedStep, 'secrets' | 'blanks'>): PlannedStep => ({
    ...it,
    secrets: [],
    ...(blanks.length === 0 ? {} : { blanks }),
  });
  return [
    ...(validate === null
      ? []
      : [
          on({
            step: 'config.validate',
            title: 'Validate the configuration',
            host: validate.host.name,
            params: commandParams('do', validate),
          }),
        ]),
    ...(maintenance === null
      ? []
      : [
          on({
            step: 'maintenance.on',
            title: `Maintenance ON (${maintenance.on.name})`,
            host: maintenance.on.enter.host.name,
            params: modeParams(maintenance.on, maintenance),
            aftermath: after.entering,
          }),
        ]),
    { ...deployingStep(site.name), aftermath: after.beginning },
    on({
      step: 'config.apply',
      title: apply.by === 'restart' ? 'Restart with the stored settings' : 'Apply the stored settings',
      host: apply.host.name,
      params: commandParams('do', apply),
      aftermath: after.changing,
    }),
    ...byHost.map((checks) =>
      on({
        step: 'health.check',
        title: `Wait until it is healthy: ${namesOf(checks)}`,
        host: checks[0]?.host.name ?? '',
        params: checkParams(facts, checks),
        aftermath: after.changing,
      }),
    ),
    ...(maintenance === null
      ? []
      : [
          on({
            step: 'maintenance.off',
            title: `Maintenance OFF (${maintenance.off.name})${visitors.length === 0 ? '' : `, and ask ${namesOf(visitors)}`}`,
            host: maintenance.off.enter.host.name,
            params: {
              ...modeParams(maintenance.on, maintenance, 'back'),
              ...modeParams(maintenance.off, maintenance),
              ...checkParams(facts, visitors),
            },
            aftermath: after.leaving,
          }),
        ]),
    { ...deployedStep(site.name, settings), aftermath: after.noting },
  ];
}

const namesOf = (checks: readonly Check[]) => checks.map((check) => check.name).join(', ');

function settingsInWords({ site, profile: { profile }, settings }: SiteFacts): string[] {
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
function partsInWords({ profile: { profile } }: SiteFacts, parts: Parts): string[] {
  const { validate, apply, maintenance, health } = parts;
  const shown = (command: PlacedCommand) => `on ${command.host.name}: ${commandInWords(command)}`;
  const { visitors } = checksOf(parts);
  const left = health.left.length === 0 ? [] : [`Not asked, for want of one host of the role: ${health.left.join(', ')}.`];
  return [
    validate === null
      ? `Nothing is validated first: the profile ${profile.name} has no \`config_validate\`.`
      : `Validates ${shown(validate)}`,
    ...maintenanceInWords(profile.name, profile.maintenance.none, maintenance),
    `${apply.by === 'restart' ? 'Restarts, as the profile has no `config_apply`,' : 'Applies'} ${shown(apply)}`,
    health.checks.length === 0
      ? `Nothing tells whether it is healthy then: the profile ${profile.name} has no \`healthcheck\` and no probe. That its commands end with 0 has to do.`
      : `Waits until all of these say that it is healthy: ${namesOf(health.checks)}.`,
    ...left,
    ...(visitors.length === 0
      ? []
      : [`${namesOf(visitors)} can only be asked after maintenance; without an answer it goes ON again.`]),
  ];
}

function maintenanceInWords(profile: string, none: string | undefined, maintenance: Maintenance | null): string[] {
  if (maintenance === null)
    return [`The site is NOT put into maintenance: the profile ${profile} has none. ${none ?? ''}`.trim()];
  const { on, off, meanwhile, unproved } = maintenance;
  return [
    `Maintenance is ON meanwhile (${meanwhile}) on ${on.enter.host.name}: ${commandInWords(on.enter)}`,
    `It is OFF when all went well, also when it was ON before, and stays ON when anything fails: ${commandInWords(off.enter)}`,
    ...(unproved === null ? [] : [`Nothing proves the mode: ${unproved}`]),
  ];
}
