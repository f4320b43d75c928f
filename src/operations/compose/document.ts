import { type Document, isMap, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** A value of a document by its path; `text` is its type and its value, so that `1` and `"1"` differ. */
export type Leaves = ReadonlyMap<string, { readonly path: readonly string[]; readonly text: string }>;

interface ComposeDocument {
  readonly document: Document;
  /** All values, with aliases and merge keys put in. */
  readonly leaves: Leaves;
}

/** Anchors, aliases and tags cost the parser far more than anything else, and no honest file has so many. */
const MOST_MARKS = 2_000;
/** Aliases within aliases grow without end. */
const MOST_ALIASES = 100;
const MOST_LEAVES = 50_000;

/** Said by the parser for what is YAML, but not the one document that is looked for. */
const SEVERAL = 'MULTIPLE_DOCS';

class TooMuch extends Error {}

/**
 * Reads a compose file. Never throws, and no refusal repeats anything of the file: it holds passwords.
 * Refusals: precheck_failed for what is not one YAML document, with the line; not_supported for several documents.
 */
export function readDocument(text: string, name: string): Result<ComposeDocument, Refusal> {
  if ((text.match(/[\s,[{:-][&*!]/g)?.length ?? 0) > MOST_MARKS)
    return err(unreadable(name, 'it has too many anchors'));
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, {
      merge: true,
      uniqueKeys: false,
      prettyErrors: false,
      // Silent, it would not say that there are several.
      logLevel: 'error',
      lineCounter: lines,
    });
    const [problem] = document.errors;
    if (problem?.code === SEVERAL)
      return err(
        refusal('not_supported', `${name} holds several YAML documents.`, 'Make one of them, then send it again.'),
      );
    if (problem) {
      const what = problem.code.toLowerCase().replaceAll('_', ' ');
      return err(unreadable(name, `${what}, line ${lines.linePos(problem.pos[0]).line}`));
    }
    const twice = lineOfDoubledKey(document);
    if (twice !== null) return err(unreadable(name, `a key stands twice, line ${lines.linePos(twice).line}`));
    if (!isMap(document.contents)) return err(unreadable(name, 'it is no mapping'));
    return ok({ document, leaves: leavesOf(document.toJS({ mapAsMap: true, maxAliasCount: MOST_ALIASES })) });
  } catch {
    // Too deep for the stack, an alias to nothing, or more of them than are allowed.
    return err(unreadable(name, 'it is nested too deeply, or its aliases lead nowhere'));
  }
}

function unreadable(name: string, why: string): Refusal {
  return refusal(
    'precheck_failed',
    `${name} is not valid YAML: ${why}.`,
    `Mend ${name} on the host, then send it again.`,
  );
}

/** Where a key stands for the second time in one mapping; the parser's own look compares each with each. */
function lineOfDoubledKey(document: Document): number | null {
  let found: number | null = null;
  visit(document, {
    Map: (_key, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key) || typeof key.value === 'symbol') continue;
        if (seen.has(key.value)) {
          found = key.range?.[0] ?? 0;
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return found;
}

/** One text for a path, whatever its keys hold. */
export function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

function leavesOf(tree: unknown): Leaves {
  const leaves = new Map<string, { path: readonly string[]; text: string }>();
  const add = (path: readonly string[], text: string): void => {
    if (leaves.size >= MOST_LEAVES) throw new TooMuch();
    leaves.set(pathKey(path), { path, text });
  };
  const walk = (value: unknown, path: readonly string[]): void => {
    const inner = value instanceof Map ? [...value] : Array.isArray(value) ? [...value.entries()] : null;
    if (inner === null) add(path, `${typeof value} ${String(value)}`);
    else if (inner.length === 0) add(path, value instanceof Map ? 'empty mapping' : 'empty list');
    else for (const [key, one] of inner) walk(one, [...path, String(key)]);
  };
  walk(tree, []);
  return leaves;
}

/** Paths whose value differs, is new or is gone, in the order of the documents. */
export function differingPaths(before: Leaves, after: Leaves): readonly (readonly string[])[] {
  const changed = [...before].filter(([key, { text }]) => after.get(key)?.text !== text);
  const added = [...after].filter(([key]) => !before.has(key));
  return [...changed, ...added].map(([, { path }]) => path);
}
