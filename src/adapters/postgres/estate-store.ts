import { diffEstate, type EstateDiff, mergeEstate } from '../../estate/diff.ts';
import { buildEstate } from '../../estate/estate.ts';
import type { Estate, EstateDocument } from '../../estate/types.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { CodedError } from '../../kernel/errors.ts';
import { sha256 as sha256Of } from '../../kernel/ids.ts';
import { appendAudit } from './audit-store.ts';
import { lockEstate, putThing, readEstate } from './estate-rows.ts';
import { inTransaction, type Pool } from './pool.ts';

/** The estate as it stands in the database, as a document. */
export function exportEstate(pool: Pool): Promise<EstateDocument> {
  return readEstate(pool);
}

/** The estate as it stands in the database, joined. */
export async function loadEstate(pool: Pool): Promise<Estate> {
  return checked(await readEstate(pool));
}

function checked(document: EstateDocument): Estate {
  const estate = buildEstate(document);
  if (!estate.ok) throw new CodedError(estate.error.code, estate.error.message);
  return estate.value;
}

/** What a file would change, without changing it. Throws CodedError when the file makes no sense, by itself or with what is there. */
export async function compareEstate(pool: Pool, file: EstateDocument): Promise<EstateDiff> {
  checked(file);
  const before = await readEstate(pool);
  checked(mergeEstate(before, file));
  return diffEstate(before, file);
}

/** What is to stand in the audit log with an import. */
export interface ImportNote {
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Writes clusters, hosts and sites of a file, and a note of it, all of it or nothing; what is there already is replaced,
 * nothing is removed. Where nothing is another there is nothing to note.
 */
export async function importEstate(
  pool: Pool,
  file: EstateDocument,
  actor: string,
  note: ImportNote | null = null,
): Promise<EstateDiff> {
  const sha256 = sha256Of(canonicalJson(file));
  checked(file);
  return inTransaction(pool, async (client) => {
    await lockEstate(client);
    const before = await readEstate(client);
    checked(mergeEstate(before, file));
    const diff = diffEstate(before, file);
    const { added, changed } = diff;
    if (added.length + changed.length === 0) return diff;
    // Sites last: they may be on hosts of another cluster.
    for (const { hosts, sites: _sites, ...cluster } of file.clusters)
      await putThing(client, { kind: 'cluster', name: cluster.name, cluster: cluster.name, document: cluster, hosts });
    for (const cluster of file.clusters)
      for (const site of cluster.sites)
        await putThing(client, { kind: 'site', name: site.name, cluster: cluster.name, document: site });
    if (note !== null) await appendAudit(client, { actor, subject: 'estate', ...note });
    await appendAudit(client, {
      actor,
      action: 'estate.imported',
      subject: 'estate',
      data: { sha256, added: added.map(({ what }) => what), changed, unchanged: diff.unchanged.length },
    });
    return diff;
  });
}

/** Imports a file unless it is the one that this actor imported last: what people have edited since stays as they left it. */
export async function importOnce(pool: Pool, file: EstateDocument, actor: string): Promise<void> {
  const { rows } = await pool.query<{ sha256: string | null }>(
    `select data ->> 'sha256' as sha256 from twokey.audit
      where subject = 'estate' and action = 'estate.imported' and actor = $1 order by seq desc limit 1`,
    [actor],
  );
  if (rows[0]?.sha256 !== sha256Of(canonicalJson(file))) await importEstate(pool, file, actor);
}
