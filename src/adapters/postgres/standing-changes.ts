import type { StandingActor } from '../../../approvals/ports.ts';
import { hashDefinition, type StandingChange, standingApprovers } from '../../../approvals/standing.ts';
import { assertNever } from '../../kernel/result.ts';
import { insertPost } from './announce-store.ts';
import { accountNote, appendAudit } from './audit-store.ts';
import { notify } from './notify.ts';
import type { Client } from './pool.ts';
import type { KeptStanding } from './standing-rows.ts';

/** Writes a change with its audit row, under the lock in which it was judged, and says aloud what nobody has clicked. */
export async function writeStandingChange(
  client: Client,
  standing: KeptStanding,
  by: StandingActor,
  change: StandingChange,
): Promise<void> {
  const { id } = standing;
  const audit = (action: string, data: Readonly<Record<string, unknown>>) =>
    appendAudit(client, {
      actor: by.person,
      action: `standing.${action}`,
      subject: id,
      data: { ...data, ...accountNote(by) },
    });
  switch (change.kind) {
    case 'use':
      // Nothing that people see has changed.
      await audit('used', { counted: change.counted });
      return;
    case 'vote':
      await client.query(
        `insert into twokey.standing_vote (approval, person, verdict, reason, step_up) values ($1, $2, $3, $4, $5)
         on conflict (approval, person) do update set verdict = excluded.verdict, reason = excluded.reason,
           step_up = excluded.step_up, at = clock_timestamp(), withdrawn_at = null, void_reason = null`,
        [id, by.person, change.verdict, by.reason, by.steppedUp ?? false],
      );
      if (change.becomes === 'active') await takePlace(client, standing);
      await become(client, id, change.becomes, change.verdict === 'deny' ? by.reason : null);
      await audit(change.verdict, { reason: by.reason, becomes: change.becomes, stepUp: by.steppedUp ?? false });
      break;
    case 'withdraw':
      await client.query(
        'update twokey.standing_vote set withdrawn_at = clock_timestamp() where approval = $1 and person = $2',
        [id, by.person],
      );
      await become(
        client,
        id,
        change.becomes,
        change.becomes === standing.state ? standing.reason : 'A vote was withdrawn; it takes new ones.',
      );
      await audit('withdrawn', { becomes: change.becomes });
      break;
    case 'suspend':
      await client.query(
        `update twokey.standing_vote set void_reason = 'no longer an approver' where approval = $1 and person = any($2)`,
        [id, change.voided],
      );
      await become(client, id, change.becomes, change.reason);
      await audit('suspended', { voided: change.voided, reason: change.reason });
      break;
    case 'revoke':
      await become(client, id, change.becomes, by.reason);
      await audit('revoked', { reason: by.reason });
      break;
    case 'void':
    case 'expire':
      await become(client, id, change.becomes, change.reason);
      await audit(change.becomes, { reason: change.reason, counted: standingApprovers(standing) });
      break;
    default:
      assertNever(change);
  }
  if (change.kind === 'suspend' || change.kind === 'void' || change.kind === 'expire')
    await remark(client, standing, `${change.becomes}:${standing.revision}`, `is ${change.becomes}. ${change.reason}`);
  await notify(client, 'changed', id);
}

/** Ends the approval of the same definition that holds until now. */
async function takePlace(client: Client, { id, definition }: KeptStanding): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select id from twokey.standing_approval where definition_hash = $1 and id <> $2 and state in ('active', 'suspended') for update`,
    [hashDefinition(definition), id],
  );
  for (const { id: before } of rows) {
    const reason = `The standing approval ${id} took its place.`;
    await become(client, before, 'void', reason);
    await appendAudit(client, { actor: 'twokey', action: 'standing.void', subject: before, data: { reason } });
    await notify(client, 'changed', before);
  }
}

/** The clock of an approval begins with its first activation and is never set back. */
async function become(client: Client, id: string, state: string, reason: string | null): Promise<void> {
  await client.query(
    `update twokey.standing_approval set state = $2, reason = $3, revision = revision + 1,
       active_at = case when $2 = 'active' then coalesce(active_at, clock_timestamp()) else active_at end,
       expires_at = case when $2 = 'active' then coalesce(expires_at, clock_timestamp() + make_interval(secs => valid_ms / 1000.0)) else expires_at end,
       ended_at = case when $2 in ('open', 'active', 'suspended') then null else clock_timestamp() end
     where id = $1`,
    [id, state, reason],
  );
}

/** Says once that it expires within a week. */
export async function announceExpiry(client: Client, standing: KeptStanding): Promise<void> {
  const { id, expiresAt } = standing;
  await client.query(
    'update twokey.standing_approval set announced_at = clock_timestamp(), revision = revision + 1 where id = $1',
    [id],
  );
  await remark(client, standing, 'soon', 'expires within a week. Ask for it again in time, then approve that one.');
  await appendAudit(client, {
    actor: 'twokey',
    action: 'standing.announced',
    subject: id,
    data: { expiresAt: expiresAt?.toISOString() ?? null },
  });
  await notify(client, 'changed', id);
}

async function remark(client: Client, standing: KeptStanding, about: string, text: string): Promise<void> {
  const { id, channel } = standing;
  await insertPost(client, {
    key: `remark:${id}:${about}`,
    operation: null,
    standing: id,
    kind: 'remark',
    channel,
    body: { text },
  });
}
