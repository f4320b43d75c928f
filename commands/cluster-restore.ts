import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { estateOperation } from './contract/command.ts';
import { planReturn } from './contract/removal.ts';

export const command = estateOperation({
  name: 'cluster restore',
  summary: 'Put a cluster back into the estate, with its hosts, as it was when it was removed.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'text', required: true }],
  risk: 'routine',
  args: z.strictObject({ cluster: name }),
  plan: (facts, args) => planReturn(facts, 'cluster', args.cluster, args),
});
