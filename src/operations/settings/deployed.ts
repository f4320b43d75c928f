import { z } from 'zod';
import { name } from '../../estate/types.ts';
import { ok } from '../../kernel/result.ts';
import type { LocalStep } from '../local.ts';
import type { PlannedStep } from '../plan.ts';
import type { SettingsState } from './book.ts';

const DEPLOYING_STEP = 'settings.deploying';
const DEPLOYED_STEP = 'settings.deployed';

const plain = z.object({
  site: name,
  version: z.coerce.number().int().min(0),
  before: z.coerce.number().int().min(0),
  next: z.literal('said').exactOptional(),
});

/** The step of a redeploy before it changes anything: until one has succeeded, nobody can be sure what runs. */
export function deployingStep(site: string): PlannedStep {
  return {
    step: DEPLOYING_STEP,
    title: 'Note that the settings are being deployed',
    host: '',
    params: { site },
    secrets: [],
  };
}

/**
 * The last step of a redeploy: notes that the version that is stored now is what runs. `alone` is false where something
 * else was changed with it, whose step says what is next.
 */
export function deployedStep(site: string, { version, running }: SettingsState, alone = true): PlannedStep {
  return {
    step: DEPLOYED_STEP,
    title: `Note version ${version} of the settings as what runs`,
    host: '',
    params: { site, version: String(version), before: String(running), ...(alone ? {} : { next: 'said' }) },
    secrets: [],
  };
}

const begin: LocalStep['run'] = async ({ settings }, { params }) => {
  await settings.deploying(name.parse(params.site));
  return ok({});
};

const end: LocalStep['run'] = async ({ settings }, { params }) => {
  const { site, version, before, next: said } = plain.parse(params);
  await settings.deployed(site, version);
  if (said !== undefined) return ok({ settings: `version ${version} runs` });
  const next =
    version === before || before === 0
      ? `\`settings show ${site}\` shows them.`
      : `The way back: \`settings rollback ${site} ${before}\`, then \`redeploy ${site}\`.`;
  return ok({ settings: `version ${version} runs`, next });
};

export const DEPLOY_STEPS: readonly LocalStep[] = [
  { name: DEPLOYING_STEP, run: begin },
  { name: DEPLOYED_STEP, run: end },
];
