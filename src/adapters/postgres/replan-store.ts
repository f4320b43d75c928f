import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ClaimFacts, Drift, ReplanStore } from '../../operations/ports.ts';
import { claimFacts, writeDrift } from './claim-rows.ts';
import { touch } from './operation-store.ts';
import { inTransaction, type Pool } from './pool.ts';

/** Plans that are built again while an operation waits. */
export class PostgresReplanStore implements ReplanStore {
  readonly #pool: Pool;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  replan(
    id: string,
    person: string,
    judge: (facts: ClaimFacts) => Result<Drift | null, Refusal>,
  ): Promise<Result<'same' | 'replaced', Refusal>> {
    return inTransaction(this.#pool, async (client) => {
      const facts = await claimFacts(client, id);
      if (!facts) return err(refusal('unknown_operation', `There is no operation "${id}".`));
      const judged = judge(facts);
      if (!judged.ok) return judged;
      if (judged.value === null) return ok('same');
      await writeDrift(client, facts.operation, judged.value, { actor: person, action: 'operation.replanned' });
      await touch(client, id);
      return ok('replaced');
    });
  }
}
