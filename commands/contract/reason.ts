import { z } from 'zod';
import type { Field } from './field.ts';

/** The option that says why, for the people who read the card and the history. */
export function reasonField(hint: string): Field {
  return { key: 'reason', label: 'reason', of: 'text', required: false, flag: true, hint };
}

export const reasonText = z.string().trim().min(1).max(200);

/** Why there is to be a site more than a licence is for. */
export const LICENCE_REASON = reasonField('who agreed to the fee, when a licence is for fewer sites');
