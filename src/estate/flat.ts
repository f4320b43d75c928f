import { canonicalJson } from '../kernel/canonical.ts';

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);
const coded = (key: string) => key.replaceAll('~', '~0').replaceAll('.', '~1');
const decoded = (key: string) => key.replaceAll('~1', '.').replaceAll('~0', '~');

/**
 * A document as one level of `database.port` to JSON text, so that two of them can be compared key by key. Lists are
 * values. A dot or a tilde within a key becomes `~1` or `~0`.
 */
export function flatten(document: Readonly<Record<string, unknown>>): Record<string, string> {
  const flat: Record<string, string> = {};
  const walk = (value: unknown, path: string): void => {
    if (value === undefined) return;
    if (!isTree(value) || Object.keys(value).length === 0) flat[path] = canonicalJson(value);
    else
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? coded(key) : `${path}.${coded(key)}`);
  };
  for (const [key, inner] of Object.entries(document)) walk(inner, coded(key));
  return flat;
}

type Branch = Map<string, Branch | { readonly leaf: unknown }>;

/** The document that `flatten` made flat; throws SyntaxError for a value that is no JSON. */
export function unflatten(flat: Readonly<Record<string, string>>): Record<string, unknown> {
  const root: Branch = new Map();
  for (const [path, text] of Object.entries(flat)) {
    const keys = path.split('.').map(decoded);
    const last = keys.pop() ?? '';
    let at = root;
    for (const key of keys) {
      const below = at.get(key);
      const next: Branch = below instanceof Map ? below : new Map();
      at.set(key, next);
      at = next;
    }
    at.set(last, { leaf: JSON.parse(text) as unknown });
  }
  return asObject(root);
}

function asObject(branch: Branch): Record<string, unknown> {
  return Object.fromEntries(
    [...branch].map(([key, value]) => [key, value instanceof Map ? asObject(value) : value.leaf]),
  );
}
