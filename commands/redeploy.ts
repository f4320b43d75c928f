import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { planRedeploy } from '../src/operations/redeploy/plan-redeploy.ts';
import { safetyBackup } from '../src/operations/safety-backup.ts';
import { command as backup } from './backup.ts';
import { operation } from './contract/command.ts';
import { reasonText, WITHOUT_BACKUP } from './contract/reason.ts';

export const command = operation({
  name: 'redeploy',
  summary:
    'Make the stored settings of a site hold: validate, maintenance on, apply, wait for health, maintenance off.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }, WITHOUT_BACKUP],
  args: z.strictObject({ site: name, without_backup: reasonText.exactOptional() }),
  risk: 'disruptive',
  plan: (facts, args) => {
    const before = safetyBackup(facts, backup.plan, args.without_backup);
    return before.ok ? planRedeploy(facts, args, before.value) : before;
  },
});
