import type { DutyBook, OwnedDuty, Owner } from '../../operations/duties.ts';
import { appendAudit } from './audit-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';

interface OwnerRow {
  readonly item: string;
  readonly kind: Owner['kind'];
  readonly owner: string;
  readonly by_person: string;
  readonly at: Date;
}

function toOwner({ kind, owner }: Pick<OwnerRow, 'kind' | 'owner'>): Owner {
  return kind === 'person' ? { kind, id: owner } : { kind, words: owner };
}

const textOf = (owner: Owner) => (owner.kind === 'person' ? owner.id : owner.words);

/** Owners of duties in PostgreSQL. */
export class PostgresDutyBook implements DutyBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async owners(site: string): Promise<readonly OwnedDuty[]> {
    const { rows } = await this.#pool.query<OwnerRow>(
      'select item, kind, owner, by_person, at from twokey.duty_owner where site = $1 order by item',
      [site],
    );
    return rows.map((row) => ({ item: row.item, owner: toOwner(row), by: row.by_person, at: row.at }));
  }

  set(site: string, item: string, owner: Owner, by: string): Promise<Owner | null> {
    return inTransaction(this.#pool, async (client) => {
      const before = await locked(client, site, item);
      await client.query(
        `insert into twokey.duty_owner (site, item, kind, owner, by_person) values ($1, $2, $3, $4, $5)
         on conflict (site, item) do update
           set kind = excluded.kind, owner = excluded.owner, by_person = excluded.by_person, at = clock_timestamp()`,
        [site, item, owner.kind, textOf(owner), by],
      );
      await appendAudit(client, { actor: by, action: 'duty.set', subject: site, data: { item, owner, before } });
      return before;
    });
  }

  clear(site: string, item: string, by: string): Promise<Owner | null> {
    return inTransaction(this.#pool, async (client) => {
      const before = await locked(client, site, item);
      if (before === null) return null;
      await client.query('delete from twokey.duty_owner where site = $1 and item = $2', [site, item]);
      await appendAudit(client, { actor: by, action: 'duty.cleared', subject: site, data: { item, before } });
      return before;
    });
  }
}

/** The present owner. Changes of one duty take turns, so that each says truly what was before. */
async function locked(client: Client, site: string, item: string): Promise<Owner | null> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('twokey.duty ' || $1 || ' ' || $2, 0))`, [
    site,
    item,
  ]);
  const { rows } = await client.query<OwnerRow>(
    'select item, kind, owner, by_person, at from twokey.duty_owner where site = $1 and item = $2',
    [site, item],
  );
  const [row] = rows;
  return row ? toOwner(row) : null;
}
