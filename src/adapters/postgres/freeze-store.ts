import type { Freeze, FreezeBook, FreezeScope } from '../../../approvals/freezes.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { newOperationId } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { appendAudit } from './audit-store.ts';
import { inTransaction, type Pool, type Queryable } from './pool.ts';

interface FreezeRow {
  readonly id: string;
  readonly scope_kind: FreezeScope['kind'];
  readonly scope_name: string;
  readonly from_at: Date;
  readonly until_at: Date;
  readonly reason: string;
  readonly by_person: string;
}

function toFreeze(row: FreezeRow): Freeze {
  return {
    id: row.id,
    scope: { kind: row.scope_kind, name: row.scope_name },
    from: row.from_at,
    until: row.until_at,
    reason: row.reason,
    by: row.by_person,
  };
}

/** Freezes that are not over and not lifted. Read within the claim's transaction, so that one that was begun before holds. */
export async function currentFreezes(db: Queryable): Promise<readonly Freeze[]> {
  const { rows } = await db.query<FreezeRow>(
    'select * from twokey.freeze where lifted_at is null and until_at > clock_timestamp() order by from_at, id',
  );
  return rows.map(toFreeze);
}

/** Freezes in PostgreSQL; every replica sees a change with its next question. */
export class PostgresFreezeBook implements FreezeBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  current(): Promise<readonly Freeze[]> {
    return currentFreezes(this.#pool);
  }

  async begin(it: Omit<Freeze, 'id' | 'from'>): Promise<Freeze> {
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<FreezeRow>(
        `insert into twokey.freeze (id, scope_kind, scope_name, until_at, reason, by_person)
         values ($1, $2, $3, $4, $5, $6) returning *`,
        [newOperationId(), it.scope.kind, it.scope.name, it.until, it.reason, it.by],
      );
      const [row] = rows;
      if (!row) throw new Error('the freeze was not recorded');
      await appendAudit(client, {
        actor: it.by,
        action: 'freeze.begun',
        subject: row.id,
        data: { scope: it.scope, until: it.until.toISOString(), reason: it.reason },
      });
      return toFreeze(row);
    });
  }

  async lift(
    id: string,
    person: string,
    mayLift: (freeze: Freeze) => Refusal | null,
  ): Promise<Result<Freeze, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<FreezeRow>(
        'select * from twokey.freeze where id = $1 and lifted_at is null and until_at > clock_timestamp() for update',
        [id],
      );
      const [row] = rows;
      if (!row) return err(refusal('unknown_freeze', `No freeze "${id}" holds.`));
      const freeze = toFreeze(row);
      const objection = mayLift(freeze);
      if (objection) return err(objection);
      await client.query('update twokey.freeze set lifted_by = $2, lifted_at = clock_timestamp() where id = $1', [
        id,
        person,
      ]);
      // What the freeze held is asked about again at once; another reason to hold it is found at its claim.
      const held = await client.query<{ id: string }>(
        `select id from twokey.operation
          where state = 'held' and opens_at >= $1 and verdict->>'kind' = 'hold'
            and site in (select unnest(array[name, 'host:' || host, 'cluster:' || cluster]) from twokey.site
              where case $2 when 'site' then name = $3 when 'cluster' then cluster = $3 when 'environment' then environment = $3 else true end)
          order by id for update`,
        [freeze.until, freeze.scope.kind, freeze.scope.name],
      );
      await client.query(
        'update twokey.operation set opens_at = greatest(clock_timestamp(), not_before) where id = any($1)',
        [held.rows.map((row) => row.id)],
      );
      await appendAudit(client, { actor: person, action: 'freeze.lifted', subject: id, data: { scope: freeze.scope } });
      return ok(freeze);
    });
  }
}
