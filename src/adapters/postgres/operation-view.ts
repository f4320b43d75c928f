import type { OperationView } from '../../operations/records.ts';
import type { Queryable } from './pool.ts';
import { type OperationRow, type StepRow, toOperation, toStep, toVote, type VoteRow } from './rows.ts';

const STEPS = `select s.*, j.jid, coalesce(j.stored_bytes, 0) as output_bytes from twokey.step s
  left join lateral (select jid, stored_bytes from twokey.job where operation = s.operation and n = s.n order by created_at desc limit 1) j on true
  where s.operation = $1 order by s.n`;

/** All that a card shows, as the rows stand; null when there is no such operation. */
export async function readView(db: Queryable, id: string): Promise<OperationView | null> {
  const { rows } = await db.query<OperationRow & { now: Date }>(
    'select *, clock_timestamp() as now from twokey.operation where id = $1',
    [id],
  );
  const row = rows[0];
  if (!row) return null;
  const steps = await db.query<StepRow>(STEPS, [id]);
  const votes = await db.query<VoteRow>('select * from twokey.vote where operation = $1 order by at', [id]);
  return { operation: toOperation(row), steps: steps.rows.map(toStep), votes: votes.rows.map(toVote), readAt: row.now };
}
