import { pathInWords } from './path.ts';
import { isPlainKey } from './secrets.ts';

/** One line of a text that is shown in a sentence; what nobody can see becomes a blank, and no character is cut in two. */
export function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.length > most ? `${line.slice(0, most).toWellFormed()}…` : line;
}

/** A path of the file, for people who have not typed it: a key that may hold a value by a mistake in the file is left out. */
export function pathTold(path: readonly string[]): string {
  return pathInWords(path.map((key) => (isPlainKey(key) ? key : '…')));
}
