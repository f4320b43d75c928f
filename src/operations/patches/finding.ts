import { canonicalJson } from '../../kernel/canonical.ts';
import { sha256 } from '../../kernel/ids.ts';

/**
 * How a file differs from what its release ships: other content, not there, a link in its place, a link that leads
 * elsewhere, something else in its place.
 */
export const PATCH_KINDS = ['modified', 'missing', 'link', 'target', 'type'] as const;
export type PatchKind = (typeof PATCH_KINDS)[number];

/** A file, a link or a folder of a release that is not what was shipped. */
export interface Finding {
  readonly host: string;
  /** Below the folder of the release. */
  readonly path: string;
  readonly kind: PatchKind;
  /** Lower-case hexadecimal SHA-256 of the content there, or of where the link there leads; null where there is none. */
  readonly found: string | null;
}

/** A file of which nobody can say whether it is as shipped, with the reason. */
export interface Unread {
  readonly path: string;
  /** `late`: the time was over. `name`: no name that is handed to a host. */
  readonly why: 'unreadable' | 'late' | 'name';
}

/** What a look at one host says of the files of a release. */
export interface HostComparison {
  readonly host: string;
  /** Files that are as shipped. */
  readonly same: number;
  readonly findings: readonly Finding[];
  /** Shipped files that lie behind a folder which is a link: not looked at, and covered by that finding. */
  readonly behind: number;
  readonly unread: readonly Unread[];
  /** Why nothing at all can be said of this host, with what to do; null when it was looked at. */
  readonly trouble: { readonly why: string; readonly next: string } | null;
}

/** The release with whose files those of a site are compared. */
export interface ComparedRelease {
  readonly product: string;
  readonly version: string;
  /** Lower-case hexadecimal, of the archive. */
  readonly sha256: string;
}

const order = (left: Finding, right: Finding) =>
  left.host < right.host
    ? -1
    : left.host > right.host
      ? 1
      : left.path < right.path
        ? -1
        : left.path > right.path
          ? 1
          : 0;

/** Findings by host and path. */
export function sorted(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(order);
}

/** The name of a set of findings: the hash of what differs from which release, in one order. */
export function digestOf({ sha256: archive }: ComparedRelease, findings: readonly Finding[]): string {
  return sha256(canonicalJson({ archive, findings: sorted(findings) }));
}

/** Paths whose finding is not the same in both sets, or stands in one of them only; with the host, sorted. */
export function changedSince(before: readonly Finding[], now: readonly Finding[]): readonly string[] {
  const keyed = (findings: readonly Finding[]) =>
    new Map(findings.map((one) => [`${one.host} ${one.path}`, `${one.kind} ${one.found ?? ''}`]));
  const [was, is] = [keyed(before), keyed(now)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((key) => was.get(key) !== is.get(key)).sort();
}
