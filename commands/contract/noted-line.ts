import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import type { Command, RawArguments } from './command.ts';
import { findCommand, normalise, splitWords } from './line.ts';

/**
 * A refused line as it may be noted: what was typed where a secret may have been typed by mistake is left out. Also the
 * line of a command whose name is only nearly right, of which nothing else could be read, or that stands in another one.
 */
export function notedLine(line: string, commands: readonly Command[]): string {
  const plain = normalise(line);
  const words = splitWords(plain) ?? plain.split(/\s+/);
  const cuts = words.flatMap((_word, at) => {
    const from = unwrittenFrom(words.slice(at), commands);
    return from === null ? [] : [at + from];
  });
  const cut = Math.min(...cuts);
  return cut < words.length ? [...words.slice(0, cut), '…'].join(' ') : line;
}

/** Arguments as they may be noted: one of them may be the line of another command. */
export function notedArguments(args: RawArguments, commands: readonly Command[]): RawArguments {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, notedLine(value, commands)]));
}

/**
 * How many words of a command's line may be noted; null for a command of which all may be, and for what is none. What should
 * stand alone may have been typed with its value in one word.
 */
function unwrittenFrom(words: readonly string[], commands: readonly Command[]): number | null {
  const names = commands.map((one) => one.name);
  const near = [words.slice(0, 2).join(' '), words[0] ?? ''].map((typed) => didYouMean(typed, names));
  const command = findCommand(words, commands) ?? commands.find((one) => near.includes(one.name));
  const from = command?.fields.filter((field) => !field.flag).findIndex((field) => field.unwritten) ?? -1;
  if (!command || from < 0) return null;
  const begin = command.name.split(' ').length;
  const joined = words.slice(begin, begin + from).findIndex((word) => word.includes('='));
  return begin + (joined < 0 ? from : joined);
}
