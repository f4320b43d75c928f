import { z } from 'zod';
import {
  changeInWords,
  checkChanges,
  needsRedeploy,
  type SettingChange,
  type SettingsDocument,
  touchesAdvanced,
} from '../../estate/site-settings.ts';
import { targetOfKey } from '../../estate/target.ts';
import { type Estate, name } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { reasonOf } from '../reason.ts';
import type { SettingsFacts } from './facts.ts';

/** The step that writes a version of a site's settings. */
export const WRITE_STEP = 'settings.write';
/** How a step's parameters name the settings that it sets, and those that it unsets. */
const SET = 'set ';
const UNSET = 'unset ';

/** What a command wants to become of a site's settings. */
export interface WantedSettings {
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly document: SettingsDocument;
  /** The asker said that advanced settings may be changed. */
  readonly advanced: boolean;
  /** Why, for the history: `set smtp_host`. */
  readonly why: string;
}

/** What the step of a plan writes. */
export interface SettingsWrite {
  readonly site: string;
  /** The version it replaces; another one there refuses it. */
  readonly from: number;
  /** The version that runs, on which `pendingRedeploy` was judged. */
  readonly running: number;
  readonly pendingRedeploy: boolean;
  readonly why: string;
  /** The changes in words, for the operation's result. */
  readonly changed: string;
  readonly changes: readonly SettingChange[];
}

/**
 * The plan of writing a new version of a site's settings. Pure. Refusals: those of checkChanges.
 * A plan that changes an advanced setting is as risky as what is disruptive, whatever its command is.
 */
export function planSettings(estate: Estate, facts: SettingsFacts, wanted: WantedSettings): Result<Plan, Refusal> {
  const { site, profile, state, secrets } = facts;
  const { command, args, document, advanced, why } = wanted;
  const target = targetOfKey(estate, site);
  if (!target) return err(refusal('unknown_site', `There is no site "${site}".`));
  const changes = checkChanges(profile, state.document, document, { advanced, secrets });
  if (!changes.ok) return changes;
  const pendingRedeploy = needsRedeploy(profile, state.runningDocument, document);
  const words = changes.value.map((change) => changeInWords(profile, change));
  const step = writeStep({
    site,
    from: state.version,
    running: state.running,
    pendingRedeploy,
    why,
    changed: words.join('; '),
    changes: changes.value,
  });
  return ok({
    version: 1,
    command,
    args,
    site,
    environment: target.environment,
    lock: site,
    steps: [touchesAdvanced(profile, changes.value) ? { ...step, risk: 'disruptive' } : step],
    cleanup: [],
    effects: [
      `Writes version ${state.version + 1} of the settings of ${site}:`,
      ...words,
      pendingRedeploy
        ? `Nothing is run on the host: what is stored holds when the site is deployed again with \`redeploy ${site}\`.`
        : 'Nothing is run on the host, and nothing has to be deployed again.',
      ...reasonOf(args),
    ],
  });
}

function writeStep({ site, from, running, pendingRedeploy, why, changed, changes }: SettingsWrite): PlannedStep {
  const params = Object.fromEntries(
    changes.map(({ key, after }): [string, string] =>
      after === null ? [`${UNSET}${key}`, ''] : [`${SET}${key}`, after],
    ),
  );
  return {
    step: WRITE_STEP,
    title: `Write version ${from + 1} of the settings`,
    host: '',
    params: {
      ...params,
      site,
      from: String(from),
      running: String(running),
      'redeploy pending': pendingRedeploy ? 'yes' : 'no',
      why,
      changed,
    },
    secrets: [],
  };
}

const plain = z.object({
  site: name,
  from: z.coerce.number().int().min(0),
  running: z.coerce.number().int().min(0),
  'redeploy pending': z.enum(['yes', 'no']),
  why: z.string(),
  changed: z.string(),
});

/** What a step writes, or null when it is another one. Throws when a plan in the database makes no sense. */
export function readWrite({ step, params }: PlannedStep): SettingsWrite | null {
  if (step !== WRITE_STEP) return null;
  const { 'redeploy pending': pending, ...rest } = plain.parse(params);
  const changes = Object.entries(params).flatMap(([param, value]): SettingChange[] => {
    if (param.startsWith(SET)) return [{ key: param.slice(SET.length), before: null, after: value }];
    return param.startsWith(UNSET) ? [{ key: param.slice(UNSET.length), before: null, after: null }] : [];
  });
  return { ...rest, pendingRedeploy: pending === 'yes', changes };
}
