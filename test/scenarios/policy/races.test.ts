import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Voter } from '../../../approvals/request.ts';
import { vote, withdraw } from '../../../approvals/service.ts';
import { noteApprovers } from '../../../src/adapters/postgres/approver-pool.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { Listener } from '../../../src/adapters/postgres/notify.ts';
import { type EnqueueRun, PostgresOperationBook } from '../../../src/adapters/postgres/operation-store.ts';
import { openPool, type Pool } from '../../../src/adapters/postgres/pool.ts';
import { PostgresRequestStore } from '../../../src/adapters/postgres/request-store.ts';
import { PostgresRunStore } from '../../../src/adapters/postgres/run-store.ts';
import { PostgresSweep } from '../../../src/adapters/postgres/sweep-store.ts';
import type { NewOperation } from '../../../src/operations/book.ts';
import { judgeClaim } from '../../../src/operations/gate.ts';
import { hashPlan } from '../../../src/operations/plan.ts';
import type { PolicyNow } from '../../../src/operations/ports.ts';
import { approval, DENIAL, plan, policyFacts, voter } from '../../support/builders.ts';
import { startPostgres, type TestPostgres } from '../../support/postgres.ts';

const CONNECTIONS = 8;
const ROUNDS = 80;
const APPROVERS = ['U0APA', 'U0APB', 'U0APC'] as const;
const RULES = { quorum: '2' };
const ASKED: Omit<NewOperation, 'requestKey'> = {
  command: 'backup',
  args: { site: 'acme' },
  line: 'backup acme',
  site: 'acme',
  environment: 'production',
  requester: 'U0REQ',
  account: 'U0REQ',
  plan: plan(),
  planHash: hashPlan(plan()),
  verdict: { kind: 'votes', quorum: 2, typedName: false, why: 'This is outside working hours.' },
  inputs: policyFacts(),
  quorum: 2,
  requesterCounts: false,
  decideWithinMs: 3_600_000,
  startWithinMs: 3_600_000,
  notBefore: null,
  opensAt: null,
  emergency: null,
  estimateMs: null,
  review: null,
  rules: RULES,
  channel: 'C0OPS',
  auditChannel: 'C0AUDIT',
};
const POLICY: PolicyNow = { verdict: ASKED.verdict, inputs: ASKED.inputs, rules: RULES, requesterCounts: false };

/** One process of Twokey as far as it talks to the database, over a single connection. */
class Contender {
  readonly #pool: Pool;
  readonly book: PostgresOperationBook;
  readonly votes: PostgresRequestStore;
  readonly runs: PostgresRunStore;
  readonly sweep: PostgresSweep;

