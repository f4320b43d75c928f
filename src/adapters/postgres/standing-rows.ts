import type { StandingRecord, StandingVoteRecord } from '../../../approvals/ports.ts';
import type { Client, Queryable } from './pool.ts';

interface StandingRow {
  readonly id: string;
  readonly definition: StandingRecord['definition'];
  readonly rules: StandingRecord['rules'];
  readonly requester: string;
  readonly requester_counts: boolean;
  readonly quorum: number;
  readonly state: StandingRecord['state'];
  readonly reason: string | null;
  readonly asked_at: Date;
  readonly decide_by: Date;
  readonly active_at: Date | null;
  readonly expires_at: Date | null;
  readonly ended_at: Date | null;
  readonly announced_at: Date | null;
  readonly channel: string;
  readonly revision: number;
  readonly now: Date;
  readonly votes: readonly VoteJson[];
}

/** A vote as the database's JSON has it: times are text. */
interface VoteJson {
  readonly person: string;
  readonly verdict: 'approve' | 'deny';
  readonly reason: string | null;
  readonly at: string;
  readonly withdrawn_at: string | null;
  readonly void_reason: string | null;
  readonly step_up: boolean;
}

/** A standing approval with what only the rows' keepers need. */
export interface KeptStanding extends StandingRecord {
  readonly channel: string;
  readonly announcedAt: Date | null;
}

function toVote(vote: VoteJson): StandingVoteRecord {
  return {
    person: vote.person,
    verdict: vote.verdict,
    reason: vote.reason,
    at: new Date(vote.at),
    withdrawn: vote.withdrawn_at !== null || vote.void_reason !== null,
    voidReason: vote.void_reason,
    steppedUp: vote.step_up,
  };
}

function toStanding(row: StandingRow): KeptStanding {
  return {
    id: row.id,
    definition: row.definition,
    rules: row.rules,
    requester: row.requester,
    requesterCounts: row.requester_counts,
    quorum: row.quorum,
    state: row.state,
    reason: row.reason,
    askedAt: row.asked_at,
    decideBy: row.decide_by,
    activeAt: row.active_at,
    expiresAt: row.expires_at,
    endedAt: row.ended_at,
    announcedAt: row.announced_at,
    channel: row.channel,
    revision: row.revision,
    readAt: row.now,
    votes: row.votes.map(toVote),
  };
}

/** Standing approvals that fit a condition, which may name columns of s, with their votes in order. */
export async function readStandings(db: Queryable, rest: string, values: unknown[]): Promise<readonly KeptStanding[]> {
  const { rows } = await db.query<StandingRow>(
    `select s.*, clock_timestamp() as now,
            (select coalesce(json_agg(v order by v.at, v.person), '[]') from twokey.standing_vote v where v.approval = s.id) as votes
       from twokey.standing_approval s ${rest}`,
    values,
  );
  return rows.map(toStanding);
}

/** Locks one for the rest of the transaction; its votes are read after that, so that none is missed. */
export async function lockStanding(client: Client, id: string): Promise<KeptStanding | null> {
  await client.query('select from twokey.standing_approval where id = $1 for update', [id]);
  const [found] = await readStandings(client, 'where s.id = $1', [id]);
  return found ?? null;
}
