import { posix } from 'node:path';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { checkValue, type Parameter } from './parameter.ts';

/**
 * Templates of commands. A command is a list of arguments, never a text that something splits again, and a placeholder
 * `{name}` fills one argument or a part of one. `{{` and `}}` stand for the braces themselves.
 */

/** A placeholder that may be used, and what may fill it. */
export interface Slot extends Parameter {
  /** A folder of the site's own layout: the only thing that may be part of a program's path. */
  readonly place?: boolean;
  /** Never on a command line, where `ps` shows it. */
  readonly secret?: boolean;
}
export type Slots = ReadonlyMap<string, Slot>;
export type Values = Readonly<Record<string, string>>;

type Piece = { readonly text: string } | { readonly slot: string };

/** The pieces of a template, or null when a brace stands alone. */
function piecesOf(template: string): readonly Piece[] | null {
  const pieces: Piece[] = [];
  let at = 0;
  for (const found of template.matchAll(/\{\{|\}\}|\{([a-z][a-z0-9_]*)\}|[{}]/g)) {
    if (found.index > at) pieces.push({ text: template.slice(at, found.index) });
    at = found.index + found[0].length;
    if (found[1] !== undefined) pieces.push({ slot: found[1] });
    else if (found[0].length === 2) pieces.push({ text: found[0].slice(1) });
    else return null;
  }
  if (at < template.length) pieces.push({ text: template.slice(at) });
  return pieces;
}

function slotNames(pieces: readonly Piece[]): string[] {
  return pieces.flatMap((piece) => ('slot' in piece ? [piece.slot] : []));
}

/** The literal text that a template begins with. */
function headOf(pieces: readonly Piece[]): string {
  const first = pieces.findIndex((piece) => 'slot' in piece);
  return pieces
    .slice(0, first < 0 ? pieces.length : first)
    .map((piece) => ('text' in piece ? piece.text : ''))
    .join('');
}

/** Programs that take a text of code after such an option: a value in there would be code. */
const CODE_OPTION: readonly (readonly [RegExp, RegExp])[] = [
  [/^(?:ba|da|a|z|k|c|fi)?sh$/, /^-[a-z]*c$/],
  [/^(?:su|runuser|psql|mysql|python[\d.]*)$/, /^(?:-[a-z]*c|--command)(?:=|$)/],
  [/^(?:ruby|perl|node|php|lua)$/, /^(?:-[a-z]*[er]|--eval|--print)(?:=|$)/],
];
/** Programs that join their arguments to one text for another shell. */
const JOINING = /^(?:ssh|eval|watch|at|batch|parallel)$/;

function problemsOfPlace(argv: readonly string[], index: number, head: string): string[] {
  const before = argv.slice(0, index);
  const programs = before.map((word) => posix.basename(word));
  if (programs.some((program) => JOINING.test(program)))
    return ['a placeholder may not follow a program that joins its arguments to a text for a shell'];
  const isCode = CODE_OPTION.some(
    ([program, option]) =>
      programs.some((word) => program.test(word)) &&
      (option.test(argv[index - 1] ?? '') || (/=/.test(head) && option.test(head))),
  );
  if (isCode) return ['a placeholder in a text of code would be code: pass the value as an argument after it, as "$1"'];
  if (/^-[^=]*$/.test(head) && !before.includes('--'))
    return ['a placeholder in an option has to follow "=", or be an argument of its own'];
  return [];
}

function unknownSlot(name: string, slots: Slots): string {
  const near = didYouMean(name, [...slots.keys()]);
  return `there is nothing to fill {${name}} with${near === undefined ? '' : `; did you mean {${near}}?`}`;
}

