import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { estateOperation } from './contract/command.ts';
import { planRemoval } from './contract/removal.ts';

export const command = estateOperation({
  name: 'site remove',
  summary: 'Take a site out of the estate; its cluster stays, nothing is touched on its host, and it can be put back.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  risk: 'break-glass',
  args: z.strictObject({ site: name }),
  plan: (facts, args) => planRemoval(facts, 'site', args.site, args),
});
