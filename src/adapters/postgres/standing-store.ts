import type { NewStanding, StandingActor, StandingRecord, StandingStore } from '../../../approvals/ports.ts';
import {
  expiresSoon,
  hashDefinition,
  type Standing,
  type StandingChange,
  type StandingDefinition,
  standingLapse,
} from '../../../approvals/standing.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { newOperationId } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { hashRules } from '../../operations/site-policy.ts';
import { insertPost } from './announce-store.ts';
import { accountNote, appendAudit, withStorableReason } from './audit-store.ts';
import { notify } from './notify.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';
import { announceExpiry, writeStandingChange } from './standing-changes.ts';
import { lockStanding, readStandings } from './standing-rows.ts';

const MOST_LISTED = 50;
/** Who brings about what time brings about. */
const TWOKEY: StandingActor = { person: 'twokey', account: 'twokey', reason: null };

/** Standing approvals in PostgreSQL; every change is judged and written under the lock of the approval's row. */
export class PostgresStandingStore implements StandingStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async ask(it: NewStanding): Promise<Result<StandingRecord, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const id = newOperationId();
      const hash = hashDefinition(it.definition);
      const holding = await lasting(client, hash);
      if (holding) return err(alreadyThere(holding));
      const { rowCount } = await client.query(
        `insert into twokey.standing_approval (id, definition, definition_hash, rules, rules_hash, requester, requester_counts,
           quorum, state, decide_by, valid_ms, channel)
         values ($1, $2, $3, $4, $5, $6, $7, $8, 'open', clock_timestamp() + make_interval(secs => $9::bigint / 1000.0), $10, $11)
         on conflict (definition_hash) where state = 'open' do nothing`,
        [
          id,
          JSON.stringify(it.definition),
          hash,
          JSON.stringify(it.rules),
          hashRules(it.rules),
          it.requester,
          it.requesterCounts,
          it.quorum,
          it.decideWithinMs,
          it.validMs,
          it.channel,
        ],
      );
      if (rowCount === 0) {
        const [open] = await readStandings(client, `where s.definition_hash = $1 and s.state = 'open'`, [hash]);
        return err(alreadyThere(open ?? null));
      }
      await insertPost(client, {
        key: `standing:${id}`,
        operation: null,
        standing: id,
        kind: 'standing',
        channel: it.channel,
        body: {},
      });
      await appendAudit(client, {
        actor: it.requester,
        action: 'standing.asked',
        subject: id,
        data: { definition: it.definition, definitionHash: hash, rulesHash: hashRules(it.rules), quorum: it.quorum },
      });
      await notify(client, 'changed', id);
      const [recorded] = await readStandings(client, 'where s.id = $1', [id]);
      if (!recorded) throw new Error('the standing approval was not recorded');
      return ok(recorded);
    });
  }

  async find(id: string): Promise<StandingRecord | null> {
    const [found] = await readStandings(this.#pool, 'where s.id = $1', [id]);
    return found ?? null;
  }

  async activeFor(definition: StandingDefinition): Promise<StandingRecord | null> {
    const [found] = await readStandings(this.#pool, `where s.definition_hash = $1 and s.state = 'active'`, [
      hashDefinition(definition),
    ]);
    return found ?? null;
  }

  list(which: 'live' | 'ended'): Promise<readonly StandingRecord[]> {
    return readStandings(
      this.#pool,
      `where (s.ended_at is null) = $1 order by coalesce(s.ended_at, s.asked_at) desc limit ${MOST_LISTED}`,
      [which === 'live'],
    );
  }

  change(
    id: string,
    by: StandingActor,
    judge: (standing: Standing, now: Date) => Result<StandingChange, Refusal>,
  ): Promise<Result<StandingChange, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const standing = await lockStanding(client, id);
      if (!standing) return err(refusal('unknown_standing', `There is no standing approval "${id}".`));
      const judged = judge(standing, standing.readAt);
      if (judged.ok) await writeStandingChange(client, standing, withStorableReason(by), judged.value);
      else if (by.person !== 'twokey') {
        const { code, message } = judged.error;
        await appendAudit(client, {
          actor: by.person,
          action: 'standing.refused',
          subject: id,
          data: { code, message, ...accountNote(by) },
        });
      }
      return judged;
    });
  }

  /** What time alone brings about, each once, whichever replica sees it first: the word that one expires soon, and its end. */
  async round(): Promise<void> {
    const { rows } = await this.#pool.query<{ id: string }>(
      `select id from twokey.standing_approval where ended_at is null and (coalesce(expires_at, decide_by) <= clock_timestamp()
          or (announced_at is null and expires_at <= clock_timestamp() + interval '7 days'))`,
    );
    for (const { id } of rows) {
      await inTransaction(this.#pool, async (client) => {
        const standing = await lockStanding(client, id);
        if (!standing) return;
        // Only time is looked at here: what is compared with itself has not changed.
        const late = standingLapse(standing, standing, standing.readAt);
        if (late) await writeStandingChange(client, standing, TWOKEY, late);
        else if (standing.announcedAt === null && expiresSoon(standing, standing.readAt))
          await announceExpiry(client, standing);
      });
    }
  }
}

/** The approval of this definition that holds for more than a week; one that ends before that may be asked for anew. */
async function lasting(client: Client, hash: string): Promise<StandingRecord | null> {
  const [found] = await readStandings(
    client,
    `where s.definition_hash = $1 and s.state in ('active', 'suspended') and s.expires_at > clock_timestamp() + interval '7 days'`,
    [hash],
  );
  return found ?? null;
}

function alreadyThere(live: StandingRecord | null): Refusal {
  // Null when it has ended between two looks.
  if (live === null)
    return refusal('standing_exists', 'A request for exactly this has just ended.', 'Ask for it again.');
  return refusal(
    'standing_exists',
    `There is a standing approval for exactly this already: ${live.id}, ${live.state}.`,
    `See \`standing show ${live.id}\`.`,
  );
}
