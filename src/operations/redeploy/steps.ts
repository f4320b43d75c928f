import { secretFiles } from '../../estate/site-settings.ts';
import type { Host } from '../../estate/types.ts';
import { callsCompose } from '../compose/validation.ts';
import type { SiteFacts } from '../facts.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { commandParams } from '../profile/encode.ts';
import { checkParams } from '../profile/health.ts';
import { type Maintenance, modeParams } from '../profile/maintenance.ts';
import type { PlacedCommand } from '../profile/place.ts';
import type { SafetyBackup } from '../safety-backup.ts';
import { deployedStep, deployingStep } from '../settings/deployed.ts';
import { aftermathsOf } from './aftermath.ts';
import type { Change, ChangeStep } from './change.ts';
import { checksOf, namesOfChecks, type Parts } from './parts.ts';

/** What makes the stored settings hold, and with them what was changed. */
const TITLES = {
  restart: 'Restart with the stored settings',
  config_apply: 'Apply the stored settings',
  change: 'Apply the change, and the stored settings',
};

type OnHost = (it: Omit<PlannedStep, 'secrets' | 'blanks'>) => PlannedStep;

/** The steps of a redeploy in their order, and what puts things back. What runs on several hosts is a step on each. */
export function stepsOf(facts: SiteFacts, parts: Parts, backup: SafetyBackup): Pick<Plan, 'steps' | 'cleanup'> {
  const { site, settings } = facts;
  const { validate, apply, maintenance, health, change } = parts;
  const after = aftermathsOf(facts, parts);
  const on = onHost(facts);
  const unchanged = (step: PlannedStep) => (after.preparing === '' ? step : { ...step, aftermath: after.preparing });
  const validating = validate === null ? [] : validateSteps(on, validate);
  const changing = change === null ? null : changeSteps(on, change);
  const before = [
    ...[...backup.steps, ...validating, ...(changing?.prepare ?? [])].map(unchanged),
    ...(maintenance === null
      ? []
      : enter(on, maintenance, 'Maintenance ON').map((step) => ({ ...step, aftermath: after.entering }))),
    ...(change?.partial ? [] : [{ ...deployingStep(site.name), aftermath: after.beginning }]),
    ...(changing === null ? [] : [{ ...changing.make, aftermath: after.making }]),
    ...apply.hosts.map((host, _, all) =>
      on({
        step: 'config.apply',
        title: titled(TITLES[change === null ? apply.by : 'change'], host, all),
        host: host.name,
        params: commandParams('do', apply),
        aftermath: after.changing,
      }),
    ),
    ...checksOf(parts).byHost.map((checks) =>
      on({
        step: 'health.check',
        title: `Wait until it is healthy: ${namesOfChecks(checks)}`,
        host: checks[0]?.host.name ?? '',
        params: checkParams(health, checks),
        aftermath: after.changing,
      }),
    ),
  ];
  const leaving = maintenance === null ? { steps: [], again: [] } : leave(on, parts, maintenance, after.leaving);
  const since = before.length + 1;
  return {
    steps: [
      ...before,
      ...leaving.steps,
      ...(change?.partial ? [] : [{ ...deployedStep(site.name, settings, change === null), aftermath: after.noting }]),
    ],
    cleanup: [
      ...backup.cleanup,
      ...(changing === null ? [] : [{ ...changing.cleanup, since: backup.steps.length + 1 }]),
      ...leaving.again.map((step) => ({ ...step, since })),
    ],
  };
}

/** What Compose says of a file that it refuses may be a password, so its words are filtered on the host. */
function validateSteps(on: OnHost, validate: PlacedCommand): PlannedStep[] {
  const params = commandParams('do', validate);
  const how = validate.runs.some(callsCompose)
    ? { step: 'compose.validate', params: { ...params, words: '' } }
    : { step: 'config.validate', params };
  return validate.hosts.map((host, _, all) =>
    on({ ...how, title: titled('Validate the configuration', host, all), host: host.name }),
  );
}

/** The steps of a change, all on its one host. */
function changeSteps(on: OnHost, { host, prepare, make, cleanup }: Change) {
  const there = (step: ChangeStep) => on({ ...step, host: host.name });
  return { prepare: prepare.map(there), make: there(make), cleanup: there(cleanup) };
}

/** Steps are given no secret, but what they print may show those of the site: all are blanked there. */
function onHost({ site, profile, settings }: SiteFacts): OnHost {
  const secret = site.database.password_secret;
  const blanks = [...(secret === undefined ? [] : [secret]), ...secretFiles(profile.profile, settings.document)];
  return (it) => ({ ...it, secrets: [], ...(blanks.length === 0 ? {} : { blanks }) });
}

const titled = (title: string, host: Host, all: readonly Host[]) =>
  all.length === 1 ? title : `${title} on ${host.name}`;

function enter(on: OnHost, maintenance: Maintenance, title: string): PlannedStep[] {
  const mode = maintenance.on;
  return mode.enter.hosts.map((host, _, all) =>
    on({
      step: 'maintenance.on',
      title: titled(`${title} (${mode.name})`, host, all),
      host: host.name,
      params: modeParams(mode, maintenance),
    }),
  );
}

/**
 * Ends maintenance, and asks what only visitors see. On one host the step itself begins it again when they are not
 * answered. On several no step can do that for the others, so the plan does: `again` is for when any of this goes wrong.
 */
function leave(on: OnHost, parts: Parts, maintenance: Maintenance, aftermath: string) {
  const { visitors } = checksOf(parts);
  const { off } = maintenance;
  const { hosts } = off.enter;
  const alone = hosts.length === 1;
  const asking = alone ? visitors : [];
  const steps = hosts.map((host) =>
    on({
      step: 'maintenance.off',
      title: `${titled(`Maintenance OFF (${off.name})`, host, hosts)}${asking.length === 0 ? '' : `, and ask ${namesOfChecks(asking)}`}`,
      host: host.name,
      params: {
        ...modeParams(maintenance.on, maintenance, 'back'),
        ...modeParams(off, maintenance),
        ...checkParams(parts.health, asking),
      },
      aftermath,
    }),
  );
  if (alone) return { steps, again: [] };
  const [first] = visitors;
  const asked =
    first === undefined
      ? []
      : [
          on({
            step: 'health.check',
            title: `Wait until visitors are answered: ${namesOfChecks(visitors)}`,
            host: first.host.name,
            params: checkParams(parts.health, visitors),
            aftermath,
          }),
        ];
  return { steps: [...steps, ...asked], again: enter(on, maintenance, 'Maintenance ON again') };
}
