import { keyInWords, type Thing, type ThingKind, thingSchema } from '../../estate/thing.ts';
import { clusterDocument, type EstateDocument, hostDocument, siteDocument } from '../../estate/types.ts';
import { newOperationId } from '../../kernel/ids.ts';
import type { Use } from '../../operations/estate/book.ts';
import type { LocalTools } from '../../operations/local.ts';
import { hostsOf } from '../../operations/plan.ts';
import { STATE_WORDS } from '../../operations/state.ts';
import { appendAudit } from './audit-store.ts';
import type { Client, Queryable } from './pool.ts';
import { NOT_ENDED, type OperationRow } from './rows.ts';

/** The estate as it stands in the database, as a document. */
export async function readEstate(db: Queryable): Promise<EstateDocument> {
  // One statement, so that a change in between cannot tear it.
  const { rows } = await db.query<{ kind: ThingKind; cluster: string; document: unknown }>(
    `select 'cluster' as kind, name, name as cluster, document from twokey.cluster
     union all select 'host', name, cluster, document from twokey.host
     union all select 'site', name, cluster, document from twokey.site order by name`,
  );
  const of = (kind: ThingKind, cluster?: string) =>
    rows.filter((row) => row.kind === kind && (cluster === undefined || row.cluster === cluster));
  return {
    clusters: of('cluster').map(({ cluster, document }) => ({
      ...clusterDocument.parse(document),
      hosts: of('host', cluster).map((row) => hostDocument.parse(row.document)),
      sites: of('site', cluster).map((row) => siteDocument.parse(row.document)),
    })),
  };
}

/** From here to the end of the transaction nobody else changes the estate. */
export async function lockEstate(client: Client): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('twokey.estate', 0))`);
}

/** All that uses the estate now, but the operation `except`. Whatever is to keep parts of the estate in place adds its rows here. */
export async function readUses(db: Queryable, except: string | null): Promise<readonly Use[]> {
  const { rows } = await db.query<Pick<OperationRow, 'id' | 'command' | 'site' | 'state' | 'plan'>>(
    `select id, command, site, state, plan from twokey.operation
      where ${NOT_ENDED} and id is distinct from $1 order by created_at`,
    [except],
  );
  return rows.map(({ id, command, site, state, plan }) => ({
    target: site,
    hosts: hostsOf(plan),
    running: state === 'running' || state === 'unreachable',
    words: `operation ${id} (${command} ${keyInWords(site)}, ${STATE_WORDS[state]})`,
  }));
}

/** Writes one document, whether it is there or not. */
export async function putThing(client: Client, thing: Thing): Promise<void> {
  const document = JSON.stringify(thing.document);
  switch (thing.kind) {
    case 'cluster':
      await client.query(
        `insert into twokey.cluster (name, document) values ($1, $2)
         on conflict (name) do update set document = excluded.document, updated_at = clock_timestamp()
         where twokey.cluster.document is distinct from excluded.document`,
        [thing.name, document],
      );
      for (const host of thing.hosts)
        await putThing(client, { kind: 'host', name: host.name, cluster: thing.name, document: host });
      return;
    case 'host':
      await client.query(
        `insert into twokey.host (name, cluster, document) values ($1, $2, $3)
         on conflict (name) do update set cluster = excluded.cluster, document = excluded.document, updated_at = clock_timestamp()
         where (twokey.host.cluster, twokey.host.document) is distinct from (excluded.cluster, excluded.document)`,
        [thing.name, thing.cluster, document],
      );
      return;
    case 'site':
      await client.query(
        `insert into twokey.site (name, cluster, host, environment, document) values ($1, $2, $3, $4, $5)
         on conflict (name) do update set cluster = excluded.cluster, host = excluded.host,
           environment = excluded.environment, document = excluded.document, updated_at = clock_timestamp()
         where (twokey.site.cluster, twokey.site.document) is distinct from (excluded.cluster, excluded.document)`,
        [thing.name, thing.cluster, thing.document.host, thing.document.environment, document],
      );
      return;
    default:
      thing satisfies never;
  }
}

async function dropThing(client: Client, thing: Thing): Promise<void> {
  if (thing.kind === 'cluster') await client.query('delete from twokey.host where cluster = $1', [thing.name]);
  await client.query(`delete from twokey.${thing.kind} where name = $1`, [thing.name]);
}

/** The estate for a local step of an operation, within the step's transaction. */
export function estateTools(
  client: Client,
  step: { readonly operation: string; readonly n: number; readonly actor: string },
): LocalTools['estate'] {
  return {
    async document() {
      await lockEstate(client);
      return readEstate(client);
    },
    uses: () => readUses(client, step.operation),
    async reopen(removal) {
      const { rowCount } = await client.query(
        'update twokey.removal set restored_at = clock_timestamp() where id = $1 and restored_at is null',
        [removal],
      );
      return rowCount === 1;
    },
    async write({ kind, name, before, after }) {
      if (after !== null) await putThing(client, after);
      else if (before !== null) {
        await dropThing(client, before);
        await client.query(
          `insert into twokey.removal (id, kind, name, cluster, thing, operation, removed_by) values ($1, $2, $3, $4, $5, $6, $7)`,
          [newOperationId(), kind, name, before.cluster, JSON.stringify(before), step.operation, step.actor],
        );
      }
      const json = (thing: Thing | null) => (thing === null ? null : JSON.stringify(thing));
      await client.query(
        'insert into twokey.estate_change (operation, n, kind, name, before, after) values ($1, $2, $3, $4, $5, $6)',
        [step.operation, step.n, kind, name, json(before), json(after)],
      );
      await appendAudit(client, {
        actor: step.actor,
        action: after === null ? 'estate.removed' : before === null ? 'estate.added' : 'estate.changed',
        subject: `${kind}:${name}`,
        data: { operation: step.operation, n: step.n, before, after },
      });
    },
  };
}

/** A thing as it was stored by `write`. */
export function storedThing(value: unknown): Thing | null {
  return value === null ? null : thingSchema.parse(value);
}
