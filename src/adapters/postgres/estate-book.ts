import type { Thing, ThingKind } from '../../estate/thing.ts';
import type { EstateDocument } from '../../estate/types.ts';
import type { Contact, EstateBook, EstateChange, Removal, Use } from '../../operations/estate/book.ts';
import { readEstate, readUses, storedThing } from './estate-rows.ts';
import type { Pool } from './pool.ts';

/** The estate's rows for those who read it, and what was seen of its hosts. */
export class PostgresEstateBook implements EstateBook {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  document(): Promise<EstateDocument> {
    return readEstate(this.#pool);
  }

  async removals(): Promise<readonly Removal[]> {
    const { rows } = await this.#pool.query<{ id: string; thing: unknown; removed_at: Date; removed_by: string }>(
      'select id, thing, removed_at, removed_by from twokey.removal where restored_at is null order by removed_at desc, id',
    );
    return rows.flatMap(({ id, thing, removed_at, removed_by }) => {
      const stored: Thing | null = storedThing(thing);
      return stored ? [{ id, thing: stored, removedAt: removed_at, removedBy: removed_by }] : [];
    });
  }

  uses(except: string | null): Promise<readonly Use[]> {
    return readUses(this.#pool, except);
  }

  async changesOf(operation: string): Promise<readonly EstateChange[]> {
    const { rows } = await this.#pool.query<{ before: unknown; after: unknown }>(
      'select before, after from twokey.estate_change where operation = $1 order by n',
      [operation],
    );
    return rows.map(({ before, after }) => ({ operation, before: storedThing(before), after: storedThing(after) }));
  }

  async lastChange(kind: ThingKind, name: string): Promise<{ at: Date; operation: string } | null> {
    const { rows } = await this.#pool.query<{ at: Date; operation: string }>(
      'select at, operation from twokey.estate_change where kind = $1 and name = $2 order by at desc limit 1',
      [kind, name],
    );
    return rows[0] ?? null;
  }

  async contacts(): Promise<ReadonlyMap<string, Contact>> {
    const { rows } = await this.#pool.query<{
      host: string;
      at: Date;
      answered: boolean;
      words: string;
      answered_at: Date | null;
    }>('select host, at, answered, words, answered_at from twokey.contact');
    return new Map(
      rows.map(({ host, at, answered, words, answered_at }) => [
        host,
        { at, answered, words, answeredAt: answered_at },
      ]),
    );
  }

  async noteContact(host: string, answered: boolean, words: string): Promise<void> {
    await this.#pool.query(
      `insert into twokey.contact (host, answered, words, answered_at) values ($1, $2, $3, case when $2 then clock_timestamp() end)
       on conflict (host) do update set at = clock_timestamp(), answered = excluded.answered, words = excluded.words,
         answered_at = coalesce(excluded.answered_at, twokey.contact.answered_at)`,
      [host, answered, words],
    );
  }
}
