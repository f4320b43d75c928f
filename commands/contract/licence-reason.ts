import { z } from 'zod';
import type { Field } from './command.ts';

/** Why there is to be a site more than a licence is for. */
export const REASON_FIELD: Field = {
  key: 'reason',
  label: 'reason',
  of: 'text',
  required: false,
  flag: true,
  hint: 'who agreed to the fee, when a licence is for fewer sites',
};

export const licenceReason = z.string().trim().min(1).max(200);
