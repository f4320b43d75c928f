import { unconfirmedOf } from '../../operations/gate.ts';
import type { NoticeStore, OpenRequest, Reachable, Reconfirmation, ReminderDue } from '../../operations/notices.ts';
import { asHolder, insertPost } from './announce-store.ts';
import { auditHead } from './audit-reader.ts';
import type { Pool } from './pool.ts';
import { type OperationRow, toOperation } from './rows.ts';

/** People whose vote counts for an operation's present plan. */
const VOTED = `array(select v.person from twokey.vote v where v.operation = o.id and v.generation = o.generation
  and v.withdrawn_at is null and v.void_reason is null)`;
const APPROVED = `(select count(distinct v.person)::int from twokey.vote v where v.operation = o.id and v.generation = o.generation
  and v.verdict = 'approve' and v.withdrawn_at is null and v.void_reason is null)`;
/** Open to votes that are still missing, with a card that a message can point at. */
const OPEN = `o.state in ('awaiting', 'held') and o.quorum > 0 and o.decide_by > clock_timestamp() and c.ts is not null
  and ${APPROVED} < o.quorum`;
/** Kinds of calls, and which part of the time to decide is left when they are due; the first is due at once. */
const KINDS = `(values ('opened', null), ('half', 0.5), ('late', 0.25)) k (kind, part)`;

/** What was told and to whom; the announcer's epoch guards every write. */
export class PostgresNoticeStore implements NoticeStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async noteHead(epoch: number, channel: string): Promise<void> {
    const known = await this.#pool.query(
      `select from twokey.audit_day where day = (clock_timestamp() at time zone 'UTC')::date`,
    );
    if (known.rowCount !== 0) return;
    await asHolder(this.#pool, epoch, async (client) => {
      const head = await auditHead(client);
      if (!head) return;
      const { rows } = await client.query<{ day: string }>(
        `insert into twokey.audit_day (day, rows, head) values ((clock_timestamp() at time zone 'UTC')::date, $1, $2)
         on conflict (day) do nothing returning to_char(day, 'YYYY-MM-DD') as day`,
        [head.rows, head.head],
      );
      const [noted] = rows;
      if (!noted) return;
      await insertPost(client, {
        key: `head:${noted.day}`,
        operation: null,
        kind: 'head',
        channel,
        body: { head: { day: noted.day, ...head } },
      });
    });
  }

  async remindersDue(): Promise<readonly ReminderDue[]> {
    const { rows } = await this.#pool.query<ReminderDue>(
      `select o.id as operation, o.generation, o.call, k.kind, o.requester, o.requester_counts as "requesterCounts",
              c.channel, ${VOTED} as voted
         from twokey.operation o join twokey.card c on c.operation = o.id
        cross join ${KINDS}
        where ${OPEN}
          and (k.part is null or clock_timestamp() >= o.decide_by - make_interval(secs => o.decide_within_ms * k.part / 1000.0))
          and not exists (select from twokey.reminder r
                           where r.operation = o.id and r.generation = o.generation and r.call = o.call and r.kind = k.kind)
        order by o.created_at, k.part desc nulls first`,
    );
    return rows;
  }

  async remind(epoch: number, due: ReminderDue, people: readonly Reachable[]): Promise<void> {
    await asHolder(this.#pool, epoch, async (client) => {
      const { rowCount } = await client.query(
        'insert into twokey.reminder (operation, generation, call, kind) values ($1, $2, $3, $4) on conflict do nothing',
        [due.operation, due.generation, due.call, due.kind],
      );
      if (rowCount === 0) return;
      const { kind, generation, call, operation } = due;
      const called = people.map(({ person, account }) => ({ person, channel: account }));
      const aloud = kind === 'late' ? [{ person: null, channel: due.channel }] : [];
      for (const { person, channel } of [...aloud, ...called]) {
        await insertPost(client, {
          key: `remind:${operation}:${generation}:${call}:${kind}:${person ?? channel}`,
          operation,
          kind: 'reminder',
          channel,
          body: { reminder: { kind, generation, call, person } },
        });
      }
    });
  }

  async drop(epoch: number, post: number): Promise<void> {
    await asHolder(this.#pool, epoch, (client) =>
      client.query(`update twokey.post set state = 'dropped' where id = $1`, [post]),
    );
  }

  async openRequest(operation: string): Promise<OpenRequest | null> {
    const { rows } = await this.#pool.query<
      Omit<OpenRequest, 'decideBy' | 'missing' | 'card' | 'requesterCounts' | 'leftMs'> & {
        readonly decide_by: Date;
        readonly left_ms: number;
        readonly requester_counts: boolean;
        readonly quorum: number;
        readonly approved: number;
        readonly channel: string;
        readonly ts: string;
      }
    >(
      `select o.id as operation, o.generation, o.call, o.command, o.site, o.environment, o.requester, o.requester_counts,
              o.verdict ->> 'why' as why, o.decide_by,
              (extract(epoch from o.decide_by - clock_timestamp()) * 1000)::float8 as left_ms, o.quorum,
              c.channel, c.ts, ${VOTED} as voted, ${APPROVED} as approved
         from twokey.operation o join twokey.card c on c.operation = o.id where o.id = $1 and ${OPEN}`,
      [operation],
    );
    const [row] = rows;
    if (!row) return null;
    const { decide_by, left_ms, requester_counts, quorum, approved, channel, ts, ...rest } = row;
    return {
      ...rest,
      requesterCounts: requester_counts,
      decideBy: decide_by,
      leftMs: left_ms,
      missing: quorum - approved,
      card: { channel, ts },
    };
  }

  async reconfirmation(operation: string, post: number): Promise<Reconfirmation | null> {
    const { rows } = await this.#pool.query<
      OperationRow & { readonly card_channel: string; readonly card_ts: string | null }
    >(
      `select o.*, c.channel as card_channel, c.ts as card_ts
         from twokey.operation o join twokey.card c on c.operation = o.id
        where o.id = $1 and o.state in ('awaiting', 'held') and o.decide_by > clock_timestamp()
          and not exists (select from twokey.post p where p.operation = o.id and p.kind = 'reconfirm' and p.id > $2)`,
      [operation, post],
    );
    const [row] = rows;
    if (!row) return null;
    const found = toOperation(row);
    const asks = unconfirmedOf(found);
    return asks && { operation: found, asks, card: { channel: row.card_channel, ts: row.card_ts } };
  }
}
