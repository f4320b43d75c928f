import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { vote } from '../../../approvals/service.ts';
import { PostgresAnnounceStore } from '../../../src/adapters/postgres/announce-store.ts';
import { auditRows, PostgresAuditBook } from '../../../src/adapters/postgres/audit-reader.ts';
import { appendAudit } from '../../../src/adapters/postgres/audit-store.ts';
import { migrate } from '../../../src/adapters/postgres/migrate.ts';
import { openPool, type Pool } from '../../../src/adapters/postgres/pool.ts';
import { PostgresStandingStore } from '../../../src/adapters/postgres/standing-store.ts';
import { sha256 } from '../../../src/kernel/ids.ts';
import { ok } from '../../../src/kernel/result.ts';
import type { AuditRow } from '../../../src/operations/audit.ts';
import { approval, DENIAL, STANDING_TERMS, voter } from '../../support/builders.ts';
import { ASKED, Contenders } from '../../support/contenders.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../src/adapters/postgres/migrations/', import.meta.url));
/** The schema before cards carried the revision that they have to show. */
const BEFORE = 12;

/** A database as an earlier version of the program left it. */
async function migrateTo(pool: Pool, version: number): Promise<void> {
  await pool.query(
    'create schema twokey; create table twokey.migration (version integer primary key, name text not null, sha256 text not null, applied_at timestamptz not null default clock_timestamp())',
  );
  for (const name of (await readdir(MIGRATIONS)).sort()) {
    if (Number(name.slice(0, 6)) > version) continue;
    const sql = await readFile(join(MIGRATIONS, name), 'utf8');
    await pool.query(sql);
    await pool.query('insert into twokey.migration (version, name, sha256) values ($1, $2, $3)', [
      Number(name.slice(0, 6)),
      name,
      sha256(sql),
    ]);
  }
}

