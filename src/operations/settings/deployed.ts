import { z } from 'zod';
import { name } from '../../estate/types.ts';
import { ok } from '../../kernel/result.ts';
import type { LocalStep } from '../local.ts';
import type { PlannedStep } from '../plan.ts';
import type { SettingsState } from './book.ts';

const DEPLOYED_STEP = 'settings.deployed';

const plain = z.object({
  site: name,
  version: z.coerce.number().int().min(0),
  before: z.coerce.number().int().min(0),
});

/** The last step of a redeploy: notes that the version that is stored now is what runs. */
export function deployedStep(site: string, { version, running }: SettingsState): PlannedStep {
  return {
    step: DEPLOYED_STEP,
    title: `Note version ${version} of the settings as what runs`,
    host: '',
    params: { site, version: String(version), before: String(running) },
    secrets: [],
  };
}

const run: LocalStep['run'] = async ({ settings }, { params }) => {
  const { site, version, before } = plain.parse(params);
  await settings.deployed(site, version);
  const next =
    version === before
      ? `\`settings show ${site}\` shows them.`
      : `The way back: \`settings rollback ${site} ${before}\`, then \`redeploy ${site}\`.`;
  return ok({ settings: `version ${version} runs`, next });
};

export const settingsDeployed: LocalStep = { name: DEPLOYED_STEP, run };
