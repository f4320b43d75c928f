import { z } from 'zod';
import type { SettingsDocument } from '../../estate/site-settings.ts';
import type { LocalTools } from '../../operations/local.ts';
import type { SettingsBook, SettingsState, SettingsVersion } from '../../operations/settings/book.ts';
import { appendAudit } from './audit-store.ts';
import type { Client, Pool, Queryable } from './pool.ts';

const stored = z.record(z.string(), z.string());

interface VersionRow {
  readonly version: number;
  readonly document: unknown;
  readonly why: string;
  readonly by: string;
  readonly operation: string;
  readonly at: Date;
}

/** The settings of sites, for those who read them. */
export class PostgresSettings implements SettingsBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  state(site: string): Promise<SettingsState> {
    return readState(this.#pool, site);
  }

  async history(site: string, limit: number): Promise<readonly SettingsVersion[]> {
    const { rows } = await this.#pool.query<VersionRow>(
      `select version, document, why, by, operation, at from twokey.settings_version
        where site = $1 order by version desc limit $2`,
      [site, limit],
    );
    return rows.map((row) => ({ ...row, document: stored.parse(row.document) }));
  }

  async documentOf(site: string, version: number): Promise<SettingsDocument | null> {
    if (version === 0) return {};
    const { rows } = await this.#pool.query<{ document: unknown }>(
      'select document from twokey.settings_version where site = $1 and version = $2',
      [site, version],
    );
    return rows[0] ? stored.parse(rows[0].document) : null;
  }

  async writtenBy(operation: string): Promise<{ readonly site: string; readonly version: number } | null> {
    const { rows } = await this.#pool.query<{ site: string; version: number }>(
      'select site, version from twokey.settings_version where operation = $1',
      [operation],
    );
    return rows[0] ?? null;
  }
}

async function readState(db: Queryable, site: string): Promise<SettingsState> {
  // One statement, so that a version that is written meanwhile cannot tear it.
  const { rows } = await db.query<{
    version: number;
    document: unknown;
    running: number;
    running_document: unknown;
    uncertain: boolean;
    pending: boolean;
  }>(
    `select coalesce(newest.version, 0) as version, coalesce(newest.document, '{}') as document,
            coalesce(runs.version, 0) as running, coalesce(deployed.document, '{}') as running_document,
            coalesce(runs.uncertain, false) as uncertain,
            coalesce(runs.pending_redeploy or runs.uncertain, false) as pending
       from (values ($1::text)) as it (site)
       left join twokey.settings_running runs on runs.site = it.site
       left join lateral (select version, document from twokey.settings_version
                           where site = it.site order by version desc limit 1) newest on true
       left join twokey.settings_version deployed on deployed.site = it.site and deployed.version = runs.version`,
    [site],
  );
  const [row] = rows;
  return {
    version: row?.version ?? 0,
    document: stored.parse(row?.document ?? {}),
    running: row?.running ?? 0,
    runningDocument: stored.parse(row?.running_document ?? {}),
    uncertain: row?.uncertain ?? false,
    pendingRedeploy: row?.pending ?? false,
  };
}

/** The settings for a local step of an operation, within the step's transaction. */
export function settingsTools(
  client: Client,
  { operation, actor }: { readonly operation: string; readonly actor: string },
): LocalTools['settings'] {
  const hold = async (site: string) => {
    await client.query('insert into twokey.settings_running (site) values ($1) on conflict do nothing', [site]);
    await client.query('select from twokey.settings_running where site = $1 for update', [site]);
    return readState(client, site);
  };
  return {
    hold,
    async write({ site, version, document, pendingRedeploy, why }) {
      await client.query(
        'insert into twokey.settings_version (site, version, document, why, by, operation) values ($1, $2, $3, $4, $5, $6)',
        [site, version, JSON.stringify(document), why, actor, operation],
      );
      await client.query('update twokey.settings_running set pending_redeploy = $2 where site = $1', [
        site,
        pendingRedeploy,
      ]);
      await appendAudit(client, {
        actor,
        action: 'settings.written',
        subject: site,
        data: { operation, version, why, pendingRedeploy, document },
      });
    },
    async deploying(site) {
      await hold(site);
      await client.query('update twokey.settings_running set uncertain = true where site = $1', [site]);
    },
    async deployed(site, version) {
      const { version: newest } = await hold(site);
      await client.query(
        `update twokey.settings_running set version = $2::integer, pending_redeploy = pending_redeploy and $2::integer <> $3::integer,
           uncertain = false,
           deployed_at = clock_timestamp(), deployed_by = $4 where site = $1`,
        [site, version, newest, operation],
      );
      await appendAudit(client, { actor, action: 'settings.deployed', subject: site, data: { operation, version } });
    },
  };
}
