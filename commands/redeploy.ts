import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { planRedeploy } from '../src/operations/redeploy/plan-redeploy.ts';
import { safetyBackup } from '../src/operations/safety-backup.ts';
import { command as backup } from './backup.ts';
import { operation } from './contract/command.ts';

export const command = operation({
  name: 'redeploy',
  summary:
    'Make the stored settings of a site hold: validate, maintenance on, apply, wait for health, maintenance off.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  args: z.strictObject({ site: name }),
  risk: 'disruptive',
  plan: (facts, args) => {
    const before = safetyBackup(facts, backup.plan);
    return before.ok ? planRedeploy(facts, args, before.value) : before;
  },
});
