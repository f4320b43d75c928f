import { PostgresAnnounceStore } from '../src/adapters/postgres/announce-store.ts';
import { PostgresAuditBook } from '../src/adapters/postgres/audit-reader.ts';
import { noteStart } from '../src/adapters/postgres/change-notes.ts';
import { PostgresJournal } from '../src/adapters/postgres/journal.ts';
import { migrate } from '../src/adapters/postgres/migrate.ts';
import { PostgresNoticeStore } from '../src/adapters/postgres/notice-store.ts';
import { activeByState } from '../src/adapters/postgres/operation-counts.ts';
import { PostgresOperationBook } from '../src/adapters/postgres/operation-store.ts';
import { openPool, type Pool } from '../src/adapters/postgres/pool.ts';
import { PostgresSweep } from '../src/adapters/postgres/sweep-store.ts';
import { startPostgres } from '../test/support/postgres.ts';
import {
  BUSY_SITE,
  CHUNK_BYTES,
  FLOOD_CHUNKS,
  fill,
  idOf,
  OPEN,
  RARE_COMMAND,
  RARE_SITE,
  type Size,
  STEPS,
} from './filled-database.ts';
import { percentile, type Row, spread } from './row.ts';

const SIZE: Size = { operations: 100_000, chunksPerStep: 20, auditRowsPerOperation: 10 };
const ROUNDS = 40;
const WARM_UP = 3;
const MOST_MS = 50;
/** What `/ops log` shows of each step. */
const TAIL_BYTES = 2_500;

/** Twokey's own queries on a database that is as full as after some years; each query is asked with other values each time. */
export async function measureQueries(): Promise<Row[]> {
  await using postgres = await startPostgres();
  await postgres.create('twokey');
  const pool = openPool(postgres.url('twokey'), () => undefined);
  try {
    await migrate(pool);
    const began = performance.now();
    await fill(postgres.url('twokey'), SIZE);
    console.error(`filled in ${((performance.now() - began) / 1000).toFixed(0)} s`);
    const found: { readonly name: string; readonly samples: readonly number[] }[] = [];
    for (const [name, query] of Object.entries(queries(pool))) {
      found.push({ name, samples: await timed(query) });
      console.error(`${name}: ${spread(found.at(-1)?.samples ?? [])}`);
    }
    const p95 = (samples: readonly number[]) => percentile(samples, 0.95);
    const [worst, next] = found.toSorted((left, right) => p95(right.samples) - p95(left.samples));
    if (!worst || !next) throw new Error('nothing was measured');
    const [count] = await postgres.query<{ chunks: number }>(
      'twokey',
      'select count(*)::float8 as chunks from twokey.chunk',
    );
    const millions = ((count?.chunks ?? 0) / 1e6).toFixed(1);
    return [
      {
        what: `${found.length} history, log, audit and card queries with ${SIZE.operations.toLocaleString('en')} operations, ${millions} million chunks and ${(SIZE.operations * SIZE.auditRowsPerOperation) / 1e6} million audit rows; the slowest`,
        figure: `${worst.name}: p50 ${percentile(worst.samples, 0.5).toFixed(1)} ms, p95 ${p95(worst.samples).toFixed(1)} ms of ${ROUNDS}; next ${next.name}: p95 ${p95(next.samples).toFixed(1)} ms`,
        target: `p95 <= ${MOST_MS} ms each`,
        held: p95(worst.samples) <= MOST_MS,
      },
    ];
  } finally {
    await pool.end();
  }
}

/** Milliseconds of each round after the first few, which also open connections. */
async function timed(query: (round: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    const began = performance.now();
    await query(round + WARM_UP);
    if (round >= 0) samples.push(performance.now() - began);
  }
  return samples;
}

