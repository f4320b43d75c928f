import { checkValue } from '../../estate/parameter.ts';
import { siteValues } from '../../estate/profile-command.ts';
import { findProfile, type LoadedProfile, type Profiles } from '../../estate/profile-load.ts';
import { layoutSlots } from '../../estate/profile-slots.ts';
import { expandText, type Values } from '../../estate/template.ts';
import type { Site } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ReleaseRecord } from '../releases/ports.ts';
import type { Releases } from '../releases/service.ts';
import type { SettingsBook } from '../settings/book.ts';
import type { ComparedRelease } from './finding.ts';
import { type ShippedTree, shippedTree } from './shipped-tree.ts';

/** What the files of a site are compared with, and where they lie on its hosts. */
export interface Basis {
  readonly release: ComparedRelease;
  /** Absolute. */
  readonly root: string;
  readonly tree: ShippedTree;
}

export interface BasisSources {
  readonly profiles: Profiles;
  readonly settings: Pick<SettingsBook, 'state'>;
  readonly releases: Pick<Releases, 'list' | 'files'>;
}

/**
 * The release that a site runs, file by file: the first product that its profile names is the application itself, in the
 * version of the site. Refusals, each with what to do: unknown_profile, not_supported, command_not_set, bad_arguments for
 * a folder that cannot be filled in, unknown_release, bad_release when no file of it is left.
 */
export async function basisOf(sources: BasisSources, site: Site): Promise<Result<Basis, Refusal>> {
  const loaded = findProfile(sources.profiles, site.profile);
  if (!loaded.ok) return loaded;
  const [product] = loaded.value.profile.releases.map((one) => one.product);
  if (product === undefined)
    return err(
      refusal(
        'not_supported',
        `The profile ${site.profile} names no releases, so nothing says which files are shipped.`,
        'Name them as `releases` in a profile of yours; see docs/profiles.md.',
      ),
    );
  const { document } = await sources.settings.state(site.name);
  const root = releaseDirectory(loaded.value, site, document);
  if (!root.ok) return root;
  const found = runningRelease(await sources.releases.list(), product, site);
  if (!found.ok) return found;
  const { id, version, sha256 } = found.value;
  const { release_strip: strip } = loaded.value.profile.layout;
  const tree = shippedTree(await sources.releases.files(id), strip);
  if (tree.files.length > 0) return ok({ release: { product, version, sha256 }, root: root.value, tree });
  return err(
    refusal(
      'bad_release',
      `No file of ${product} ${version} is left when ${strip} folders are taken off its paths.`,
      'Correct `layout.release_strip` of the profile.',
    ),
  );
}

/** Where the files of a release lie at a site. Refusals: command_not_set, bad_arguments. */
function releaseDirectory(loaded: LoadedProfile, site: Site, stored: Values): Result<string, Refusal> {
  const { profile } = loaded;
  const { release_dir: template, release_dir_note: note } = profile.layout;
  if (template === null)
    return err(
      refusal(
        'command_not_set',
        `\`layout.release_dir\` is not set in the profile ${profile.name}, so nobody knows where a release’s files lie. ${note ?? ''}`.trim(),
      ),
    );
  const values = siteValues(loaded, site, stored);
  if (!values.ok) return values;
  const path = expandText(template, layoutSlots(profile, 'release_dir'), values.value);
  return path.ok ? checkValue('layout.release_dir', { type: 'path' }, path.value) : path;
}

function runningRelease(
  all: readonly ReleaseRecord[],
  product: string,
  { name, version }: Site,
): Result<ReleaseRecord, Refusal> {
  const release = all.find((one) => one.product === product && one.version === version);
  if (!release)
    return err(
      refusal(
        'unknown_release',
        `${name} runs ${product} ${version}, and Twokey has no such release to compare with.`,
        'Add it with `release add`. If the site runs another version, say so with `site edit`.',
      ),
    );
  if (release.manifest) return ok(release);
  return err(
    refusal(
      'unknown_release',
      `What ${product} ${version} ships is not known file by file: only its checksum was taken where it lies.`,
      'Add it once more with `release add`: then it is read.',
    ),
  );
}
