import { type FieldChanges, knownKey } from '../../src/estate/fields.ts';
import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';
import { type Command, type RawArguments, TIMING_FIELDS } from './command.ts';
import { quoted, splitWords } from './line.ts';

/** A command as it would be typed with these arguments. */
export function typedAgain({ name, fields }: Pick<Command, 'name' | 'fields'>, args: RawArguments): string {
  const places = fields.filter((field) => !field.flag);
  const words = places.flatMap(({ key, of }) => {
    const value = args[key];
    return value === undefined ? [] : [of === 'line' ? value : quoted(value)];
  });
  const options = Object.entries(args).filter(([key]) => !places.some((field) => field.key === key));
  const bare = (key: string) => [...fields, ...TIMING_FIELDS].find((field) => field.key === key)?.bare === true;
  return [
    name,
    ...words,
    ...options.map(([key, value]) => (bare(key) ? `--${key}` : `--${key} ${quoted(value)}`)),
  ].join(' ');
}

/**
 * Reads changes of fields as they are typed: `port 2222`, `--port 2222`, `--unset jump`, in any number.
 * Refusals: bad_arguments for a key that is none (with the nearest), a value that is missing, or nothing at all.
 */
export function readChanges(
  text: string,
  keys: readonly string[],
  fixed: Readonly<Record<string, string>>,
): Result<FieldChanges, Refusal> {
  const words = splitWords(text);
  if (!words) return err(refusal('bad_arguments', 'A quotation mark is never closed.'));
  const set: Record<string, string> = {};
  const unset: string[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const word = words[at] ?? '';
    const value = words[at + 1];
    const gone = /^(?:--)?unset$/.test(word);
    const key = ((gone ? value : word) ?? '').replace(/^--/, '').replaceAll('-', '_');
    const objection = value === undefined && gone ? null : knownKey(key, keys, fixed);
    if (objection) return err(objection);
    if (value === undefined) return err(refusal('bad_arguments', `\`${word}\` needs a ${gone ? 'field' : 'value'}.`));
    if (gone) unset.push(key);
    else set[key] = value;
  }
  if (Object.keys(set).length + unset.length === 0)
    return err(
      refusal(
        'bad_arguments',
        'That changes nothing.',
        `Name a field and its value. The fields are ${keys.join(', ')}.`,
      ),
    );
  return ok({ set, unset });
}

/** Refuses a name that is none of these, with the nearest. */
export function noSuch(what: string, name: string, names: readonly string[]): Refusal {
  const near = didYouMean(name, names);
  return refusal(
    'bad_arguments',
    `There is no ${what} "${name}".${near === undefined ? '' : ` Did you mean \`${near}\`?`}`,
  );
}
