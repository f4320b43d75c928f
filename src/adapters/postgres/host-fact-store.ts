import { z } from 'zod';
import type { HostFact } from '../../estate/introspection/facts.ts';
import type { HostFactBook, StoredFact } from '../../operations/host-facts.ts';
import { appendAudit } from './audit-store.ts';
import { inTransaction, type Pool } from './pool.ts';

const value = z.union([z.string(), z.record(z.string(), z.string())]);
/** Longest name that the table takes; a folder on a host may have a longer path. */
const LONGEST_NAME = 1_000;

/** Facts of hosts in PostgreSQL. */
export class PostgresHostFactBook implements HostFactBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async note(host: string, facts: readonly HostFact[], person: string): Promise<void> {
    const kept = facts.filter((fact) => fact.name.length <= LONGEST_NAME);
    await inTransaction(this.#pool, async (client) => {
      // In the order of the names, so that two who note at once wait for each other instead of standing in a circle.
      for (const fact of kept.toSorted((left, right) => (left.name < right.name ? -1 : 1))) {
        await client.query(
          `insert into twokey.host_fact (host, name, value) values ($1, $2, $3)
           on conflict (host, name) do update set value = excluded.value, seen_at = excluded.seen_at`,
          [host, fact.name, JSON.stringify(fact.value)],
        );
      }
      await appendAudit(client, {
        actor: person,
        action: 'host.looked-at',
        subject: host,
        data: { facts: kept.length },
      });
    });
  }

  async of(host: string): Promise<readonly StoredFact[]> {
    const { rows } = await this.#pool.query<{ name: string; value: unknown; seen_at: Date }>(
      'select name, value, seen_at from twokey.host_fact where host = $1 order by name',
      [host],
    );
    return rows.map((row) => ({ name: row.name, value: value.parse(row.value), seenAt: row.seen_at }));
  }
}
