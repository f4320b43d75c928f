import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import type { Command } from './command.ts';
import { findCommand, normalise, splitWords } from './line.ts';

/**
 * A refused line as it may be noted: what was typed where a secret may have been typed by mistake is left out. Also the
 * line of a command whose name is only nearly right, or of which nothing else could be read.
 */
export function notedLine(line: string, commands: readonly Command[]): string {
  const plain = normalise(line);
  const words = splitWords(plain) ?? plain.split(/\s+/);
  const names = commands.map((one) => one.name);
  const near = [words.slice(0, 2).join(' '), words[0] ?? ''].map((typed) => didYouMean(typed, names));
  const command = findCommand(words, commands) ?? commands.find((one) => near.includes(one.name));
  const places = command?.fields.filter((field) => !field.flag) ?? [];
  const from = places.findIndex((field) => field.unwritten);
  if (!command || from < 0) return line;
  const kept = words.slice(0, command.name.split(' ').length + from);
  return kept.length === words.length ? line : [...kept, '…'].join(' ');
}