  constructor(url: string) {
    this.#pool = openPool(url, () => undefined, 1);
    const enqueue: EnqueueRun = async (client, operation, run) => {
      await client.query('insert into queued (operation, run) values ($1, $2)', [operation, run]);
    };
    this.book = new PostgresOperationBook(this.#pool, enqueue);
    this.votes = new PostgresRequestStore(this.#pool, enqueue);
    this.runs = new PostgresRunStore(this.#pool, new Listener(url));
    this.sweep = new PostgresSweep(this.#pool, enqueue, async () => () => POLICY);
  }

  async claim(id: string, lost: ReadonlySet<string>): Promise<void> {
    const { runNumber } = await this.runs.load(id);
    const eligible = new Map((await this.runs.voters(id)).map((person) => [person, !lost.has(person)]));
    await this.runs.claim(id, runNumber, (facts) =>
      judgeClaim(facts, { plan: plan(), eligible, requester: null }, () => POLICY, runNumber),
    );
  }

  /** What a change of roles brings about: who could still approve what waits. */
  watch(approvers: readonly string[]): Promise<unknown> {
    return noteApprovers(this.#pool, {
      rules: [{ environment: 'production', quorum: 2, requesterCounts: false }],
      approvers,
      channel: 'C0AUDIT',
    });
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed; ; ) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state >>> 8;
  }
}

describe('P1 P3 eight connections at once', () => {
  let postgres: TestPostgres;
  let contenders: Contender[];
  beforeAll(async () => {
    postgres = await startPostgres();
    await postgres.create('twokey');
    const pool = openPool(postgres.url('twokey'), () => undefined, 1);
    await migrate(pool);
    await pool.query(
      'create table queued (operation text not null, run integer not null, primary key (operation, run))',
    );
    await pool.end();
    contenders = Array.from({ length: CONNECTIONS }, () => new Contender(postgres.url('twokey')));
  });
  afterAll(async () => {
    await Promise.all(contenders.map((one) => one.close()));
    await postgres[Symbol.asyncDispose]();
  });

  it(`never start twice, below the quorum, or after a denial, in ${ROUNDS} races`, { timeout: 120_000 }, async () => {
    const dice = numbers(7);
    const roll = (limit: number) => dice.next().value % limit;
    const outcomes = new Map<string, number>();
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first] = contenders;
      if (!first) throw new Error('nobody contends');
      const opened = await first.book.open({ ...ASKED, requestKey: null });
      if (!opened.ok) throw new Error(opened.error.message);
      const { id } = opened.value;
      const lost = new Set(roll(4) === 0 ? ['U0APC'] : []);
      const who = (): Voter => voter(APPROVERS[roll(APPROVERS.length)] ?? 'U0APA');
      const act = async (its: Contender): Promise<unknown> => {
        // What ends it is rare, or hardly a race would come to its start.
        const face = roll(40);
        if (face === 0) return its.book.cancel(id, 'U0REQ', () => null);
        if (face === 1) return vote(its.votes, id, who(), DENIAL, 'no');
        if (face < 5) return withdraw(its.votes, id, who());
        if (face < 7) return vote(its.votes, id, voter('U0REQ'), approval(), null);
        if (face < 9) return its.sweep.round();
        if (face < 20) return its.claim(id, lost);
        return vote(its.votes, id, who(), approval(), null);
      };
      for (let wave = 0; wave < 3; wave += 1) await Promise.all(contenders.map(act));
      const rows = await postgres.query<{ actor: string; action: string; data: { voided?: string[] } }>(
        'twokey',
        'select actor, action, data from twokey.audit where subject = $1 order by seq',
        [id],
      );
      const behind = new Set<string>();
      let starts = 0;
      let over = false;
      for (const { actor, action, data } of rows) {
        if (action === 'vote.approve') behind.add(actor);
        if (action === 'vote.withdrawn') behind.delete(actor);
        for (const person of data.voided ?? []) behind.delete(person);
        if (action === 'operation.started') {
          starts += 1;
          expect(over).toBe(false);
          expect([...behind].filter((person) => person !== 'U0REQ' && !lost.has(person)).length).toBeGreaterThanOrEqual(
            2,
          );
        }
        over ||= action === 'vote.deny' || action === 'operation.cancelled';
      }
      expect(starts).toBeLessThanOrEqual(1);
      expect(behind.has('U0REQ')).toBe(false);
      const [row] = await postgres.query<{ state: string }>(
        'twokey',
        'select state from twokey.operation where id = $1',
        [id],
      );
      outcomes.set(row?.state ?? '', (outcomes.get(row?.state ?? '') ?? 0) + 1);
    }
    // Each way in which a race can end was seen.
    for (const state of ['running', 'denied', 'cancelled']) expect(outcomes.get(state) ?? 0, state).toBeGreaterThan(3);
  });

  it('a cancel, votes and the steps of a run never block one another for good', async () => {
    const [first] = contenders;
    if (!first) throw new Error('nobody contends');
    for (let round = 0; round < 25; round += 1) {
      const opened = await first.book.open({ ...ASKED, requestKey: null });
      if (!opened.ok) throw new Error(opened.error.message);
      const { id } = opened.value;
      for (const person of ['U0APA', 'U0APB']) await vote(first.votes, id, voter(person), approval(), null);
      await first.claim(id, new Set());
      const step = { operation: id, n: 1, step: 'db.dump', title: 'Dump', host: 'db1', cleanup: false, script: 'true' };
      await Promise.all(
        contenders.map((its, n) =>
          n % 2 === 0
            ? its.runs.openStep(step).then(() => its.runs.setStep(id, 1, { state: 'succeeded', exitCode: 0 }))
            : its.book.cancel(id, 'U0REQ', () => null),
        ),
      );
    }
  });

  it('a change of roles and votes never block one another for good', async () => {
    const [first] = contenders;
    if (!first) throw new Error('nobody contends');
    for (let round = 0; round < 25; round += 1) {
      const opened = await first.book.open({ ...ASKED, requestKey: null });
      if (!opened.ok) throw new Error(opened.error.message);
      const { id } = opened.value;
      await Promise.all(
        contenders.map((its, n) =>
          n % 2 === 0
            ? its.watch(n % 4 === 0 ? ['U0APA'] : APPROVERS)
            : vote(its.votes, id, voter(APPROVERS[n % 3] ?? 'U0APA'), approval(), null),
        ),
      );
      await first.book.cancel(id, 'U0REQ', () => null);
    }
  });

  it('the same request delivered to all of them at once is one operation', async () => {
    const asked = await Promise.all(contenders.map((one) => one.book.open({ ...ASKED, requestKey: 'one-click' })));
    expect(new Set(asked.map((one) => (one.ok ? one.value.id : one.error.code))).size).toBe(1);
  });
});
