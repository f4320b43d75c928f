import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { estateOperation } from './contract/command.ts';
import { LICENCE_REASON, reasonText } from './contract/reason.ts';
import { planReturn } from './contract/removal.ts';

export const command = estateOperation({
  name: 'site restore',
  summary: 'Put a site back into the estate, as it was when it was removed.',
  fields: [{ key: 'site', label: 'site', of: 'text', required: true }, LICENCE_REASON],
  risk: 'routine',
  args: z.strictObject({ site: name, reason: reasonText.exactOptional() }),
  plan: (facts, args) => planReturn(facts, 'site', args.site, args),
});
