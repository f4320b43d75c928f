import type { HostFact } from '../../estate/introspection/facts.ts';
import type { HostFactBook, StoredFact } from '../../operations/host-facts.ts';
import { appendAudit } from './audit-store.ts';
import { inTransaction, type Pool } from './pool.ts';

/** Longest subject and name that are kept; both are part of a key. A folder on a host may have a longer path. */
const LONGEST = 500;

/** Facts of hosts in PostgreSQL. */
export class PostgresHostFactBook implements HostFactBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async note(host: string, facts: readonly HostFact[], person: string): Promise<void> {
    const kept = new Map(
      facts
        .filter((fact) => fact.subject.length <= LONGEST && fact.name.length <= LONGEST)
        .map((fact) => [`${fact.subject}\n${fact.name}`, fact]),
    );
    const column = (key: keyof HostFact) => [...kept.values()].map((fact) => fact[key]);
    await inTransaction(this.#pool, async (client) => {
      // In the order of the keys, so that two who note at once wait for each other instead of standing in a circle.
      await client.query(
        `insert into twokey.host_fact (host, subject, name, value)
         select $1, subject, name, value from unnest($2::text[], $3::text[], $4::text[]) as fact (subject, name, value)
          order by subject, name
         on conflict (host, subject, name) do update set value = excluded.value, seen_at = excluded.seen_at`,
        [host, column('subject'), column('name'), column('value')],
      );
      await appendAudit(client, {
        actor: person,
        action: 'host.looked-at',
        subject: host,
        data: { facts: kept.size },
      });
    });
  }

  async of(host: string): Promise<readonly StoredFact[]> {
    const { rows } = await this.#pool.query<{ subject: string; name: string; value: string; seen_at: Date }>(
      'select subject, name, value, seen_at from twokey.host_fact where host = $1 order by subject, name',
      [host],
    );
    return rows.map(({ seen_at: seenAt, ...fact }) => ({ ...fact, seenAt }));
  }
}
