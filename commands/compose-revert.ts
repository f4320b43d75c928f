import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { findCompose, planComposeChange } from '../src/operations/compose/plan-change.ts';
import { planReturn } from '../src/operations/compose/revert.ts';
import { safetyBackup } from '../src/operations/safety-backup.ts';
import { command as backup } from './backup.ts';
import { operation } from './contract/command.ts';
import { composeHostField, fileName } from './contract/compose.ts';
import { reasonText, WITHOUT_BACKUP } from './contract/reason.ts';

export const command = operation({
  name: 'compose revert',
  summary: 'Put the compose file of a site back as it was before the last change, or as a dated backup has it.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    {
      key: 'backup',
      label: 'backup',
      of: 'text',
      required: false,
      hint: 'its name in `compose history`; the newest without one',
    },
    composeHostField,
    WITHOUT_BACKUP,
  ],
  looksAt: 'compose',
  args: z.strictObject({
    site: name,
    backup: fileName.exactOptional(),
    host: name.exactOptional(),
    without_backup: reasonText.exactOptional(),
  }),
  risk: 'disruptive',
  plan: (facts, args) => {
    const found = findCompose(facts);
    if (!found.ok) return found;
    const fresh = planReturn(found.value, facts.site, args.backup);
    if (!fresh.ok) return fresh;
    const before = safetyBackup(facts, backup.plan, args.without_backup);
    if (!before.ok) return before;
    const asked = { command: 'compose revert', args, backup: before.value };
    return planComposeChange(facts, asked, found.value, fresh.value);
  },
});
