import { z } from 'zod';
import { withChanges } from '../src/estate/site-settings.ts';
import { ok } from '../src/kernel/result.ts';
import { CHANGE_ARGS, settingsChange } from './contract/settings.ts';

export const command = settingsChange({
  name: 'settings set',
  summary: 'Store a new value of a setting; it holds when the site is deployed again.',
  fields: [
    { key: 'key', label: 'setting', of: 'text', required: true },
    {
      key: 'value',
      label: 'value',
      of: 'text',
      required: true,
      unwritten: true,
      hint: 'of a secret: the name of its file',
    },
  ],
  args: z.strictObject({ ...CHANGE_ARGS, key: z.string().min(1).max(100), value: z.string().min(1).max(1_000) }),
  wanted: ({ state }, { key, value }) =>
    ok({ document: withChanges(state.document, [{ key, before: null, after: value }]), why: `set ${key}` }),
});
