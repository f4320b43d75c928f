import { backupDiscard } from './backup-discard.ts';
import { backupPrepare } from './backup-prepare.ts';
import { backupPublish } from './backup-publish.ts';
import { composeDiscard } from './compose-discard.ts';
import { composeStage } from './compose-stage.ts';
import { composeSwap } from './compose-swap.ts';
import { composeValidate } from './compose-validate.ts';
import { configApply } from './config-apply.ts';
import { configValidate } from './config-validate.ts';
import { dbDump } from './db-dump.ts';
import { dbGlobals } from './db-globals.ts';
import { dbVerify } from './db-verify.ts';
import type { StepDefinition } from './definition.ts';
import { healthCheck } from './health-check.ts';
import { maintenanceOff } from './maintenance-off.ts';
import { maintenanceOn } from './maintenance-on.ts';

/** Every low-level step there is. A new step is one file and one line here. */
const STEPS: readonly StepDefinition[] = [
  backupPrepare,
  dbDump,
  dbGlobals,
  dbVerify,
  backupPublish,
  backupDiscard,
  configValidate,
  maintenanceOn,
  configApply,
  healthCheck,
  maintenanceOff,
  composeStage,
  composeValidate,
  composeSwap,
  composeDiscard,
];

const byName = new Map(STEPS.map((step) => [step.name, step]));

/** The step of that name; a plan that names another one cannot be run. */
export function stepByName(name: string): StepDefinition | undefined {
  return byName.get(name);
}
