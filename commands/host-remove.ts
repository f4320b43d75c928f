import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { estateOperation } from './contract/command.ts';
import { planRemoval } from './contract/removal.ts';

export const command = estateOperation({
  name: 'host remove',
  summary: 'Take a host that nothing needs out of the estate; it can be put back.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }],
  risk: 'break-glass',
  args: z.strictObject({ host: name }),
  plan: (facts, args) => planRemoval(facts, 'host', args.host, args),
});