describe('what is looked up all the time', () => {
  let contenders: Contenders;
  let pool: Pool;
  beforeAll(async () => {
    contenders = await Contenders.start();
    pool = openPool(contenders.postgres.url('twokey'), () => undefined, 2);
  });
  afterAll(async () => {
    await pool.end();
    await contenders[Symbol.asyncDispose]();
  });
  const behind = async (announce: PostgresAnnounceStore) =>
    (await announce.staleCards()).map(({ operation }) => operation).sort();

  it('a card is stale from the moment at which its operation changes, until it shows that, and after a while without a look', async () => {
    const announce = new PostgresAnnounceStore(pool);
    const epoch = await announce.takeOver('test');
    const id = await contenders.opened();
    expect(await behind(announce)).toEqual([id]);
    await announce.cardShown(epoch, id, 1);
    expect(await behind(announce)).toEqual([]);
    await vote(contenders.one(0).votes, id, voter('U0APA'), approval(), null);
    expect(await behind(announce)).toEqual([id]);
    // What is shown meanwhile is older than what it has to show.
    await announce.cardShown(epoch, id, 1);
    expect(await behind(announce)).toEqual([id]);
    await announce.cardShown(epoch, id, 2);
    expect(await behind(announce)).toEqual([]);
    const age = `update twokey.card set shown_at = shown_at - $2::interval where operation = $1`;
    await pool.query(age, [id, '1 minute']);
    expect(await behind(announce)).toEqual([]);
    await pool.query(age, [id, '90 seconds']);
    expect(await behind(announce)).toEqual([id]);
    await contenders.one(0).book.cancel(id, 'U0REQ', () => null);
    expect(await behind(announce)).toEqual([id]);
    await announce.cardShown(epoch, id, 3);
    await pool.query(age, [id, '1 day']);
    expect(await behind(announce)).toEqual([]);
  });

  it('the cards of a database that an earlier version has filled are as stale as they were', async () => {
    await contenders.postgres.create('earlier');
    const earlier = openPool(contenders.postgres.url('earlier'), () => undefined, 1);
    try {
      await migrateTo(earlier, BEFORE);
      await earlier.query(
        `with o as (insert into twokey.operation (id, command, args, line, site, environment, requester, plan, plan_hash, verdict,
             quorum, requester_counts, state, decide_within_ms, revision, ended_at)
           select '0000000' || n, 'backup', '{}', 'backup acme', 'acme', 'production', 'U0REQ', '{}', '', '{}', 2, false,
               'succeeded', 1000, 5, clock_timestamp() from generate_series(1, 3) n returning id)
         insert into twokey.card (operation, channel, ts, shown_revision, shown_at)
           select id, 'C0OPS', '1.1', 3 + right(id, 1)::int, clock_timestamp() from o`,
      );
      expect((await migrate(earlier))[0]).toBe(BEFORE + 1);
      const announce = new PostgresAnnounceStore(earlier);
      expect(await behind(announce)).toEqual(['00000001']);
      await earlier.query(`update twokey.operation set revision = revision + 1 where id = '00000002'`);
      expect(await behind(announce)).toEqual(['00000001', '00000002']);
    } finally {
      await earlier.end();
    }
  });

  it('the last rows of the audit log are those that fit, whatever is asked for', async () => {
    const audit = new PostgresAuditBook(pool);
    const actions = ['probe.one', 'probe.two', 'probe%two', 'prob_.one', 'other'];
    for (let n = 0; n < 40; n += 1)
      await appendAudit(pool, {
        actor: ['U0A', 'U0B', 'thing-1'][n % 3] ?? '',
        action: actions[n % 5] ?? '',
        subject: `thing-${n % 4}`,
        data: { n },
      });
    const all: AuditRow[] = [];
    for await (const row of auditRows(pool)) all.push(row);
    const times = all.map(({ at }) => new Date(`${at.slice(0, 23)}Z`));
    const middle = times.at(-20) ?? new Date(0);
    let some = 0;
    for (const about of [null, 'U0A', 'thing-1', 'nobody'])
      for (const action of [null, 'probe', 'probe.', 'probe%', 'prob_', 'other', 'none', ''])
        for (const since of [null, new Date(0), middle, new Date('2100-01-01')])
          for (const limit of [7, 1000]) {
            const fits = all.filter(
              (row, n) =>
                (about === null || row.actor === about || row.subject === about) &&
                row.action.startsWith(action ?? '') &&
                // The times of rows are finer than what is asked for.
                (since === null || (times[n] ?? since) >= since),
            );
            const found = await audit.last({ about, action, since, limit });
            expect(found, JSON.stringify({ about, action, since, limit })).toEqual(fits.slice(-limit));
            some += found.length;
          }
    expect(some).toBeGreaterThan(1000);
    const exported: AuditRow[] = [];
    for await (const row of auditRows(pool, middle)) exported.push(row);
    expect(exported).toEqual(all.filter((_row, n) => (times[n] ?? middle) >= middle));
  });

  it('the history is that of the sites that are asked for, the newest first', async () => {
    const { book } = contenders.one(0);
    for (const site of ['a', 'b', 'a', 'c', 'b', 'a'])
      expect((await book.open({ ...ASKED, site, line: `backup ${site}`, requestKey: null })).ok).toBe(true);
    const all = await book.history({ site: null, limit: 1000 });
    expect(all.map((one) => one.site).slice(0, 6)).toEqual(['a', 'b', 'c', 'a', 'b', 'a']);
    for (const site of [null, 'a', 'acme', 'nowhere'])
      for (const sites of [null, [], ['a'], ['b', 'c', 'b', 'host:x'], ['a', 'b', 'c', 'acme']])
        for (const limit of [1, 3, 1000]) {
          const fits = all.filter(
            (one) => (site === null || one.site === site) && (sites === null || sites.includes(one.site)),
          );
          expect(await book.history({ site, sites, limit })).toEqual(fits.slice(0, limit));
        }
  });

  it('P10 a reason with a character that no row can hold is kept with a mark in its place', async () => {
    const id = await contenders.opened();
    const denied = await vote(contenders.one(0).votes, id, voter('U0APA'), DENIAL, 'not\0now \ud83d');
    expect(denied.ok).toBe(true);
    const view = await contenders.one(0).book.view(id);
    expect(view?.votes.map((one) => one.reason)).toEqual(['not\ufffdnow \ufffd']);
    expect(view?.operation).toMatchObject({ state: 'denied', reason: 'not\ufffdnow \ufffd' });
    const confirmed = await contenders.opened();
    await contenders
      .one(0)
      .votes.change(confirmed, { act: 'confirmation', voter: voter('U0REQ'), reason: 'as\0agreed' }, () =>
        ok({ kind: 'confirm', typed: true, becomes: 'open' }),
      );
    expect((await contenders.one(0).book.view(confirmed))?.operation.confirmed?.reason).toBe('as\ufffdagreed');

    const standing = new PostgresStandingStore(pool);
    const terms = {
      requester: 'U0REQ',
      requesterCounts: false,
      quorum: 2,
      decideWithinMs: 3_600_000,
      validMs: 3_600_000,
    };
    const asked = await standing.ask({ ...STANDING_TERMS, ...terms, channel: 'C0OPS' });
    if (!asked.ok) throw new Error(asked.error.message);
    const by = { person: 'U0APA', account: 'U0APA', reason: 'too\0often' };
    await standing.change(asked.value.id, by, () => ok({ kind: 'vote', verdict: 'deny', becomes: 'denied' }));
    expect(await standing.find(asked.value.id)).toMatchObject({ state: 'denied', reason: 'too\ufffdoften' });
  });
});
