import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vote } from '../../../approvals/service.ts';
import { databaseNow, inTransaction, openPool } from '../../../src/adapters/postgres/pool.ts';
import { PostgresReleases } from '../../../src/adapters/postgres/release-store.ts';
import { PostgresStandingStore } from '../../../src/adapters/postgres/standing-store.ts';
import { ok } from '../../../src/kernel/result.ts';
import { approval, STANDING_TERMS, voter } from '../../support/builders.ts';
import { ASKED, Contenders } from '../../support/contenders.ts';
import { claimed, hostsThatAllow, queuedOn } from '../../support/room.ts';
import { until } from '../../support/until.ts';

const ROUNDS = 25;
const HOLD = 'select from twokey.operation where id = $1 for update';
const APPROVERS = ['U0APA', 'U0APB', 'U0APC'] as const;

describe('P3 transactions take their locks in one order', () => {
  let contenders: Contenders;
  async function untilWaiting(count: number): Promise<void> {
    const waiting = `select from pg_stat_activity where datname = 'twokey' and wait_event_type = 'Lock'`;
    await until('they wait', async () => (await contenders.postgres.query('twokey', waiting)).length === count);
  }
  /** Holds an operation's row, or what `hold` says, until so many wait that what was begun needs; answers when it let go. */
  async function behindLock<T>(id: string, waiters: number, begin: () => Promise<T>, hold = HOLD) {
    const pool = openPool(contenders.postgres.url('twokey'), () => undefined, 1);
    try {
      const { begun, released } = await inTransaction(pool, async (client) => {
        await client.query(hold, [id]);
        const work = begin();
        await untilWaiting(waiters);
        return { begun: work, released: await databaseNow(client) };
      });
      return { value: await begun, released };
    } finally {
      await pool.end();
    }
  }

  beforeAll(async () => {
    contenders = await Contenders.start();
  });
  afterAll(() => contenders[Symbol.asyncDispose]());

  it('a cancel, votes and the steps and the end of a run never stand in a circle', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await contenders.opened();
      for (const person of ['U0APA', 'U0APB']) await vote(contenders.one(0).votes, id, voter(person), approval(), null);
      await contenders.one(0).claim(id, new Set());
      const step = { operation: id, n: 1, step: 'db.dump', title: 'Dump', host: 'db1', cleanup: false, script: 'true' };
      await contenders.all(async ({ runs, book }, n) => {
        if (n === 7) return runs.finish(id, { state: 'failed', reason: 'It broke.', next: '' });
        if (n % 2 === 1) return book.cancel(id, 'U0REQ', () => null);
        await runs.openStep(step);
        return runs.setStep(id, 1, { state: 'succeeded', exitCode: 0 });
      });
    }
  });

  it('claims that need room on one host, cancels and the ends of runs never stand in a circle', async () => {
    await hostsThatAllow(contenders, { shared: { atOnce: 1, address: '10.0.0.1' } });
    const end = { state: 'failed', reason: 'It broke.', next: '' } as const;
    const one = contenders.one(0);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [first, second] = [await queuedOn(one, 'left', 'shared'), await queuedOn(one, 'right', 'shared')];
      await contenders.all(async (its, n) => {
        const id = n % 2 === 0 ? first : second;
        if (n < 4) return claimed(its, id);
        return n < 6 ? its.book.cancel(id, 'U0REQ', () => null) : its.runs.finish(id, end);
      });
      for (const id of [first, second]) await one.runs.finish(id, end);
    }
  });

  it('a release is added and removed at once, and each does its whole work or says why not', async () => {
    const pool = openPool(contenders.postgres.url('twokey'), () => undefined, 8);
    const book = new PostgresReleases(pool);
    const place = { place: 'host:app1', machine: 'app1', path: '/srv/app-1.tar', fileName: 'app-1.tar' };
    const file = { ...place, size: 1, sha256: 'a'.repeat(64), files: null };
    const add = () => book.add({ product: 'app', version: '1' }, file, 'a test', 'U0REQ');
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const added = await add();
        const { id } = added.ok ? added.value.release : expect.fail(added.error.message);
        const ended = await Promise.all(
          Array.from({ length: 8 }, (_, n) => (n % 4 === 3 ? book.remove(id, 'U0REQ') : add())),
        );
        expect(
          ended.flatMap((one) => (one.ok ? [] : [one.error.code])).filter((one) => one !== 'unknown_release'),
        ).toEqual([]);
      }
    } finally {
      await pool.end();
    }
  });

  it('a change of roles and votes never stand in a circle', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const id = await contenders.opened();
      await contenders.all((its, n) =>
        n % 2 === 0
          ? its.watch(n % 4 === 0 ? ['U0APA'] : APPROVERS)
          : vote(its.votes, id, voter(APPROVERS[n % 3] ?? 'U0APA'), approval(), null),
      );
      await contenders.one(0).book.cancel(id, 'U0REQ', () => null);
    }
  });

  it('whoever locks several operations takes them in the same order: roles, a lifted freeze, a request that supersedes', async () => {
    const first = await contenders.opened();
    const hour = new Date(Date.now() + 3_600_000);
    const held = { kind: 'hold', until: hour, quorum: 2, typedName: false, why: 'A freeze.' };
    // Neither the oldest nor the youngest first is the order of their ids.
    for (const [minute, id] of ['00000004', '00000001', '00000003', '00000002', '00000005'].entries())
      await contenders.postgres.query(
        'twokey',
        `insert into twokey.operation select (jsonb_populate_record(o, jsonb_build_object('id', $2::text, 'state', 'held',
           'opens_at', $3::timestamptz, 'created_at', now() - interval '1 hour' + $4 * interval '1 minute', 'verdict', $5::jsonb))).*
           from twokey.operation o where id = $1`,
        [first, id, hour, minute, JSON.stringify(held)],
      );
    await contenders.postgres.query(
      'twokey',
      `with c as (insert into twokey.cluster (name) values ('c') returning name),
            h as (insert into twokey.host (name, cluster, document) select 'h', name, '{}' from c returning name, cluster)
       insert into twokey.site (name, cluster, host, environment, document) select 'acme', cluster, name, 'production', '{}' from h`,
    );
    const freeze = { scope: { kind: 'all', name: '' }, until: hour, reason: 'fair', by: 'U0ADM' } as const;
    const { id: frozen } = await contenders.one(0).freezes.begin(freeze);
    const { value } = await behindLock('00000003', 3, async () => {
      const watching = contenders.one(0).watch(['U0APA']);
      await untilWaiting(1);
      return Promise.all([
        contenders.one(1).book.open({ ...ASKED, requestKey: null }),
        contenders.one(2).freezes.lift(frozen, 'U0ADM', () => null),
        watching,
      ]);
    });
    expect([value[0].ok, value[1].ok]).toEqual([true, true]);
  });

  it('what had to wait for its turn is judged by the time at which it had it', async () => {
    const id = await contenders.opened();
    let judgedAt = new Date(0);
    const { released } = await behindLock(id, 1, () =>
      contenders.one(0).votes.change(id, { act: 'vote', voter: voter('U0APA'), reason: null }, (_request, now) => {
        judgedAt = now;
        return ok({ kind: 'vote', verdict: 'approve', becomes: 'open' });
      }),
    );
    expect(judgedAt.getTime()).toBeGreaterThanOrEqual(released.getTime());
  });

  it('a standing approval that has just ended is not ended again by the one that takes its place', async () => {
    const pool = openPool(contenders.postgres.url('twokey'), () => undefined, 1);
    const store = new PostgresStandingStore(pool);
    const shortly = { decideWithinMs: 3_600_000, validMs: 3_600_000, channel: 'C0OPS' };
    const ask = async (): Promise<string> => {
      const asked = await store.ask({
        ...STANDING_TERMS,
        ...shortly,
        requester: 'U0REQ',
        requesterCounts: false,
        quorum: 1,
      });
      if (!asked.ok) throw new Error(asked.error.message);
      return asked.value.id;
    };
    const activate = (id: string) =>
      store.change(id, { person: 'U0APA', account: 'U0APA', reason: null }, () =>
        ok({ kind: 'vote', verdict: 'approve', becomes: 'active' }),
      );
    const before = await ask();
    await activate(before);
    const after = await ask();
    const revoke = `update twokey.standing_approval set state = 'revoked', ended_at = clock_timestamp() where id = $1`;
    await behindLock(before, 1, () => activate(after), revoke);
    expect([(await store.find(before))?.state, (await store.find(after))?.state]).toEqual(['revoked', 'active']);
    await pool.end();
  });

  it('none of all this was a deadlock that went well at the second try', async () => {
    await contenders.close();
    expect(await contenders.deadlocks()).toBe(0);
  });

  it('of two that do stand in a circle, one goes again, and both are done once', async () => {
    await contenders.postgres.create(
      'circle',
      'create table account (n integer primary key, sum integer not null default 0)',
    );
    await contenders.postgres.query('circle', 'insert into account (n) values (1), (2)');
    const url = `${contenders.postgres.url('circle')}?options=${encodeURIComponent('-c deadlock_timeout=20ms')}`;
    const pools = [openPool(url, () => undefined, 1), openPool(url, () => undefined, 1)];
    const tries: number[] = [];
    let holding = 0;
    const { promise: bothHaveOne, resolve } = Promise.withResolvers<void>();
    await Promise.all(
      pools.map((pool, n) =>
        inTransaction(pool, async (client) => {
          const add = (account: number) => client.query('update account set sum = sum + 1 where n = $1', [account]);
          tries.push(n);
          await add(n === 0 ? 1 : 2);
          holding += 1;
          if (holding === 2) resolve();
          await bothHaveOne;
          await add(n === 0 ? 2 : 1);
        }),
      ),
    );
    await Promise.all(pools.map((pool) => pool.end()));
    expect(tries.length).toBeGreaterThan(2);
    expect(await contenders.postgres.query('circle', 'select sum from account')).toEqual([{ sum: 2 }, { sum: 2 }]);
    expect(await contenders.deadlocks('circle')).toBe(tries.length - 2);
  });
});
