import type { Profiles } from '../../estate/profile-load.ts';
import type { ShippedFile } from '../../estate/release-manifest.ts';
import type { Estate, Site } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { type Added, type AskedRelease, addRelease, scanReleases } from './add.ts';
import type { ReleaseContext } from './context.ts';
import type { ReleaseRecord } from './ports.ts';
import { type Glance, glanceAt, type Verified, verifyRelease } from './verify.ts';

/** Releases as commands use them. */
export interface Releases {
  /** Where the copies of this Twokey lie. */
  readonly place: string;
  list(): Promise<readonly ReleaseRecord[]>;
  files(id: string): Promise<readonly ShippedFile[]>;
  /** Refusals: unknown_release, and bad_arguments when several are meant. */
  find(named: string): Promise<Result<ReleaseRecord, Refusal>>;
  /** The sites that run it. */
  runBy(release: ReleaseRecord): Promise<readonly Site[]>;
  add(asked: AskedRelease): Promise<Result<Added, Refusal>>;
  scan(by: string): ReturnType<typeof scanReleases>;
  verify(release: ReleaseRecord, by: string): Promise<readonly Verified[]>;
  /** Whether each copy lies where it was, without reading it. */
  glance(release: ReleaseRecord): Promise<readonly Glance[]>;
  remove(release: ReleaseRecord, by: string): Promise<Result<true, Refusal>>;
}

export function openReleases(context: ReleaseContext): Releases {
  const { book, shelf, estate, profiles } = context;
  return {
    place: shelf.place,
    list: () => book.list(),
    files: (id) => book.files(id),
    find: async (named) => findRelease(await book.list(), named),
    runBy: async (release) => runBy(release, await estate(), profiles),
    add: (asked) => addRelease(context, asked),
    scan: (by) => scanReleases(context, by),
    glance: (release) => glanceAt(context, release),
    verify: (release, by) => verifyRelease(context, release, by),
    remove: (release, by) => removeRelease(context, release, by),
  };
}

/** The release that somebody names by its file, `product version`, or version alone where that is clear. */
export function findRelease(releases: readonly ReleaseRecord[], named: string): Result<ReleaseRecord, Refusal> {
  const its = releases.filter((one) =>
    [one.id, one.fileName, one.version, `${one.product} ${one.version}`, `${one.product}-${one.version}`].includes(
      named,
    ),
  );
  const [first, ...more] = its;
  if (first && more.length === 0) return ok(first);
  if (first)
    return err(
      refusal(
        'bad_arguments',
        `Several releases are meant by "${named}": ${its.map((one) => one.fileName).join(', ')}.`,
      ),
    );
  return err(refusal('unknown_release', `There is no release "${named}".`));
}

/** Sites that run a release. */
function runBy(release: ReleaseRecord, estate: Estate, profiles: Profiles): readonly Site[] {
  return [...estate.sites.values()].filter(
    (site) =>
      site.version === release.version &&
      (profiles.get(site.profile)?.profile.releases.some((one) => one.product === release.product) ?? false),
  );
}

/** Hides a release that no site runs; its files stay where they are. Refusals: still_needed, unknown_release. */
async function removeRelease(
  { book, estate, profiles }: ReleaseContext,
  release: ReleaseRecord,
  by: string,
): Promise<Result<true, Refusal>> {
  const sites = runBy(release, await estate(), profiles).map((site) => site.name);
  if (sites.length > 0)
    return err(
      refusal(
        'still_needed',
        `${release.product} ${release.version} runs at ${sites.join(', ')}, which may have to go back to it.`,
        'Remove it when no site runs it any more.',
      ),
    );
  return book.remove(release.id, by);
}
