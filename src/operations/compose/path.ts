import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar } from 'yaml';
import { didYouMean } from '../../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { isPlainKey, namedItem } from './secrets.ts';

/** A part of a path as it was typed; one in brackets is one key, whatever dots it holds. */
interface Part {
  readonly text: string;
  readonly whole: boolean;
}

/** The one value that a path leads to. */
export interface Place {
  readonly node: Scalar;
  readonly path: readonly string[];
  /** Within `[…]` or `{…}`, where commas and brackets end a value. */
  readonly inFlow: boolean;
  /** For an item `KEY=value` of a list that was named by its key: `KEY=`. */
  readonly prefix: string;
}

/** A value typed after `=` or `:` is no part of a path, and is not repeated as one. */
const AT = /\.?\[([^[\]]+)\]|\.?([^.[\]=:]+)/y;
const MOST_PARTS = 30;

/** The parts of `services.app.labels[com.example.role]`; null when it is no path. */
function partsOf(path: string): readonly Part[] | null {
  const parts: Part[] = [];
  let at = 0;
  while (at < path.length && parts.length < MOST_PARTS) {
    AT.lastIndex = at;
    const found = AT.exec(path);
    if (!found || (at === 0 && found[0].startsWith('.'))) return null;
    parts.push({ text: found[1] ?? found[2] ?? '', whole: found[1] !== undefined });
    at = AT.lastIndex;
  }
  return at === path.length && parts.length > 0 ? parts : null;
}

/** A path as it would be typed. */
export function pathInWords(path: readonly string[]): string {
  return path.map((key, at) => (/[.[\]=:]/.test(key) ? `[${key}]` : at === 0 ? key : `.${key}`)).join('');
}

type Way =
  | { readonly kind: 'value'; readonly place: Place }
  | { readonly kind: 'group'; readonly path: readonly string[]; readonly keys: readonly string[] }
  | { readonly kind: 'alias'; readonly path: readonly string[] }
  | {
      readonly kind: 'none';
      readonly path: readonly string[];
      readonly word: string;
      readonly keys: readonly string[];
    };

interface Step {
  readonly path: readonly string[];
  readonly inFlow: boolean;
}

/** A key as text; that of a merge is a symbol, `<<`. */
const keyOf = ({ key }: Pair): string => {
  const value = isScalar(key) ? key.value : '';
  return typeof value === 'symbol' ? (value.description ?? '') : String(value);
};
/** The keys that may be told. */
const keysOf = (node: unknown): readonly string[] =>
  isMap(node) ? node.items.map(keyOf).filter(isPlainKey) : isSeq(node) ? node.items.map((_one, at) => String(at)) : [];

/** Every way in which the parts lead from a node to something, also to nothing. A key may hold dots. */
function waysFrom(node: unknown, parts: readonly Part[], { path, inFlow }: Step): readonly Way[] {
  if (isAlias(node)) return [{ kind: 'alias', path }];
  const [first] = parts;
  if (!first) {
    if (isScalar(node)) return [{ kind: 'value', place: { node, path, inFlow, prefix: '' } }];
    return [{ kind: 'group', path, keys: keysOf(node) }];
  }
  const flow = inFlow || ((isMap(node) || isSeq(node)) && node.flow === true);
  if (isSeq(node)) return waysInList(node.items, first, parts.slice(1), { path, inFlow: flow });
  const ways: Way[] = [];
  if (isMap(node))
    for (let length = 1; length <= parts.length; length += 1) {
      const taken = parts.slice(0, length);
      if (length > 1 && taken.some((part) => part.whole)) break;
      const key = taken.map((part) => part.text).join('.');
      const pair = node.items.find((one) => keyOf(one) === key);
      if (pair) ways.push(...waysFrom(pair.value, parts.slice(length), { path: [...path, key], inFlow: flow }));
    }
  return ways.length > 0 ? ways : [{ kind: 'none', path, word: first.text, keys: keysOf(node) }];
}

