import { findCommand } from '../../estate/profile-command.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import type { Plan } from '../plan.ts';
import { placeHealth } from '../profile/health.ts';
import { placeMaintenance } from '../profile/maintenance.ts';
import { placeCommand } from '../profile/place.ts';
import type { SafetyBackup } from '../safety-backup.ts';
import { partsInWords, settingsInWords } from './effects.ts';
import type { Parts } from './parts.ts';
import { stepsOf } from './steps.ts';

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
    ...stepsOf(facts, parts, backup),
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
  const health = placeHealth(facts, apply.value.hosts);
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
