import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLab } from '../test/support/lab.ts';
import { percentile, type Row } from './row.ts';

const ROUNDS = 3;
/** About 1.3 GB, so that the dump takes some twenty seconds: the fixed cost of five steps is about one second, whatever the size. */
const BIG = `insert into events (actor, what, at) select 1 + n % 500, md5(n::text) || md5((n + 1)::text), '2026-01-01'::timestamptz + n * interval '1 second' from generate_series(1, 9000000) n; analyze`;

/** `/ops backup` from its start to its end beside `pg_dump -Fd -j2` of the same database by hand, in turn. */
export async function measureBackup(): Promise<Row[]> {
  await using lab = await startLab({ workingHours: 'always' });
  await lab.postgres.query('acme', BIG);
  await lab.bot();
  const ratios: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const target = join(lab.sshd.dir, `by-hand-${round}`);
    const began = performance.now();
    await promisify(execFile)(join(lab.postgres.bin, 'pg_dump'), [
      '--format=directory',
      '--jobs=2',
      `--file=${target}`,
      lab.postgres.url('acme'),
    ]);
    const byHand = performance.now() - began;
    await rm(target, { recursive: true });
    const id = await lab.request('/ops backup acme');
    await lab.untilState(id, 'succeeded', 120_000);
    const [row] = await lab.rows<{ ms: number }>(
      'select (extract(epoch from ended_at - started_at) * 1000)::float as ms from twokey.operation where id = $1',
      [id],
    );
    ratios.push((row?.ms ?? Number.NaN) / byHand);
  }
  const median = percentile(ratios, 0.5);
  return [
    {
      what: '/ops backup wall time / pg_dump -Fd -j2 by hand',
      figure: `median ${median.toFixed(2)}x (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}) of ${ROUNDS}`,
      target: '<= 1.05x',
      held: median <= 1.05,
    },
  ];
}
