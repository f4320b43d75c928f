import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { estateOperation } from './contract/command.ts';
import { planReturn } from './contract/removal.ts';

export const command = estateOperation({
  name: 'host restore',
  summary: 'Put a host back into the estate, as it was when it was removed.',
  fields: [{ key: 'host', label: 'host', of: 'text', required: true }],
  risk: 'routine',
  args: z.strictObject({ host: name }),
  plan: (facts, args) => planReturn(facts, 'host', args.host, args),
});
