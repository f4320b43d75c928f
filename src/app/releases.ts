import type { Logger } from '../adapters/log/logger.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { PostgresReleases } from '../adapters/postgres/release-store.ts';
import { openDownload } from '../adapters/releases/download.ts';
import { openShelf } from '../adapters/releases/shelf.ts';
import type { Environment } from '../config/environment.ts';
import type { ConfigFile } from '../config/schema.ts';
import { MANIFEST_LIMITS } from '../estate/release-manifest.ts';
import { openReleases, type ReleaseContext, type Releases } from '../operations/releases/service.ts';

type Its = Pick<ReleaseContext, 'hosts' | 'estate' | 'profiles'> & {
  readonly config: ConfigFile;
  readonly pool: Pool;
  readonly log: Logger;
};

/** Releases, with what lies in the data directory already. */
export async function startReleases(env: Environment, its: Its): Promise<Releases> {
  const { log } = its;
  const { private_hosts: privateHosts, max_gigabytes: gigabytes, download_within: withinMs } = its.config.releases;
  const most = Math.round(gigabytes * 1e9);
  const releases = openReleases({
    ...its,
    book: new PostgresReleases(its.pool),
    shelf: await openShelf(env.home, { ...MANIFEST_LIMITS, file: most }),
    download: openDownload({ privateHosts, most, withinMs }),
  });
  // Reading large files takes a while, and nothing waits for them.
  void releases.scan('twokey').then(
    ({ added, refused }) => log.info({ added: added.length, refused }, 'the folder releases was read'),
    (error: unknown) => log.warn({ error: String(error) }, 'the folder releases could not be read'),
  );
  return releases;
}