/** The queries by name, as people and the program ask them. */
function queries(pool: Pool): Readonly<Record<string, (round: number) => Promise<unknown>>> {
  const nothing = () => Promise.reject(new Error('nothing is to be queued or judged here'));
  const book = new PostgresOperationBook(pool, nothing);
  const announce = new PostgresAnnounceStore(pool);
  const audit = new PostgresAuditBook(pool);
  const journal = new PostgresJournal(pool);
  const notices = new PostgresNoticeStore(pool);
  const sweep = new PostgresSweep(pool, nothing, nothing);
  /** An operation of any age. */
  const some = (round: number) => idOf(1 + ((round * 7_919) % (SIZE.operations - OPEN)));
  const flooded = `${idOf(SIZE.operations - OPEN)}-1-1`;
  const end = FLOOD_CHUNKS * CHUNK_BYTES;
  const manySites = Array.from({ length: 200 }, (_, n) => `site-${n}`);
  const lastRows = (filter: Partial<Parameters<PostgresAuditBook['last']>[0]>) =>
    audit.last({ about: null, action: null, since: null, limit: 24, ...filter });
  const recently = (round: number) => new Date(Date.now() - (1 + round) * 86_400_000);
  return {
    'history of all': () => book.history({ site: null, limit: 20 }),
    'history of a site': (round) => book.history({ site: `site-${round % 200}`, limit: 20 }),
    'history of a rare site': () => book.history({ site: RARE_SITE, limit: 20 }),
    'history of rare sites only': () =>
      book.history({ site: null, sites: [RARE_SITE, 'host:a', 'cluster:b'], limit: 20 }),
    'history of 200 sites': () => book.history({ site: null, sites: manySites, limit: 20 }),
    'what has not ended': () => book.active(null),
    'an estimate': (round) => book.estimate(`site-${round % 200}`, 'media.sync'),
    'an estimate of a rare command': () => book.estimate(BUSY_SITE, RARE_COMMAND),
    'the run before': async (round) => {
      const view = await book.view(some(round));
      return view && book.runBefore({ ...view.operation, command: RARE_COMMAND });
    },
    'an operation as its card shows it': (round) => book.view(some(round)),
    'the end of the log': async (round) => {
      const view = await book.view(some(round));
      for (const step of view?.steps ?? [])
        await journal.read(step.jid ?? '', Math.max(0, step.outputBytes - TAIL_BYTES), TAIL_BYTES);
      if (view?.steps.length !== STEPS) throw new Error('there is no such operation');
    },
    'the end of a flood': () => journal.read(flooded, end - TAIL_BYTES, TAIL_BYTES),
    'a flood, skipped': () => announce.skipTo(flooded, 0, end - TAIL_BYTES),
    'stale cards': () => announce.staleCards(),
    'logs to post': () => announce.logWork(),
    'logs that are complete': () => announce.finishedLogs(),
    'unsent posts': () => announce.unsentPosts(['card', 'log', 'note', 'file']),
    'calls that are due': () => notices.remindersDue(),
    'deadlines that have passed': () => sweep.round(),
    'counts for the metrics': () => activeByState(pool),
    'audit, the last rows': () => lastRows({}),
    'audit of a person': (round) => lastRows({ about: `U0REQ${round % 50}` }),
    'audit of Twokey': () => lastRows({ about: 'twokey' }),
    'audit of an operation': (round) => lastRows({ about: some(round) }),
    'audit of nobody': () => lastRows({ about: 'U0NOBODY' }),
    'audit of an action': (round) => lastRows({ action: ['vote', 'operation.', 'step.succeeded'][round % 3] ?? '' }),
    'audit of a rare action': () => lastRows({ action: 'freeze' }),
    'audit of no action': () => lastRows({ action: 'nothing' }),
    'audit since a day': (round) => lastRows({ since: recently(round) }),
    'audit of a person since a day': (round) => lastRows({ about: `U0REQ${round % 50}`, since: recently(round) }),
    'audit of an action since a day': (round) => lastRows({ action: 'vote.deny', since: recently(round) }),
    'audit of an action that happens no more': () => lastRows({ action: 'standing.used' }),
    'audit of what somebody never did': () => lastRows({ about: 'twokey', action: 'vote.deny' }),
    'audit of a rare action of a person': () => lastRows({ about: 'U0REQ7', action: 'freeze' }),
    'audit of Twokey since an hour ahead': () => lastRows({ about: 'twokey', since: new Date(Date.now() + 3_600_000) }),
    'the note of a start': () => noteStart(pool, { host: 'a-host', config: {}, commands: [] }),
  };
}
