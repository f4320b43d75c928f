import type { Change } from '../../../approvals/machine.ts';
import type { RequestStore } from '../../../approvals/ports.ts';
import type { Request } from '../../../approvals/request.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { assertNever, err, type Result } from '../../kernel/result.ts';
import { toRequest } from '../../operations/gate.ts';
import type { OperationRecord } from '../../operations/records.ts';
import { accountNote, appendAudit, withStorableReason } from './audit-store.ts';
import { writeConfirmation } from './confirmation-rows.ts';
import { notify } from './notify.ts';
import { type EnqueueRun, endOperation, lockOperation, queueRun } from './operation-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';
import { toVote, type VoteRow } from './rows.ts';

type Act = Parameters<RequestStore['change']>[1];

/** Votes and confirmations of operations; every change is judged and written under the lock of the operation's row. */
export class PostgresRequestStore implements RequestStore {
  readonly #pool: Pool;
  readonly #enqueue: EnqueueRun;

  constructor(pool: Pool, enqueue: EnqueueRun) {
    this.#pool = pool;
    this.#enqueue = enqueue;
  }

  change(
    id: string,
    by: Act,
    judge: (request: Request, now: Date) => Result<Change, Refusal>,
  ): Promise<Result<Change, Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const locked = await lockOperation(client, id);
      if (!locked) return err(refusal('unknown_operation', `There is no operation "${id}".`));
      const votes = await client.query<VoteRow>('select * from twokey.vote where operation = $1', [id]);
      const request = toRequest(locked.operation, votes.rows.map(toVote));
      const judged = judge(request, locked.now);
      if (judged.ok) await this.#write(client, locked.operation, request, withStorableReason(by), judged.value);
      else {
        await appendAudit(client, {
          actor: by.voter.person,
          action: `${by.act}.refused`,
          subject: id,
          data: { code: judged.error.code, message: judged.error.message, ...accountNote(by.voter) },
        });
      }
      return judged;
    });
  }

  async #write(client: Client, operation: OperationRecord, request: Request, by: Act, change: Change): Promise<void> {
    const { id } = operation;
    const { person } = by.voter;
    switch (change.kind) {
      case 'vote':
        await client.query(
          `insert into twokey.vote (operation, generation, person, verdict, reason, step_up) values ($1, $2, $3, $4, $5, $6)
           on conflict (operation, generation, person) do update set verdict = excluded.verdict, reason = excluded.reason,
             step_up = excluded.step_up, at = clock_timestamp(), withdrawn_at = null, void_reason = null`,
          [id, request.generation, person, change.verdict, by.reason, by.voter.stepUp !== undefined],
        );
        await appendAudit(client, {
          actor: person,
          action: `vote.${change.verdict}`,
          subject: id,
          data: {
            generation: request.generation,
            planHash: request.planHash,
            reason: by.reason,
            ...(by.voter.stepUp === undefined ? {} : { withCode: true }),
            becomes: change.becomes,
            ...accountNote(by.voter),
          },
        });
        // What is held starts by itself when its window opens.
        if (change.becomes === 'approved' && operation.state !== 'held')
          await queueRun(client, this.#enqueue, operation);
        if (change.becomes === 'denied') {
          await endOperation(client, id, {
            state: 'denied',
            reason: by.reason ?? 'No reason was given.',
            next: 'Ask the person who denied it.',
            actor: person,
          });
        }
        break;
      case 'withdraw':
        await client.query(
          `update twokey.vote set withdrawn_at = clock_timestamp() where operation = $1 and generation = $2 and person = $3`,
          [id, request.generation, person],
        );
        if (change.becomes === 'open')
          await client.query(
            `update twokey.operation set state = 'awaiting' where id = $1 and state in ('queued', 'awaiting')`,
            [id],
          );
        await appendAudit(client, {
          actor: person,
          action: 'vote.withdrawn',
          subject: id,
          data: { generation: request.generation, ...accountNote(by.voter) },
        });
        break;
      case 'confirm':
        await writeConfirmation(client, operation, by.voter, {
          typed: change.typed,
          reason: by.reason,
          becomes: change.becomes,
        });
        if (change.becomes === 'approved' && operation.state !== 'held')
          await queueRun(client, this.#enqueue, operation);
        break;
      default:
        assertNever(change);
    }
    // What people were told to do next has been done, or the card says what is left of it.
    await client.query(
      `update twokey.operation set revision = revision + 1, next = case when state in ('awaiting', 'held') then null else next end
        where id = $1`,
      [id],
    );
    await notify(client, 'changed', id);
  }
}
