import { buildEstate } from '../../estate/estate.ts';
import type { Estate, EstateDocument } from '../../estate/types.ts';
import { hostDocument, siteDocument } from '../../estate/types.ts';
import { CodedError } from '../../kernel/errors.ts';
import { appendAudit } from './audit-store.ts';
import { inTransaction, type Pool } from './pool.ts';

/** The estate as it stands in the database, as a document. */
export async function exportEstate(pool: Pool): Promise<EstateDocument> {
  const [clusters, hosts, sites] = await Promise.all([
    pool.query<{ name: string }>('select name from twokey.cluster order by name'),
    pool.query<{ cluster: string; document: unknown }>('select cluster, document from twokey.host order by name'),
    pool.query<{ cluster: string; document: unknown }>('select cluster, document from twokey.site order by name'),
  ]);
  return {
    clusters: clusters.rows.map(({ name }) => ({
      name,
      hosts: hosts.rows.filter((row) => row.cluster === name).map((row) => hostDocument.parse(row.document)),
      sites: sites.rows.filter((row) => row.cluster === name).map((row) => siteDocument.parse(row.document)),
    })),
  };
}

/** The estate as it stands in the database, joined. */
export async function loadEstate(pool: Pool): Promise<Estate> {
  const estate = buildEstate(await exportEstate(pool));
  if (!estate.ok) throw new CodedError(estate.error.code, estate.error.message);
  return estate.value;
}

/** Writes clusters, hosts and sites of a checked document; what is there already is replaced, nothing is removed. */
export async function importEstate(
  pool: Pool,
  document: EstateDocument,
  actor: string,
): Promise<{ hosts: number; sites: number }> {
  const checked = buildEstate(document);
  if (!checked.ok) throw new CodedError(checked.error.code, checked.error.message);
  return inTransaction(pool, async (client) => {
    let changed = 0;
    for (const cluster of document.clusters) {
      await client.query('insert into twokey.cluster (name) values ($1) on conflict do nothing', [cluster.name]);
      for (const host of cluster.hosts) {
        const { rowCount } = await client.query(
          `insert into twokey.host (name, cluster, document) values ($1, $2, $3)
           on conflict (name) do update set cluster = excluded.cluster, document = excluded.document, updated_at = clock_timestamp()
           where (twokey.host.cluster, twokey.host.document) is distinct from (excluded.cluster, excluded.document)`,
          [host.name, cluster.name, JSON.stringify(host)],
        );
        changed += rowCount ?? 0;
      }
      for (const site of cluster.sites) {
        const { rowCount } = await client.query(
          `insert into twokey.site (name, cluster, host, environment, document) values ($1, $2, $3, $4, $5)
           on conflict (name) do update set cluster = excluded.cluster, host = excluded.host,
             environment = excluded.environment, document = excluded.document, updated_at = clock_timestamp()
           where (twokey.site.cluster, twokey.site.document) is distinct from (excluded.cluster, excluded.document)`,
          [site.name, cluster.name, site.host, site.environment, JSON.stringify(site)],
        );
        changed += rowCount ?? 0;
      }
    }
    const hosts = document.clusters.reduce((sum, cluster) => sum + cluster.hosts.length, 0);
    const sites = document.clusters.reduce((sum, cluster) => sum + cluster.sites.length, 0);
    if (changed > 0)
      await appendAudit(client, {
        actor,
        action: 'estate.imported',
        subject: 'estate',
        data: { hosts, sites, changed },
      });
    return { hosts, sites };
  });
}
