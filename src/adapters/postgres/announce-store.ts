import type { AnnounceStore, LogWork, Post, PostDraft } from '../../operations/announce.ts';
import type { OperationView } from '../../operations/records.ts';
import { countLines, PostgresJournal } from './journal.ts';
import { readView } from './operation-view.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';
import { NOT_ENDED } from './rows.ts';

interface PostRow {
  readonly id: number;
  readonly key: string;
  readonly operation: string | null;
  readonly standing: string | null;
  readonly kind: Post['kind'];
  readonly channel: string;
  readonly body: Post['body'];
  readonly state: Post['state'];
  readonly ts: string | null;
  readonly attempts: number;
  readonly created_at: Date;
  readonly thread_ts: string | null;
}

const UNSENT = `select p.*, case when p.kind in ('card', 'log', 'note', 'file') then c.ts end as thread_ts
  from twokey.post p left join twokey.card c on c.operation = p.operation where p.state in ('new', 'sending')`;

const CARD = 'c.operation, c.channel, c.ts, c.shown_at, o.ended_at is not null as ended, o.created_at';

/** How far the end of a line is looked for after skipped output, in bytes. */
const LINE_SOUGHT = 8_192;

/** What has to appear in Slack, and what has. Every write of the announcer is refused once another process took over. */
export class PostgresAnnounceStore implements AnnounceStore {
  readonly #pool: Pool;
  readonly #journal: PostgresJournal;

  constructor(pool: Pool) {
    this.#pool = pool;
    this.#journal = new PostgresJournal(pool);
  }

