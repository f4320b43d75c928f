import type { StandingRecord } from '../../../approvals/ports.ts';
import { isLive } from '../../../approvals/standing.ts';
import type { StandingNotices } from '../../operations/standing-notices.ts';
import { asHolder, insertPost } from './announce-store.ts';
import type { Pool } from './pool.ts';
import { readStandings } from './standing-rows.ts';

/** Which messages of standing approvals are behind their rows; the announcer's epoch guards every write. */
export class PostgresStandingNotices implements StandingNotices {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async find(id: string): Promise<StandingRecord | null> {
    const [found] = await readStandings(this.#pool, 'where s.id = $1', [id]);
    return found ?? null;
  }

  async behind(): Promise<readonly { id: string; channel: string; ts: string }[]> {
    const { rows } = await this.#pool.query<{ id: string; channel: string; ts: string }>(
      `select s.id, p.channel, p.ts from twokey.standing_approval s
         cross join lateral (select channel, ts, state from twokey.post where standing = s.id and kind = 'standing' order by id desc limit 1) p
        where s.shown_revision < s.revision and p.state = 'sent' order by s.asked_at limit 50`,
    );
    return rows;
  }

  async shown(epoch: number, id: string, revision: number): Promise<void> {
    await asHolder(this.#pool, epoch, (client) =>
      client.query('update twokey.standing_approval set shown_revision = greatest(shown_revision, $2) where id = $1', [
        id,
        revision,
      ]),
    );
  }

  async messageGone(
    epoch: number,
    standing: StandingRecord,
    message: { readonly channel: string; readonly ts: string },
  ): Promise<void> {
    const { id, state, revision } = standing;
    if (!isLive(state)) return this.shown(epoch, id, revision);
    const key = `standing:${id}:after:${message.ts}`;
    await asHolder(this.#pool, epoch, (client) =>
      insertPost(client, { key, operation: null, standing: id, kind: 'standing', channel: message.channel, body: {} }),
    );
  }
}
