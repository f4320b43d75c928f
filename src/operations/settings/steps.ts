import { withChanges } from '../../estate/site-settings.ts';
import { refusal } from '../../kernel/errors.ts';
import { err, ok } from '../../kernel/result.ts';
import type { LocalStep } from '../local.ts';
import { DEPLOY_STEPS } from './deployed.ts';
import { readWrite, WRITE_STEP } from './plan-settings.ts';

/** Looks once more at the rows themselves, which nobody else changes meanwhile, and writes the next version. */
const run: LocalStep['run'] = async ({ settings }, planned) => {
  const wanted = readWrite(planned);
  if (wanted === null) return err(refusal('internal', `the step ${planned.step} writes no settings`));
  const { site, from, running, pendingRedeploy, why, changed, changes } = wanted;
  const state = await settings.hold(site);
  if (state.version !== from)
    return err(
      refusal(
        'drift',
        `Somebody else was faster: version ${state.version} of the settings of ${site} is stored, and this was made on version ${from}.`,
        `Look at \`settings show ${site}\`, then send it again.`,
      ),
    );
  if (state.running !== running)
    return err(refusal('drift', `The site ${site} was deployed meanwhile.`, 'Send it again.'));
  const version = from + 1;
  await settings.write({ site, version, document: withChanges(state.document, changes), pendingRedeploy, why });
  const next = pendingRedeploy
    ? `It holds when ${site} is deployed again: \`redeploy ${site}\`. \`settings diff ${site}\` shows what waits.`
    : `\`settings show ${site}\` shows all of them.`;
  return ok({ version: String(version), changed, redeploy: pendingRedeploy ? 'pending' : 'not needed', next });
};

export const SETTINGS_STEPS: readonly LocalStep[] = [{ name: WRITE_STEP, run }, ...DEPLOY_STEPS];
