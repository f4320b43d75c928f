import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';
import { type Command, DRY_RUN_FIELD, type RawArguments, TIMING_FIELDS, usageOf } from './command.ts';

export type Parsed =
  | { readonly kind: 'command'; readonly command: Command; readonly args: RawArguments; readonly line: string }
  | {
      readonly kind: 'incomplete';
      readonly command: Command;
      readonly args: RawArguments;
      readonly missing: readonly string[];
    };

const DRY_RUN = `--${DRY_RUN_FIELD.key}`;

/** Longest line that is looked at; Slack itself passes a few thousand characters. */
const LONGEST = 2_000;

/** Turns what keyboards and copied text put in place of plain characters back: curly quotes, long dashes, hard spaces. */
export function normalise(line: string): string {
  return line
    .replace(/[\u201c\u201d\u201e\u00ab\u00bb]/g, '"')
    .replace(/[\u2018\u2019\u201a]/g, "'")
    .replace(/(^|\s)[\u2013\u2014](?=\w)/g, '$1--')
    .replace(/[\u00a0\u2007\u202f\u200b\ufeff]/g, ' ')
    .trim();
}

/** Splits a line into words; quotes of either kind hold words together. Null when a quote is never closed. */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const char of line) {
    if (quote !== null) {
      if (char === quote) quote = null;
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + char;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}

/** Finds the command with the most words that the line begins with. */
export function findCommand(words: readonly string[], commands: readonly Command[]): Command | undefined {
  return [...commands]
    .sort((left, right) => right.name.length - left.name.length)
    .find((command) => command.name.split(' ').every((part, index) => words[index]?.toLowerCase() === part));
}

/**
 * Reads what follows the slash command. Nothing is executed or looked up here; names are only words yet.
 * Refusals: unknown_command with the nearest name, bad_arguments with the usage.
 */
export function parseLine(raw: string, commands: readonly Command[], slash: string): Result<Parsed, Refusal> {
  if (raw.length > LONGEST) return err(refusal('bad_arguments', `That is too long: at most ${LONGEST} characters.`));
  const line = normalise(raw);
  if (line.includes('\0')) return err(refusal('bad_arguments', 'That contains a character that cannot be used.'));
  const words = splitWords(line);
  if (!words) return err(refusal('bad_arguments', 'A quotation mark is never closed.'));
  if (words.length === 0) return parseLine('help', commands, slash);
  const command = findCommand(words, commands);
  if (!command) {
    const names = commands.map((one) => one.name);
    const near = didYouMean(words.slice(0, 2).join(' '), names) ?? didYouMean(words[0] ?? '', names);
    const hint = near === undefined ? '' : ` Did you mean \`${slash} ${near}\`?`;
    return err(
      refusal(
        'unknown_command',
        `I do not know "${words[0] ?? ''}".${hint}`,
        `See \`${slash} help\` for what can be asked.`,
      ),
    );
  }
  return readArguments(command, words.slice(command.name.split(' ').length), line, slash);
}

/** A word as it has to be typed to stay one word. */
export function quoted(word: string): string {
  if (word !== '' && !/[\s"']/.test(word)) return word;
  if (!word.includes('"')) return `"${word}"`;
  // Quoted pieces without a space between them are one word.
  return word.includes("'")
    ? word
        .split('"')
        .map((part) => (part === '' ? '' : `"${part}"`))
        .join(`'"'`)
    : `'${word}'`;
}

/** `--dry-run` however it is spelt: where it was overlooked, something would really be done. */
function spelt(word: string): string {
  return /^--dry[-_]?run$/i.test(word) ? DRY_RUN : word;
}

/** Whether a question would take `--dry-run` for a word of its own, or not know it; the line of another command may have it. */
function cannotTry(command: Command, words: readonly string[]): boolean {
  const inner = command.fields.some(({ key, of }) => key === 'command' && of === 'line');
  return command.kind === 'question' && !inner && words.includes(DRY_RUN);
}

/** Takes the options of every operation out of the rest of a line; answers what is left of it. */
function takeTiming(words: readonly string[], args: Record<string, string>): readonly string[] {
  const left: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const value = words[index + 1];
    const field = TIMING_FIELDS.find(({ key }) => word === `--${key}`);
    if (field?.bare) args[field.key] = 'yes';
    else if (field && value !== undefined && value !== DRY_RUN) {
      args[field.key] = value;
      index += 1;
    } else left.push(word);
  }
  return left;
}

function readArguments(
  command: Command,
  typed: readonly string[],
  line: string,
  slash: string,
): Result<Parsed, Refusal> {
  const words = typed.map(spelt);
  if (cannotTry(command, words))
    return err(
      refusal(
        'not_supported',
        `\`${command.name}\` is no operation: it has no plan that could be shown beforehand.`,
        `See \`${slash} help ${command.name}\` for what it does, and send it without \`${DRY_RUN}\`.`,
      ),
    );
  const args: Record<string, string> = {};
  const places = command.fields.filter((field) => !field.flag);
  const usage = `Usage: \`${slash} ${usageOf(command)}\``;
  const flags = command.kind === 'operation' ? [...command.fields, ...TIMING_FIELDS] : command.fields;
  let place = 0;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const rest = places[place];
    if (rest?.of === 'line') {
      const tail = command.kind === 'operation' ? takeTiming(words.slice(index), args) : words.slice(index);
      if (tail.length > 0) args[rest.key] = tail.map(quoted).join(' ');
      break;
    }
    if (word.startsWith('--')) {
      const name = word.slice(2);
      const key = flags.some((one) => one.key === name) ? name : name.replaceAll('-', '_');
      const field = flags.find((one) => one.flag && one.key === key);
      if (!field) return err(refusal('bad_arguments', `\`${command.name}\` has no option \`${word}\`.`, usage));
      if (field.bare) {
        args[key] = 'yes';
        continue;
      }
      const value = words[index + 1];
      if (value === undefined || value === DRY_RUN)
        return err(refusal('bad_arguments', `The option \`${word}\` needs a value.`, usage));
      args[key] = value;
      index += 1;
    } else {
      const last = places[place - 1];
      // Names of commands may have two words.
      if (last?.of === 'command' && places[place] === undefined) {
        args[last.key] = `${args[last.key] ?? ''} ${word}`;
        continue;
      }
      const field = places[place];
      if (!field) return err(refusal('bad_arguments', `I do not know what to do with "${word}".`, usage));
      args[field.key] = word;
      place += 1;
    }
  }
  const missing = command.fields
    .filter((field) => field.required && args[field.key] === undefined)
    .map((field) => field.key);
  return ok(
    missing.length > 0 ? { kind: 'incomplete', command, args, missing } : { kind: 'command', command, args, line },
  );
}
