import type { NewOperation } from '../../operations/book.ts';
import type { Client } from './pool.ts';

/**
 * Locks what the same person asked for before in the same words (command, arguments, named time, emergency or not), and
 * what still waits; answers the ids. Asking takes turns by person, site and command, so that of two at once the later
 * one sees the earlier.
 */
export async function lockOlder(client: Client, it: NewOperation): Promise<readonly string[]> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `twokey.ask:${it.requester}:${it.site}:${it.command}`,
  ]);
  const { rows } = await client.query<{ id: string }>(
    `select id from twokey.operation
      where requester = $1 and site = $2 and command = $3 and state in ('awaiting', 'held') and args = $4::jsonb
        and not_before is not distinct from $5::timestamptz and (emergency is null) = $6
        and ($7::text is null or request_key is distinct from $7)
      order by id for update`,
    [it.requester, it.site, it.command, JSON.stringify(it.args), it.notBefore, it.emergency === null, it.requestKey],
  );
  return rows.map(({ id }) => id);
}
