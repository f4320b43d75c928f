import type { NoticeStore, OpenRequest, Reachable, ReminderDue } from '../../operations/notices.ts';
import { asHolder, insertPost } from './announce-store.ts';
import { auditHead } from './audit-reader.ts';
import type { Pool } from './pool.ts';

/** People whose vote counts for an operation's present plan. */
const VOTED = `array(select v.person from twokey.vote v where v.operation = o.id and v.generation = o.generation
  and v.withdrawn_at is null and v.void_reason is null)`;
/** Open to votes, with a card that a message can point at. */
const OPEN = `o.state in ('awaiting', 'held') and o.quorum > 0 and o.decide_by > clock_timestamp() and c.ts is not null`;

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
      `select o.id as operation, o.generation, k.kind, o.requester, ${VOTED} as voted
         from twokey.operation o join twokey.card c on c.operation = o.id
        cross join (values ('opened'), ('half')) k (kind)
        where ${OPEN}
          and (k.kind = 'opened' or clock_timestamp() >= o.decide_by - make_interval(secs => o.decide_within_ms / 2000.0))
          and not exists (select from twokey.reminder r
                           where r.operation = o.id and r.generation = o.generation and r.kind = k.kind)
        order by o.created_at, k.kind desc`,
    );
    return rows;
  }

  async remind(epoch: number, due: ReminderDue, people: readonly Reachable[]): Promise<void> {
    await asHolder(this.#pool, epoch, async (client) => {
      const { rowCount } = await client.query(
        'insert into twokey.reminder (operation, generation, kind) values ($1, $2, $3) on conflict do nothing',
        [due.operation, due.generation, due.kind],
      );
      if (rowCount === 0) return;
      for (const { person, account } of people) {
        await insertPost(client, {
          key: `remind:${due.operation}:${due.generation}:${due.kind}:${person}`,
          operation: due.operation,
          kind: 'reminder',
          channel: account,
          body: { reminder: { kind: due.kind, generation: due.generation, person } },
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
      Omit<OpenRequest, 'decideBy' | 'missing' | 'card'> & {
        readonly decide_by: Date;
        readonly quorum: number;
        readonly approved: number;
        readonly channel: string;
        readonly ts: string;
      }
    >(
      `select o.id as operation, o.generation, o.command, o.site, o.environment, o.requester, o.verdict ->> 'why' as why,
              o.decide_by, o.quorum, c.channel, c.ts, ${VOTED} as voted,
              (select count(distinct v.person)::int from twokey.vote v where v.operation = o.id and v.generation = o.generation
                  and v.verdict = 'approve' and v.withdrawn_at is null and v.void_reason is null) as approved
         from twokey.operation o join twokey.card c on c.operation = o.id where o.id = $1 and ${OPEN}`,
      [operation],
    );
    const [row] = rows;
    if (!row) return null;
    const { decide_by: decideBy, quorum, approved, channel, ts, ...rest } = row;
    return { ...rest, decideBy, missing: Math.max(1, quorum - approved), card: { channel, ts } };
  }
}
