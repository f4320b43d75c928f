import { closest, distance } from 'fastest-levenshtein';

/** The nearest of `names` to a mistyped word, or undefined when nothing is near (more than a third of it would have to change). */
export function didYouMean(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || word === '') return undefined;
  const best = closest(word.toLowerCase(), [...names]);
  const limit = Math.max(2, Math.ceil(best.length / 3));
  return best.startsWith(word.toLowerCase()) || distance(word.toLowerCase(), best) <= limit ? best : undefined;
}
