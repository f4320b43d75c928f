import { differingPaths, type Leaves, pathKey, readDocument } from './document.ts';
import type { Content } from './folder.ts';
import { isPlainKey, mayBeTold, namedItem } from './secrets.ts';
import { oneLine, pathTold } from './words.ts';

const MOST_PATHS = 15;
const MOST_CHARACTERS = 120;

/** Values by path in which an item `KEY=value` of a list stands under its key, so that no path and no order tells a value. */
function named(leaves: Leaves): Leaves {
  const all = new Map<string, { path: readonly string[]; text: string }>();
  for (const { path, text } of leaves.values()) {
    const item = text.startsWith('string ') ? namedItem(path.at(-2) ?? '', text.slice('string '.length)) : null;
    const at = item ? [...path.slice(0, -1), item.name] : path;
    all.set(pathKey(at), { path: at, text: item ? `string ${item.value}` : text });
  }
  return all;
}

const clipped = (text: string) => oneLine(text, MOST_CHARACTERS);

/** An image is told with its value, of everything else only the name: which release runs is what an approver has to know. */
function inWords(path: readonly string[], before: Leaves, after: Leaves): string {
  const where = clipped(pathTold(path));
  if (path.length !== 3 || path[0] !== 'services' || path[2] !== 'image') return where;
  const key = pathKey(path);
  const shown = (leaves: Leaves) => {
    const value = leaves.get(key)?.text.replace(/^string /, '');
    return value === undefined ? 'nothing' : mayBeTold(path, value) ? clipped(value) : 'a value that is not shown';
  };
  return `${where} (${shown(before)} → ${shown(after)})`;
}

/** How two files differ. */
interface Differences {
  /** In sentences for those who approve it: names of values, and no value but an image. */
  readonly told: readonly string[];
  /** The names that are told. */
  readonly names: readonly string[];
}

/** How two files differ; also for a file that is no YAML. */
export function differencesOf(before: Content, after: Content): Differences {
  const [old, fresh] = [before, after].map(({ name, text }) =>
    text === null ? null : readDocument(text.reveal(), name),
  );
  if (!old?.ok || !fresh?.ok)
    return {
      told: ['Which values differ cannot be said, because one of the two is no YAML that Twokey can read.'],
      names: [],
    };
  const [was, is] = [named(old.value.leaves), named(fresh.value.leaves)];
  const paths = differingPaths(was, is);
  if (paths.length === 0) return { told: ['No value differs: only comments or the layout do.'], names: [] };
  const shown = paths.slice(0, MOST_PATHS);
  const more = paths.length > MOST_PATHS ? ` and ${paths.length - MOST_PATHS} more` : '';
  const list = shown.map((path) => inWords(path, was, is)).join(', ');
  return {
    told: [
      `${paths.length === 1 ? 'One value differs' : `${paths.length} values differ`}: ${list}${more}. Values are not shown, because they may be secrets.`,
    ],
    names: shown.flat().filter(isPlainKey),
  };
}
