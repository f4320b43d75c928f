import type { Logger } from '../adapters/log/logger.ts';
import type { Pool } from '../adapters/postgres/pool.ts';
import { PostgresReleases } from '../adapters/postgres/release-store.ts';
import { openDownload } from '../adapters/releases/download.ts';
import { openShelf } from '../adapters/releases/shelf.ts';
import { openSlackFile } from '../adapters/releases/slack-file.ts';
import type { Clients } from '../adapters/slack/clients.ts';
import { describeFile } from '../adapters/slack/shared-file.ts';
import type { Environment } from '../config/environment.ts';
import { personOf } from '../config/people.ts';
import type { ConfigFile } from '../config/schema.ts';
import { MANIFEST_LIMITS } from '../estate/release-manifest.ts';
import { ok } from '../kernel/result.ts';
import type { Secret } from '../kernel/secret.ts';
import type { ReleaseContext } from '../operations/releases/context.ts';
import type { SharedFiles } from '../operations/releases/ports.ts';
import { openReleases, type Releases } from '../operations/releases/service.ts';

type Its = Pick<ReleaseContext, 'hosts' | 'estate' | 'profiles'> & {
  readonly config: ConfigFile;
  readonly pool: Pool;
  readonly log: Logger;
  readonly slack: {
    readonly client: Clients['log'];
    readonly apiUrl: string;
    readonly token: Secret;
    /** The workspace of the bot. */
    readonly team: string;
  };
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
    shared: sharedFiles(its, { most, withinMs }),
  });
  // Reading large files takes a while, and nothing waits for them.
  void releases.scan('twokey').then(
    ({ added, refused }) => log.info({ added: added.length, refused }, 'the folder releases was read'),
    (error: unknown) => log.warn({ error: String(error) }, 'the folder releases could not be read'),
  );
  return releases;
}

/** Files in Slack: Slack's word of them from its Web API, their bytes from where that says, if that is Slack. */
function sharedFiles(
  { slack, config }: Pick<Its, 'slack' | 'config'>,
  limits: { readonly most: number; readonly withinMs: number },
): SharedFiles {
  const { client, apiUrl, token, team } = slack;
  return {
    async find(id, person) {
      const reader = { person, team, personOf: (account: string) => personOf(config.people, account) };
      const file = await describeFile(client, id, reader);
      if (!file.ok) return file;
      const { name, size, url } = file.value;
      return ok({ name, size, open: () => openSlackFile(url, { apiUrl, token, ...limits }) });
    },
  };
}
