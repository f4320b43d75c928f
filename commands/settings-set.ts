import { z } from 'zod';
import { withChanges } from '../src/estate/site-settings.ts';
import { name } from '../src/estate/types.ts';
import { err } from '../src/kernel/result.ts';
import { planSettings } from '../src/operations/settings/plan-settings.ts';
import { estateOperation } from './contract/command.ts';
import { ADVANCED_FIELD, advancedFlag, noSettings } from './contract/settings.ts';

export const command = estateOperation({
  name: 'settings set',
  summary: 'Store a new value of a setting; it holds when the site is deployed again.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'key', label: 'setting', of: 'text', required: true },
    {
      key: 'value',
      label: 'value',
      of: 'text',
      required: true,
      unwritten: true,
      hint: 'of a secret: the name of its file',
    },
    ADVANCED_FIELD,
  ],
  area: 'site',
  risk: 'routine',
  settings: true,
  args: z.strictObject({
    site: name,
    key: z.string().min(1).max(100),
    value: z.string().min(1).max(1_000),
    advanced: advancedFlag,
  }),
  plan: ({ estate, settings }, args) => {
    if (!settings) return err(noSettings(args.site));
    const { key, value, advanced } = args;
    return planSettings(estate, settings, {
      command: 'settings set',
      args,
      document: withChanges(settings.state.document, [{ key, before: null, after: value }]),
      advanced: advanced === 'yes',
      why: `set ${key}`,
    });
  },
});