  async takeOver(holder: string): Promise<number> {
    const { rows } = await this.#pool.query<{ epoch: number }>(
      'update twokey.announcer set holder = $1, epoch = epoch + 1 returning epoch',
      [holder],
    );
    return rows[0]?.epoch ?? 0;
  }

  async staleCards(): Promise<
    readonly { operation: string; channel: string; ts: string | null; shownAt: Date | null; ended: boolean }[]
  > {
    const { rows } = await this.#pool.query<{
      operation: string;
      channel: string;
      ts: string | null;
      shown_at: Date | null;
      ended: boolean;
    }>(
      `select operation, channel, ts, shown_at, ended from (
         select ${CARD} from twokey.card c join twokey.operation o on o.id = c.operation where c.behind
         union
         -- only an edit tells whether somebody deleted a card that people still need
         select ${CARD} from twokey.operation o join twokey.card c on c.operation = o.id
          where ${NOT_ENDED} and c.shown_at < clock_timestamp() - case when o.state in ('running', 'unreachable')
            then interval '10 seconds' else interval '2 minutes' end) stale
        order by created_at limit 100`,
    );
    return rows.map((row) => ({
      operation: row.operation,
      channel: row.channel,
      ts: row.ts,
      shownAt: row.shown_at,
      ended: row.ended,
    }));
  }

  view(operation: string): Promise<OperationView | null> {
    return readView(this.#pool, operation);
  }

  async cardShown(epoch: number, operation: string, revision: number): Promise<void> {
    await this.#asHolder(epoch, (client) =>
      client.query(
        'update twokey.card set shown_revision = greatest(shown_revision, $2), shown_at = clock_timestamp() where operation = $1',
        [operation, revision],
      ),
    );
  }

  async cardGone(epoch: number, operation: string, ts: string): Promise<void> {
    await this.#asHolder(epoch, (client) =>
      client.query('update twokey.card set ts = null, shown_revision = 0 where operation = $1 and ts = $2', [
        operation,
        ts,
      ]),
    );
  }

  async addPost(epoch: number, draft: PostDraft): Promise<void> {
    await this.#asHolder(epoch, (client) => insertPost(client, draft));
  }

  async unsentPosts(kinds: readonly Post['kind'][]): Promise<readonly Post[]> {
    const { rows } = await this.#pool.query<PostRow>(`${UNSENT} and p.kind = any($1) order by p.id limit 50`, [kinds]);
    return rows.map(toPost);
  }

  async beginSending(epoch: number, id: number): Promise<void> {
    await this.#asHolder(epoch, (client) =>
      client.query(`update twokey.post set state = 'sending', attempts = attempts + 1 where id = $1`, [id]),
    );
  }

  async setFile(epoch: number, id: number, file: string): Promise<void> {
    await this.#asHolder(epoch, (client) =>
      client.query(`update twokey.post set body = body || jsonb_build_object('file', $2::text) where id = $1`, [
        id,
        file,
      ]),
    );
  }

  async sent(epoch: number, post: Post, ts: string, revision: number | null): Promise<void> {
    await this.#asHolder(epoch, async (client) => {
      await client.query(
        `update twokey.post set state = 'sent', ts = $2, sent_at = clock_timestamp(), problem = null where id = $1`,
        [post.id, ts],
      );
      if (post.kind === 'card') {
        await client.query(
          'update twokey.card set ts = $2, shown_revision = $3, shown_at = clock_timestamp() where operation = $1',
          [post.operation, ts, revision ?? 0],
        );
      }
    });
  }

  async notSent(epoch: number, id: number, problem: string, final: boolean): Promise<void> {
    await this.#asHolder(epoch, (client) =>
      client.query(`update twokey.post set state = $2, problem = $3 where id = $1`, [
        id,
        final ? 'failed' : 'new',
        problem,
      ]),
    );
  }

  async logWork(): Promise<readonly LogWork[]> {
    const { rows } = await this.#pool.query<{
      operation: string;
      channel: string;
      jid: string;
      n: number;
      title: string;
      stored: number;
      posted: number;
      step_ended: boolean;
      waiting: number;
    }>(
      `select j.operation, c.channel, j.jid, j.n, s.title, j.stored_bytes as stored, j.posted_bytes as posted,
              s.ended_at is not null as step_ended,
              (select count(*) from twokey.post p where p.operation = j.operation and p.kind = 'log' and p.state in ('new', 'sending'))::int as waiting
         from twokey.job j join twokey.step s on s.operation = j.operation and s.n = j.n
         join twokey.card c on c.operation = j.operation and c.ts is not null and not c.log_done
        where j.posted_bytes < j.stored_bytes
        order by j.operation, j.n, j.created_at`,
    );
    return rows.map((row) => ({
      operation: row.operation,
      channel: row.channel,
      jid: row.jid,
      n: row.n,
      title: row.title,
      stored: row.stored,
      posted: row.posted,
      stepEnded: row.step_ended,
      waiting: row.waiting,
    }));
  }

  async postSegment(epoch: number, work: LogWork, until: number, draft: PostDraft): Promise<void> {
    await this.#asHolder(epoch, async (client) => {
      await insertPost(client, draft);
      await client.query('update twokey.job set posted_bytes = $2 where jid = $1 and posted_bytes = $3', [
        work.jid,
        until,
        work.posted,
      ]);
    });
  }

  readOutput(jid: string, start: number, limit: number): Promise<Uint8Array> {
    return this.#journal.read(jid, start, limit);
  }

  /** Lines from `start` up to the first line that begins in the last chunk at or before `target`, or after it. */
  async skipTo(
    jid: string,
    start: number,
    target: number,
  ): Promise<{ readonly start: number; readonly lines: number }> {
    const { rows } = await this.#pool.query<{ start: number; size: number }>(
      'select start, length(bytes) as size from twokey.chunk where jid = $1 and start <= $2 order by start desc limit 1',
      [jid, start],
    );
    const [chunk] = rows;
    if (!chunk) return { start, lines: 0 };
    const end = chunk.start + chunk.size;
    if (end > target) return { start, lines: 0 };
    const head = countLines(await this.#journal.read(jid, start, end - start));
    const rest = await this.#journal.linesBetween(jid, end, target);
    // Not into the middle of a line, if one ends soon.
    const before = await this.#journal.read(jid, rest.start - 1, LINE_SOUGHT);
    const lineEnd = before.indexOf(0x0a);
    if (lineEnd <= 0) return { start: rest.start, lines: head + rest.lines };
    return { start: rest.start + lineEnd, lines: head + rest.lines + 1 };
  }

  async finishedLogs(): Promise<
    readonly {
      operation: string;
      channel: string;
      jobs: readonly { jid: string; n: number; title: string; bytes: number }[];
    }[]
  > {
    const { rows } = await this.#pool.query<{
      operation: string;
      channel: string;
      jobs: { jid: string; n: number; title: string; bytes: number }[] | null;
    }>(
      `select c.operation, c.channel, (select json_agg(json_build_object('jid', j.jid, 'n', j.n, 'title', s.title, 'bytes', j.stored_bytes) order by j.n, j.created_at)
          from twokey.job j join twokey.step s on s.operation = j.operation and s.n = j.n where j.operation = c.operation and j.stored_bytes > 0) as jobs
         from twokey.card c join twokey.operation o on o.id = c.operation
        where not c.log_done and c.ts is not null and o.ended_at is not null
          and not exists (select from twokey.job j where j.operation = c.operation and j.posted_bytes < j.stored_bytes)
          and not exists (select from twokey.post p where p.operation = c.operation and p.kind in ('card', 'log', 'note') and p.state in ('new', 'sending'))
        limit 10`,
    );
    return rows.map((row) => ({ operation: row.operation, channel: row.channel, jobs: row.jobs ?? [] }));
  }

  async logDone(epoch: number, operation: string): Promise<void> {
    await this.#asHolder(epoch, (client) =>
      client.query('update twokey.card set log_done = true where operation = $1', [operation]),
    );
  }

  #asHolder(epoch: number, work: (client: Client) => Promise<unknown>): Promise<void> {
    return asHolder(this.#pool, epoch, work);
  }
}

/** Writes as the one process that announces; refused once another one does. */
export async function asHolder(pool: Pool, epoch: number, work: (client: Client) => Promise<unknown>): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rowCount } = await client.query('select from twokey.announcer where epoch = $1 for share', [epoch]);
    if (rowCount === 0) throw new Error('another process announces now');
    await work(client);
  });
}

/** Records a post, unless its key is there already. */
export async function insertPost(client: Client, draft: PostDraft): Promise<void> {
  await client.query(
    `insert into twokey.post (key, operation, kind, channel, body, state, standing) values ($1, $2, $3, $4, $5, 'new', $6)
     on conflict (key) do nothing`,
    [draft.key, draft.operation, draft.kind, draft.channel, JSON.stringify(draft.body), draft.standing ?? null],
  );
}

function toPost(row: PostRow): Post {
  return {
    id: row.id,
    key: row.key,
    operation: row.operation,
    standing: row.standing,
    kind: row.kind,
    channel: row.channel,
    body: row.body,
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    threadTs: row.thread_ts,
  };
}
