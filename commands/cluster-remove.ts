import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { estateOperation } from './contract/command.ts';
import { planRemoval } from './contract/removal.ts';

export const command = estateOperation({
  name: 'cluster remove',
  summary: 'Take a cluster without sites out of the estate, with its hosts; it can be put back.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'cluster', required: true }],
  risk: 'break-glass',
  args: z.strictObject({ cluster: name }),
  plan: (facts, args) => planRemoval(facts, 'cluster', args.cluster, args),
});
