import semver from 'semver';

/** A release number. Vendors also use a fourth number, which semantic versioning does not know. */
export interface Version {
  readonly text: string;
  /** `8.1`: what an upgrade path is made of. */
  readonly minor: string;
  readonly three: semver.SemVer;
  readonly fourth: number;
}

/** Reads `8.1`, `8.1.0`, `8.1.0-rc.1` or `7.4.3.0`; null for anything else, such as the name of a branch. */
export function parseVersion(text: string): Version | null {
  const found =
    /^(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9})(?:\.(\d{1,9}))?)?((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/.exec(text);
  if (!found) return null;
  const [, major, minor, patch = '0', fourth = '0', rest] = found;
  const three = semver.parse(`${Number(major)}.${Number(minor)}.${Number(patch)}${rest}`);
  return three === null ? null : { text, minor: `${three.major}.${three.minor}`, three, fourth: Number(fourth) };
}

/** Below zero when `left` is older than `right`, zero when neither is. */
export function compareVersions(left: Version, right: Version): number {
  return left.three.compareMain(right.three) || left.fourth - right.fourth || left.three.comparePre(right.three);
}
