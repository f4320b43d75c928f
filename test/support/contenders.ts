import { noteApprovers } from '../../src/adapters/postgres/approver-pool.ts';
import { PostgresFreezeBook } from '../../src/adapters/postgres/freeze-store.ts';
import { migrate } from '../../src/adapters/postgres/migrate.ts';
import { Listener } from '../../src/adapters/postgres/notify.ts';
import { type EnqueueRun, PostgresOperationBook } from '../../src/adapters/postgres/operation-store.ts';
import { openPool, type Pool } from '../../src/adapters/postgres/pool.ts';
import { PostgresRequestStore } from '../../src/adapters/postgres/request-store.ts';
import { PostgresRunStore } from '../../src/adapters/postgres/run-store.ts';
import { PostgresSweep } from '../../src/adapters/postgres/sweep-store.ts';
import type { NewOperation } from '../../src/operations/book.ts';
import { judgeClaim } from '../../src/operations/gate.ts';
import { hashPlan } from '../../src/operations/plan.ts';
import type { PolicyNow } from '../../src/operations/ports.ts';
import { plan, policyFacts } from './builders.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { until } from './until.ts';

const CONNECTIONS = 8;
const RULES = { risk: 'routine', quorum: '2' };
/** A request that needs two votes. */
export const ASKED: Omit<NewOperation, 'requestKey'> = {
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
export class Contender {
  readonly #pool: Pool;
  readonly book: PostgresOperationBook;
  readonly votes: PostgresRequestStore;
  readonly runs: PostgresRunStore;
  readonly sweep: PostgresSweep;
  readonly freezes: PostgresFreezeBook;

  constructor(url: string) {
    this.#pool = openPool(url, () => undefined, 1);
    const enqueue: EnqueueRun = async (client, operation, run) => {
      await client.query('insert into queued (operation, run) values ($1, $2)', [operation, run]);
    };
    this.book = new PostgresOperationBook(this.#pool, enqueue);
    this.votes = new PostgresRequestStore(this.#pool, enqueue);
    this.runs = new PostgresRunStore(this.#pool, new Listener(url));
    this.sweep = new PostgresSweep(this.#pool, enqueue, async () => () => POLICY);
    this.freezes = new PostgresFreezeBook(this.#pool);
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

/** Several of them on one real database, each with a connection of its own. */
export class Contenders implements AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly #them: Contender[];

  private constructor(postgres: TestPostgres) {
    this.postgres = postgres;
    this.#them = Array.from({ length: CONNECTIONS }, () => new Contender(postgres.url('twokey')));
  }

  static async start(): Promise<Contenders> {
    const postgres = await startPostgres();
    await postgres.create('twokey');
    const pool = openPool(postgres.url('twokey'), () => undefined, 1);
    await migrate(pool);
    await pool.query(
      'create table queued (operation text not null, run integer not null, primary key (operation, run))',
    );
    await pool.end();
    return new Contenders(postgres);
  }

  one(n: number): Contender {
    const found = this.#them[n];
    if (!found) throw new Error('nobody contends');
    return found;
  }

  /** What each of them does, all at once. */
  all<T>(act: (its: Contender, n: number) => Promise<T>): Promise<T[]> {
    return Promise.all(this.#them.map(act));
  }

  /** Asks for a new operation; answers its id. */
  async opened(): Promise<string> {
    const asked = await this.one(0).book.open({ ...ASKED, requestKey: null });
    if (!asked.ok) throw new Error(asked.error.message);
    return asked.value.id;
  }

  /** Ends their connections; the database stays. */
  async close(): Promise<void> {
    for (const one of this.#them.splice(0)) await one.close();
  }

  /** How many deadlocks a database had, once all its connections are closed: each of them counts its own when it ends. */
  async deadlocks(database = 'twokey'): Promise<number> {
    const open = `select from pg_stat_activity where datname = $1 and backend_type = 'client backend'`;
    await until(
      'all connections are gone',
      async () => (await this.postgres.query('postgres', open, [database])).length === 0,
    );
    const [row] = await this.postgres.query<{ deadlocks: number }>(
      'postgres',
      'select deadlocks from pg_stat_database where datname = $1',
      [database],
    );
    if (!row) throw new Error(`there is no database ${database}`);
    return row.deadlocks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await this.postgres[Symbol.asyncDispose]();
  }
}
