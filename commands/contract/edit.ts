import { z } from 'zod';
import { changeFields, keysOf } from '../../src/estate/fields.ts';
import { canonicalJson } from '../../src/kernel/canonical.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, type Result } from '../../src/kernel/result.ts';
import type { Field } from './field.ts';
import { readChanges } from './typed.ts';

/** The field of an edit: what is to change, in any number of pairs. */
export function changesField(example: string): Field {
  return {
    key: 'changes',
    label: 'fields and their new values',
    of: 'line',
    required: true,
    hint: `${example}; --unset <field> leaves one out`,
  };
}

export const changesText = z.string().trim().min(1).max(1_500);

/** The fields of a schema that an edit may change. */
export function editableKeys(schema: z.ZodType, fixed: Readonly<Record<string, string>>): readonly string[] {
  return keysOf(schema).filter((key) => !Object.hasOwn(fixed, key));
}

/**
 * A document after the changes that somebody typed. `fixed` are fields that have another command, with what to do
 * instead. Refusals: bad_arguments, also when nothing would be another.
 */
export function edited<S extends z.ZodType<Readonly<Record<string, unknown>>>>(
  schema: S,
  document: Readonly<Record<string, unknown>>,
  typed: string,
  fixed: Readonly<Record<string, string>>,
): Result<z.output<S>, Refusal> {
  const keys = editableKeys(schema, fixed);
  const changes = readChanges(typed, keys, fixed);
  if (!changes.ok) return changes;
  const after = changeFields(schema, document, changes.value);
  if (after.ok && canonicalJson(after.value) === canonicalJson(document))
    return err(refusal('bad_arguments', 'That is how it is already.', 'Nothing to do.'));
  return after;
}
