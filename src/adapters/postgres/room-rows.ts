import { hostDocument } from '../../estate/types.ts';
import { NO_ROOM_NEEDED, type RoomFacts, takesRoom } from '../../operations/host-room.ts';
import { hostsOf } from '../../operations/plan.ts';
import type { OperationRecord } from '../../operations/records.ts';
import type { Client, Queryable } from './pool.ts';
import { NOT_ENDED, type OperationRow } from './rows.ts';

/** The same as takesRoom, for a row. */
const TAKES_ROOM = `rules ->> 'risk' is distinct from 'routine'`;
/** What uses its hosts. Nobody knows whether a lost one does: it does not count, or a person would have to free the host. */
const RUNS = `${NOT_ENDED} and state in ('running', 'unreachable')`;

/**
 * Takes the turn of an operation that needs room, so that until the transaction ends no other one takes it; nothing for
 * other operations. What rules say cannot change between this and the lock of the row: they change with the plan, and then
 * the run that claims is not the one to be started any more.
 *
 * One turn for all hosts and not one for each: which hosts are one machine may change meanwhile, a claim takes
 * milliseconds, and whatever starts takes turns at the audit log in any case.
 */
export async function takeRoomTurn(client: Client, operation: string): Promise<void> {
  await client.query(
    `select pg_advisory_xact_lock(hashtextextended('twokey.room', 0)) from twokey.operation where id = $1 and ${TAKES_ROOM}`,
    [operation],
  );
}

/** Who else takes up room now, and how much there is. To be read after the turn was taken. */
export async function readRoom(client: Client, operation: OperationRecord): Promise<RoomFacts> {
  const wanted = hostsOf(operation.plan);
  if (!takesRoom(operation) || wanted.length === 0) return NO_ROOM_NEEDED;
  const running = await client.query<Pick<OperationRow, 'id' | 'command' | 'site' | 'plan'>>(
    `select id, command, site, plan from twokey.operation where ${RUNS} and ${TAKES_ROOM} and id <> $1 order by started_at, id`,
    [operation.id],
  );
  if (running.rows.length === 0) return NO_ROOM_NEEDED;
  const hosts = await client.query<{ document: unknown }>(
    `select document from twokey.host
      where name = any($1) or (document -> 'address', document -> 'port') in
        (select document -> 'address', document -> 'port' from twokey.host where name = any($1))`,
    [wanted],
  );
  return {
    occupants: running.rows.map(({ plan, ...row }) => ({ ...row, hosts: hostsOf(plan) })),
    hosts: hosts.rows.map(({ document }) => hostDocument.parse(document)),
  };
}

/** See RunStore.isBehind. */
export async function isBehind(
  db: Queryable,
  operation: string,
  runNumber: number,
  others: readonly string[],
): Promise<boolean> {
  const { rows } = await db.query<{ behind: boolean }>(
    `select exists (select from twokey.operation where id = $1 and state = 'queued' and run_number = $2)
        and (select count(*) from twokey.operation where id = any($3) and state in ('running', 'unreachable'))
          = cardinality($3::text[]) as behind`,
    [operation, runNumber, others],
  );
  return rows[0]?.behind === true;
}
