import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';

/** How the files of one of a vendor's products are named. */
export interface ReleaseNaming {
  readonly product: string;
  /** A regular expression for the whole file name, with one group: the version. */
  readonly pattern: string;
}

export interface ReleaseName {
  readonly product: string;
  readonly version: string;
}

/** Why a pattern cannot be used; null when it can. */
export function problemOfPattern(pattern: string): string | null {
  if (!/^\^.*\$$/s.test(pattern)) return 'it has to cover the whole file name: begin with ^ and end with $';
  let groups: number;
  try {
    // An empty alternative always matches, and the answer has a place for every group.
    groups = (new RegExp(`${pattern}|`, 'u').exec('')?.length ?? 1) - 1;
  } catch (error) {
    return `it is not a regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
  return groups === 1 ? null : `it has ${groups} groups and needs one, the version: write (?:…) for the others`;
}

/** The product and the version that a file name tells. Refusal: bad_arguments, naming the products that are known. */
export function readReleaseName(namings: readonly ReleaseNaming[], fileName: string): Result<ReleaseName, Refusal> {
  if (fileName.length <= 255 && !/[/\0]/.test(fileName)) {
    for (const { product, pattern } of namings) {
      const version = new RegExp(pattern, 'u').exec(fileName)?.[1];
      if (version !== undefined && version !== '') return ok({ product, version });
    }
  }
  const known =
    namings.length === 0
      ? 'this profile knows no release files'
      : `known are ${namings.map((one) => one.product).join(', ')}`;
  return err(
    refusal(
      'bad_arguments',
      `The file's name tells no product and version (${known}).`,
      'Keep the name that the vendor gave the file, or set `releases` in the profile.',
    ),
  );
}
