import { findCommand } from '../../estate/profile-command.ts';
import type { Hosts } from '../../estate/web-heads.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import type { Plan } from '../plan.ts';
import { placeHealth } from '../profile/health.ts';
import { placeMaintenance } from '../profile/maintenance.ts';
import { placeCommand } from '../profile/place.ts';
import type { SafetyBackup } from '../safety-backup.ts';
import type { Change } from './change.ts';
import { partsInWords, settingsInWords } from './effects.ts';
import type { Parts } from './parts.ts';
import { stepsOf } from './steps.ts';

/** What visitors are told in modes that show them a message. */
const MESSAGE = 'The site is being deployed again and will be back soon.';

/**
 * The plan that makes a site's stored settings hold: validate, maintenance ON, apply, wait for health, maintenance OFF,
 * note the version. A change of the host that somebody asks for is made and applied in the same maintenance. Pure.
 * Refusals: command_not_set and not_supported for what the profile does not have, bad_arguments for a setting without a
 * value.
 */
export function planRedeploy(
  facts: SiteFacts,
  args: Readonly<Record<string, string>>,
  backup: SafetyBackup,
  change: Change | null = null,
): Result<Plan, Refusal> {
  const { site } = facts;
  const found = partsOf(facts, change);
  if (!found.ok) return found;
  const parts = found.value;
  return ok({
    version: 1,
    command: change?.command ?? 'redeploy',
    args,
    site: site.name,
    environment: site.environment,
    lock: site.name,
    ...stepsOf(facts, parts, backup),
    effects: [
      ...(change?.effects ?? []),
      ...(change?.partial ? [] : settingsInWords(facts)),
      ...backup.effects,
      ...partsInWords(facts, parts),
    ],
  });
}

function partsOf(facts: SiteFacts, change: Change | null): Result<Parts, Refusal> {
  const { commands } = facts.profile.profile;
  const validates = commands.config_validate !== undefined && change === null;
  const validate = validates ? place(facts, 'config_validate') : ok(null);
  if (!validate.ok) return validate;
  const by = commands.config_apply === undefined && commands.restart !== undefined ? 'restart' : 'config_apply';
  const apply = place(facts, by);
  if (!apply.ok) return apply;
  const hosts: Hosts = change === null ? apply.value.hosts : [change.host];
  const maintenance = placeMaintenance(facts, change?.message ?? MESSAGE);
  if (!maintenance.ok) return maintenance;
  const health = placeHealth(facts, hosts);
  if (!health.ok) return health;
  return ok({
    validate: validate.value,
    apply: { ...apply.value, hosts, by },
    maintenance: maintenance.value,
    health: health.value,
    change,
  });
}

function place(facts: SiteFacts, name: 'config_validate' | 'config_apply' | 'restart') {
  const command = findCommand(facts.profile, name);
  return command.ok ? placeCommand(facts, command.value) : command;
}
