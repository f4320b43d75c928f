import type { z } from 'zod';
import { fieldProblems } from '../../src/estate/fields.ts';
import { flatten } from '../../src/estate/flat.ts';
import type { Estate } from '../../src/estate/types.ts';
import type { RawArguments } from './command.ts';
import { editableKeys } from './edit.ts';
import type { Field } from './field.ts';
import { quoted } from './line.ts';
import { readChanges } from './typed.ts';

/** What is chosen for "nothing" in a field that need not have a value; no name and no path reads like it. */
export const NONE = '-';

/** A form with a field for each thing that can be changed, in place of one line for all of them. */
export interface EditForm {
  /** Its fields, each beginning with what is there now; null where the thing is not there, so that the line is asked for. */
  readonly fields: (args: RawArguments, estate: Estate) => readonly Field[] | null;
  /** The arguments that it stands for: what the person changed of what was shown, and nothing else. */
  readonly read: (args: RawArguments, shown: RawArguments, filled: RawArguments) => RawArguments;
  /** What is wrong, by the key of the field, shown or not. Without the estate what depends on it is left to the plan. */
  readonly problems: (
    args: RawArguments,
    shown: RawArguments,
    filled: RawArguments,
    estate: Estate | null,
  ) => Readonly<Record<string, string>>;
}

/** Where the form has no field of its own: the line, as it is typed. */
const CHANGES = 'changes';

/** What a form says of a kind of thing. */
interface FormOf<S> {
  readonly schema: S;
  readonly fixed: Readonly<Record<string, string>>;
  /** The document that the arguments name; null when it is not there. */
  readonly find: (args: RawArguments, estate: Estate) => Readonly<Record<string, unknown>> | null;
  /** The fields that it offers, without what they begin with. */
  readonly fields: (args: RawArguments, estate: Estate) => readonly Field[];
  /** Arguments of the command that are no fields of the document; asked for last. */
  readonly beside?: readonly Field[];
  /** What is wrong with a value beyond the schema. */
  readonly among?: (key: string, value: string, args: RawArguments, estate: Estate) => string | null;
}

/** Makes the form of an edit. Everything that has no field there can be typed in a last, optional line. */
export function editForm<S extends z.ZodType<Readonly<Record<string, unknown>>>>(it: FormOf<S>): EditForm {
  const beside = it.beside ?? [];
  const isBeside = (key: string) => beside.some((field) => field.key === key);
  const readForm: EditForm['read'] = (args, shown, filled) => {
    const changes = changed(shown, filled).filter(([key]) => !isBeside(key));
    const text = [...changes.map(typed), filled[CHANGES] ?? ''].join(' ').trim();
    const named = Object.entries(args).filter(([key]) => !isBeside(key));
    const said = Object.entries(filled).filter(([key]) => isBeside(key));
    return { ...Object.fromEntries([...named, ...said]), ...(text === '' ? {} : { [CHANGES]: text }) };
  };
  return {
    fields(args, estate) {
      const document = it.find(args, estate);
      if (document === null) return null;
      const now = flatten(document);
      const own = it.fields(args, estate).map((field) => {
        const value = now[field.key];
        return value === undefined ? field : { ...field, initial: asTyped(value) };
      });
      const last: Field = { key: CHANGES, label: 'other fields and their new values', of: 'line', required: false };
      const others = editableKeys(it.schema, it.fixed).filter((key) => !own.some((field) => field.key === key));
      const line = others.length === 0 ? [] : [{ ...last, hint: others.join(', ') }];
      const told = beside.map((field) => {
        const given = args[field.key];
        return given === undefined ? field : { ...field, initial: given };
      });
      return [...own, ...line, ...told];
    },
    read: readForm,
    problems(args, shown, filled, estate) {
      const text = readForm({}, shown, filled)[CHANGES];
      if (text === undefined) return { [CHANGES]: 'Nothing is changed.' };
      const changes = readChanges(text, editableKeys(it.schema, it.fixed), it.fixed);
      if (!changes.ok) return { [CHANGES]: `${changes.error.message} ${changes.error.next}` };
      const document = estate === null ? null : it.find(args, estate);
      if (estate === null || document === null) return {};
      const problems = fieldProblems(it.schema, document, changes.value).map(({ key, message }) => [key, message]);
      const beyond = Object.entries(changes.value.set).flatMap(([key, value]) => {
        const wrong = it.among?.(key, value, args, estate) ?? null;
        return wrong === null ? [] : [[key, wrong]];
      });
      return Object.fromEntries([...problems, ...beyond]);
    },
  };
}

/** What somebody changed in a form: a value, or null for a field that is to have none. */
function changed(shown: RawArguments, filled: RawArguments): readonly (readonly [string, string | null])[] {
  const value = (values: RawArguments, key: string) => (values[key] === NONE ? undefined : values[key]);
  const keys = [...new Set([...Object.keys(shown), ...Object.keys(filled)])].filter((key) => key !== CHANGES);
  return keys
    .filter((key) => value(shown, key) !== value(filled, key))
    .map((key) => [key, value(filled, key) ?? null] as const);
}

const typed = ([key, value]: readonly [string, string | null]) =>
  value === null ? `--unset ${key}` : `--${key} ${quoted(value)}`;

/** A value of a document as it is typed. */
function asTyped(json: string): string {
  const value: unknown = JSON.parse(json);
  if (Array.isArray(value)) return value.join(', ');
  return value === true ? 'yes' : value === false ? 'no' : String(value);
}