function waysInList(items: readonly unknown[], first: Part, rest: readonly Part[], step: Step): readonly Way[] {
  const { path, inFlow } = step;
  if (/^\d{1,6}$/.test(first.text) && Number(first.text) < items.length)
    return waysFrom(items[Number(first.text)], rest, { path: [...path, first.text], inFlow });
  // A key with dots in it was taken apart.
  const prefix = `${[first, ...rest].map((part) => part.text).join('.')}=`;
  const named = items.flatMap((node, at): Way[] =>
    isScalar(node) && typeof node.value === 'string' && node.value.startsWith(prefix)
      ? [{ kind: 'value', place: { node, path: [...path, String(at)], inFlow, prefix } }]
      : [],
  );
  const names = items.flatMap((node) => {
    const item = isScalar(node) && typeof node.value === 'string' ? namedItem(path.at(-1) ?? '', node.value) : null;
    return item === null ? [] : [item.name];
  });
  const keys = names.length > 0 ? names : items.map((_one, at) => String(at));
  return named.length > 0 ? named : [{ kind: 'none', path, word: first.text, keys }];
}

/**
 * The value that a path leads to. Keys may hold dots, and an item `KEY=value` of a list is found by its key.
 * Refusals, which name keys of the file and never a value: bad_arguments for what is no path, is not there (with the
 * nearest sibling), is a group, or may be meant in two ways; not_supported for what stands there as an alias.
 */
export function findPlace(root: Node | null, typed: string): Result<Place, Refusal> {
  const parts = partsOf(typed);
  if (parts === null)
    return err(
      refusal(
        'bad_arguments',
        'That is not the path of a value.',
        'Write it as `services.app.image`; a key with dots in it as `services.app.labels[com.example.role]`.',
      ),
    );
  const ways = waysFrom(root, parts, { path: [], inFlow: false });
  const [found, ...more] = ways.filter((way) => way.kind !== 'none');
  if (!found) return err(notThere(ways));
  if (more.length > 0)
    return err(
      refusal(
        'bad_arguments',
        `\`${typed}\` can be read in several ways.`,
        'Put a key that has dots in it into brackets: `services.app.labels[com.example.role]`.',
      ),
    );
  const path = found.kind === 'value' ? found.place.path : found.path;
  if (found.kind === 'alias')
    return err(
      refusal(
        'not_supported',
        `\`${pathInWords(path)}\` is an alias (\`*\`) of a part that stands elsewhere in the file.`,
        'Change it where it stands, or prepare the whole file on the host and use `--from`.',
      ),
    );
  if (found.kind === 'group') {
    const has = found.keys.length === 0 ? '' : ` It has: ${listed(found.keys)}.`;
    return err(
      refusal(
        'bad_arguments',
        `\`${pathInWords(path)}\` is no single value.${has}`,
        'Name one value of it, or prepare the whole file on the host and use `--from`.',
      ),
    );
  }
  return ok(found.place);
}

const listed = (keys: readonly string[]) =>
  `${keys.slice(0, 10).join(', ').slice(0, 300).toWellFormed()}${keys.length > 10 ? ' and more' : ''}`;

function notThere(ways: readonly Way[]): Refusal {
  const deepest = ways
    .filter((way) => way.kind === 'none')
    .reduce<Extract<Way, { kind: 'none' }> | null>(
      (best, way) => (best === null || way.path.length > best.path.length ? way : best),
      null,
    );
  const { path = [], word = '', keys = [] } = deepest ?? {};
  const where = path.length === 0 ? 'The file' : `\`${pathInWords(path)}\``;
  const near = didYouMean(word, keys);
  const merged = keys.includes('<<') ? ' It takes part of its keys from elsewhere by `<<`: change them there.' : '';
  const hint =
    near === undefined
      ? keys.length === 0
        ? ''
        : ` It has: ${listed(keys)}.`
      : ` Did you mean \`${pathInWords([...path, near])}\`?`;
  return refusal(
    'bad_arguments',
    `${where} has no "${word}".${hint}${merged}`,
    'To add a key, prepare the whole file on the host and use `--from`.',
  );
}
