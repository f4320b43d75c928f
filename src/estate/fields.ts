import { z } from 'zod';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';

/** What is to become of a document: texts by key, and keys to leave out. */
export interface FieldChanges {
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** Every key of a schema, with a dot for what lies within, for example `database.port`. */
export function keysOf(schema: z.core.$ZodType): string[] {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodObject)) return [];
  return Object.entries(inner.shape).flatMap(([key, below]) => {
    const deeper = keysOf(below);
    return deeper.length === 0 ? [key] : deeper.map((one) => `${key}.${one}`);
  });
}

function bare(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? bare(schema.unwrap()) : schema;
}

/** Refuses a key that the schema does not have or that is not changed this way, with the nearest one that is. */
export function knownKey(
  key: string,
  keys: readonly string[],
  fixed: Readonly<Record<string, string>>,
): Refusal | null {
  const instead = Object.hasOwn(fixed, key) ? fixed[key] : undefined;
  if (instead !== undefined) return refusal('bad_arguments', `\`${key}\` is not changed this way.`, instead);
  if (keys.includes(key)) return null;
  const near = didYouMean(key, keys);
  const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
  return refusal('bad_arguments', `There is no field \`${key}\`.${hint}`, `The fields are ${keys.join(', ')}.`);
}

/**
 * A document with some of its fields changed, checked by its schema. Texts become numbers, lists (`app, db`) and yes or no
 * where the schema wants them. Refusals: bad_arguments, naming each field that is not right.
 */
export function changeFields<S extends z.ZodType>(
  schema: S,
  document: Readonly<Record<string, unknown>>,
  changes: FieldChanges,
): Result<z.output<S>, Refusal> {
  const changed = tryFields(schema, document, changes);
  if (changed.ok) return changed;
  const problems = changed.error.map(({ key, message }) => `${key || 'it'}: ${message}`);
  return err(refusal('bad_arguments', `That is not right. ${problems.join('; ')}.`, 'Correct these fields.'));
}

/** A field that is not right, and why; the key is empty for the document as a whole. */
interface FieldProblem {
  readonly key: string;
  readonly message: string;
}

/** What would be wrong with a document after these changes, field by field. */
export function fieldProblems(
  schema: z.ZodType,
  document: Readonly<Record<string, unknown>>,
  changes: FieldChanges,
): readonly FieldProblem[] {
  const changed = tryFields(schema, document, changes);
  return changed.ok ? [] : changed.error;
}

function tryFields<S extends z.ZodType>(
  schema: S,
  document: Readonly<Record<string, unknown>>,
  changes: FieldChanges,
): Result<z.output<S>, readonly FieldProblem[]> {
  const draft: Record<string, unknown> = structuredClone(document);
  for (const key of changes.unset) place(draft, key.split('.'), undefined);
  for (const [key, text] of Object.entries(changes.set)) place(draft, key.split('.'), text);
  // Each round turns the texts of which the schema says what they should be; a second look finds nothing new to turn.
  for (let round = 0; ; round += 1) {
    const checked = schema.safeParse(draft);
    if (checked.success) return ok(checked.data);
    let turned = false;
    for (const issue of checked.error.issues) {
      const path = issue.path.map(String);
      const text = changes.set[path.join('.')];
      if (text === undefined || round > 0) continue;
      // Where both yes and a text are right, the complaint is about the text.
      const wanted = issue.code === 'invalid_type' ? issue.expected : 'boolean';
      const value = turnedInto(wanted, text);
      if (value === undefined) continue;
      place(draft, path, value);
      turned = true;
    }
    if (turned) continue;
    return err(checked.error.issues.map(({ path, message }) => ({ key: path.join('.'), message })));
  }
}

function turnedInto(wanted: string, text: string): unknown {
  switch (wanted) {
    case 'number':
    case 'int':
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'array':
      return text
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== '');
    case 'boolean':
      return { yes: true, true: true, no: false, false: false }[text.toLowerCase()];
    default:
      return undefined;
  }
}

function place(draft: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    if (value === undefined) delete draft[key];
    else draft[key] = value;
    return;
  }
  const below = z.record(z.string(), z.unknown()).safeParse(draft[key]);
  const inner = below.success ? below.data : {};
  place(inner, rest, value);
  draft[key] = inner;
}
