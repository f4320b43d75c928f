import type { Actor } from '../../../approvals/request.ts';
import { type CodeHistory, type CodeVerdict, NO_HISTORY } from '../../../approvals/step-up.ts';
import type { CodePurpose, StepUpStore } from '../../../approvals/step-up-ports.ts';
import { newUuid } from '../../kernel/ids.ts';
import { ok } from '../../kernel/result.ts';
import { insertPost } from './announce-store.ts';
import { accountNote, appendAudit } from './audit-store.ts';
import { notify } from './notify.ts';
import { type Client, databaseNow, inTransaction, type Pool } from './pool.ts';

interface TotpRow {
  readonly sealed: Buffer;
  readonly last_step: number | null;
  readonly wrong: readonly Date[];
  readonly locked_until: Date | null;
}

const STATE_FOR: Readonly<Record<CodePurpose, 'pending' | 'active'>> = {
  enrol: 'pending',
  vote: 'active',
  off: 'active',
};

/** Enrolments in PostgreSQL. A code is judged under the lock of its person's row, so that two replicas accept it once. */
export class PostgresStepUpStore implements StepUpStore {
  readonly #pool: Pool;
  readonly #auditChannel: string;

  /** `auditChannel` is where a reset is said aloud. */
  constructor(pool: Pool, auditChannel: string) {
    this.#pool = pool;
    this.#auditChannel = auditChannel;
  }

  async people(): Promise<readonly string[]> {
    const { rows } = await this.#pool.query<{ person: string }>(
      `select person from twokey.totp where state = 'active' order by person`,
    );
    return rows.map(({ person }) => person);
  }

  async enrolled(person: string): Promise<boolean> {
    const { rowCount } = await this.#pool.query(`select from twokey.totp where person = $1 and state = 'active'`, [
      person,
    ]);
    return rowCount === 1;
  }

  async any(): Promise<boolean> {
    const { rowCount } = await this.#pool.query('select from twokey.totp limit 1');
    return rowCount === 1;
  }

  async begin(by: Actor, sealed: Uint8Array): Promise<boolean> {
    const { person } = by;
    return inTransaction(this.#pool, async (client) => {
      const { last_step, wrong, locked_until } = rowOf(NO_HISTORY);
      const { rowCount } = await client.query(
        `insert into twokey.totp (person, state, sealed, last_step, wrong, locked_until) values ($1, 'pending', $2, $3, $4, $5)
         on conflict (person) do update set sealed = excluded.sealed, last_step = excluded.last_step, wrong = excluded.wrong,
           locked_until = excluded.locked_until, at = clock_timestamp() where twokey.totp.state = 'pending'`,
        [person, Buffer.from(sealed), last_step, wrong, locked_until],
      );
      if (rowCount === 1)
        await appendAudit(client, { actor: person, action: 'totp.begun', subject: person, data: accountNote(by) });
      return rowCount === 1;
    });
  }

  tryCode(
    by: Actor,
    purpose: CodePurpose,
    judge: Parameters<StepUpStore['tryCode']>[2],
  ): ReturnType<StepUpStore['tryCode']> {
    const { person } = by;
    return inTransaction(this.#pool, async (client) => {
      const { rows } = await client.query<TotpRow>(
        'select sealed, last_step, wrong, locked_until from twokey.totp where person = $1 and state = $2 for update',
        [person, STATE_FOR[purpose]],
      );
      const [row] = rows;
      if (!row) return null;
      // Asked for after the lock was got: waiting for it may have taken a time step.
      const now = await databaseNow(client);
      const judged = judge(
        {
          sealed: row.sealed,
          history: { lastStep: row.last_step, wrong: row.wrong, lockedUntil: row.locked_until },
        },
        now,
      );
      if (!judged.ok) {
        await appendAudit(client, {
          actor: person,
          action: 'totp.refused',
          subject: person,
          data: { purpose, why: judged.error.code, ...accountNote(by) },
        });
        return judged;
      }
      await this.#keep(client, by, purpose, judged.value);
      return ok({ verdict: judged.value.verdict, now });
    });
  }

  async #keep(
    client: Client,
    by: Actor,
    purpose: CodePurpose,
    { verdict, history }: { readonly verdict: CodeVerdict; readonly history: CodeHistory },
  ): Promise<void> {
    const { person } = by;
    const { last_step, wrong, locked_until } = rowOf(history);
    await client.query('update twokey.totp set last_step = $2, wrong = $3, locked_until = $4 where person = $1', [
      person,
      last_step,
      wrong,
      locked_until,
    ]);
    const note = (action: string, data: Readonly<Record<string, unknown>> = {}) =>
      appendAudit(client, { actor: person, action, subject: person, data: { ...data, ...accountNote(by) } });
    if (verdict.kind !== 'right') {
      await note('totp.refused', { purpose, why: verdict.kind });
      if (verdict.kind === 'locked' && verdict.now) await note('totp.locked', { until: verdict.until.toISOString() });
    } else if (purpose === 'enrol') {
      await client.query(`update twokey.totp set state = 'active', at = clock_timestamp() where person = $1`, [person]);
      await note('totp.enrolled');
    } else if (purpose === 'off') {
      await client.query('delete from twokey.totp where person = $1', [person]);
      await note('totp.off');
    }
  }

  async reset(
    { person, account }: { readonly person: string; readonly account: string },
    by: string,
  ): Promise<boolean> {
    return inTransaction(this.#pool, async (client) => {
      const { rowCount } = await client.query('delete from twokey.totp where person = $1', [person]);
      if (rowCount === 0) return false;
      await appendAudit(client, { actor: by, action: 'totp.reset', subject: person, data: {} });
      const key = `totp-reset:${newUuid()}`;
      const reset = { person, by };
      for (const channel of [this.#auditChannel, account])
        await insertPost(client, { key: `${key}:${channel}`, operation: null, kind: 'word', channel, body: { reset } });
      await notify(client, 'changed', '');
      return true;
    });
  }
}

const rowOf = ({ lastStep, wrong, lockedUntil }: CodeHistory) => ({
  last_step: lastStep,
  wrong,
  locked_until: lockedUntil,
});