function problemsOfWord(argv: readonly string[], index: number, slots: Slots): string[] {
  const word = argv[index] ?? '';
  if (word.includes('\0') || !word.isWellFormed()) return ['it holds a character that no command line can carry'];
  const pieces = piecesOf(word);
  if (pieces === null) return ['a brace stands alone: write {{ or }} for the character itself'];
  const names = slotNames(pieces);
  if (index === 0 && word === '') return ['the program is missing'];
  const problems = names.flatMap((name) => {
    const slot = slots.get(name);
    if (!slot) return [unknownSlot(name, slots)];
    if (slot.secret) return [`{${name}} is a secret, and everybody on the host can read a command line`];
    if (index === 0 && !slot.place) return [`{${name}} cannot be part of the program: only the site's own folders can`];
    if (slot.type === 'text' && pieces.length > 1 && !headOf(pieces).endsWith('='))
      return [`{${name}} is free text: it has to be an argument of its own, or follow "="`];
    return [];
  });
  return names.length === 0 || index === 0 ? problems : [...problems, ...problemsOfPlace(argv, index, headOf(pieces))];
}

/** Why a template of a command cannot be used, with the index of the argument; empty when it can. */
export function problemsOfArgv(
  argv: readonly string[],
  slots: Slots,
): readonly { readonly index: number; readonly message: string }[] {
  return argv.flatMap((_word, index) => problemsOfWord(argv, index, slots).map((message) => ({ index, message })));
}

/** Why a template of a path or a name cannot be used; empty when it can. */
export function problemsOfText(template: string, slots: Slots): readonly string[] {
  const pieces = piecesOf(template);
  if (pieces === null) return ['a brace stands alone: write {{ or }} for the character itself'];
  return slotNames(pieces).flatMap((name) => {
    const slot = slots.get(name);
    if (!slot) return [unknownSlot(name, slots)];
    return slot.secret ? [`{${name}} is a secret and cannot be part of this`] : [];
  });
}

/** The placeholders of a template, each once. */
export function slotsIn(templates: readonly string[]): readonly string[] {
  return [...new Set(templates.flatMap((template) => slotNames(piecesOf(template) ?? [])))];
}

function fill(template: string, slots: Slots, values: Values): Result<string, Refusal> {
  let text = '';
  for (const piece of piecesOf(template) ?? []) {
    if ('text' in piece) {
      text += piece.text;
      continue;
    }
    const slot = slots.get(piece.slot);
    const value = Object.hasOwn(values, piece.slot) ? values[piece.slot] : undefined;
    if (!slot || value === undefined) {
      const why = `\`${piece.slot}\` is needed and has no value.`;
      return err(
        refusal('bad_arguments', why, `Give \`${piece.slot}\` a value, as an argument or in the site's settings.`),
      );
    }
    const checked = checkValue(piece.slot, slot, value);
    if (!checked.ok) return checked;
    text += checked.value;
  }
  return ok(text);
}

/**
 * The arguments that a template stands for: as many as it has, whatever the values hold.
 * Refusals: bad_arguments for a value that is missing, is not of its type, or would turn into an option; internal for a
 * template that problemsOfArgv objects to.
 */
export function expandArgv(argv: readonly string[], slots: Slots, values: Values): Result<readonly string[], Refusal> {
  const [problem] = problemsOfArgv(argv, slots);
  if (problem)
    return err(refusal('internal', `The argument ${problem.index} of a command is not usable: ${problem.message}.`));
  const words: string[] = [];
  for (const [index, template] of argv.entries()) {
    const word = fill(template, slots, values);
    if (!word.ok) return word;
    const pieces = piecesOf(template) ?? [];
    const mayBeOption = headOf(pieces) !== '' || slotNames(pieces).length === 0 || argv.slice(0, index).includes('--');
    if (word.value.startsWith('-') && !mayBeOption) {
      const name = slotNames(pieces)[0] ?? '';
      const why = `\`${name}\` begins with "-", so the program would take it for an option.`;
      return err(refusal('bad_arguments', why, `Give \`${name}\` a value that does not begin with "-".`));
    }
    words.push(word.value);
  }
  return ok(words);
}

/** The text that a template of a path, an address or a name stands for. Refusal: bad_arguments, as for expandArgv. */
export function expandText(template: string, slots: Slots, values: Values): Result<string, Refusal> {
  const [problem] = problemsOfText(template, slots);
  return problem === undefined ? fill(template, slots, values) : err(refusal('internal', `${template}: ${problem}.`));
}
