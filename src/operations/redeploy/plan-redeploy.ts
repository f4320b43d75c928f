import { findCommand } from '../../estate/profile-command.ts';
import { secretFiles } from '../../estate/site-settings.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { commandParams } from '../profile/encode.ts';
import { checkParams, placeHealth } from '../profile/health.ts';
import { modeParams, placeMaintenance } from '../profile/maintenance.ts';
import { placeCommand } from '../profile/place.ts';
import type { SafetyBackup } from '../safety-backup.ts';
import { deployedStep, deployingStep } from '../settings/deployed.ts';
import { aftermathsOf } from './aftermath.ts';
import { partsInWords, settingsInWords } from './effects.ts';
import { checksOf, namesOf, type Parts } from './parts.ts';

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
    steps: stepsOf(facts, parts, backup.steps),
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

function stepsOf(facts: SiteFacts, parts: Parts, backup: readonly PlannedStep[]): PlannedStep[] {
  const { site, profile, settings } = facts;
  const { validate, apply, maintenance, health } = parts;
  const { visitors, byHost } = checksOf(parts);
  const after = aftermathsOf(facts, maintenance);
  const secret = site.database.password_secret;
  const blanks = [...(secret === undefined ? [] : [secret]), ...secretFiles(profile.profile, settings.document)];
  const on = (it: Omit<PlannedStep, 'secrets' | 'blanks'>): PlannedStep => ({
    ...it,
    secrets: [],
    ...(blanks.length === 0 ? {} : { blanks }),
  });
  const unchanged = (step: PlannedStep) => (after.preparing === '' ? step : { ...step, aftermath: after.preparing });
  const validating =
    validate === null
      ? []
      : [
          on({
            step: 'config.validate',
            title: 'Validate the configuration',
            host: validate.host.name,
            params: commandParams('do', validate),
          }),
        ];
  return [
    ...[...backup, ...validating].map(unchanged),
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
        params: checkParams(health, checks),
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
              ...checkParams(health, visitors),
            },
            aftermath: after.leaving,
          }),
        ]),
    { ...deployedStep(site.name, settings), aftermath: after.noting },
  ];
}
