import { z } from 'zod';
import type { Field } from './field.ts';

/** The option that says why, for the people who read the card and the history. */
export function reasonField(hint: string): Field {
  return { key: 'reason', label: 'reason', of: 'text', required: false, flag: true, hint };
}

export const reasonText = z.string().trim().min(1).max(200);

/** Why there is to be a site more than a licence is for. */
export const LICENCE_REASON = reasonField('who agreed to the fee, when a licence is for fewer sites');

/** Leaves the backup before a change out, with the reason for those who approve it (R24). */
export const WITHOUT_BACKUP: Field = {
  key: 'without_backup',
  label: 'no backup',
  of: 'text',
  required: false,
  flag: true,
  hint: 'why none is taken first, for example because the database does not answer',
};
