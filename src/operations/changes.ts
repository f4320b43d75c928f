import { canonicalJson } from '../kernel/canonical.ts';
import { sha256 } from '../kernel/ids.ts';

/** People by role. */
export type Holders = Readonly<Record<string, readonly string[]>>;

/** A hash of each top-level key of a configuration, by which a later start says what has changed, without keeping it. */
export function keyHashes(config: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, sha256(canonicalJson(value))]));
}

/** Keys that are new, gone or different, sorted. */
export function changedKeys(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => before[key] !== after[key])
    .sort();
}

/** Who gained and who lost which role; null when nobody did. */
export function holderChanges(before: Holders, after: Holders): { added: Holders; removed: Holders } | null {
  const beyond = (base: Holders, more: Holders) =>
    Object.fromEntries(
      Object.entries(more)
        .map(([role, people]) => [role, people.filter((one) => !(base[role] ?? []).includes(one)).sort()] as const)
        .filter(([, people]) => people.length > 0),
    );
  const changes = { added: beyond(before, after), removed: beyond(after, before) };
  return Object.keys(changes.added).length + Object.keys(changes.removed).length > 0 ? changes : null;
}
