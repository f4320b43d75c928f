import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startLab } from '../../support/lab.ts';
import { numberedLines, unlessVersion } from '../../support/story.ts';
import { until } from '../../support/until.ts';

it('P3 the embedded PostgreSQL is killed in the middle of a dump: it is started again and nothing is lost', async () => {
  await using lab = await startLab();
  await lab.tools({ pg_dump: unlessVersion(numberedLines(150, 0.03)) });
  const bot = await lab.bot({ DATABASE_URL: '' });
  const postmaster = async () =>
    Number((await readFile(join(lab.home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
  const first = await postmaster();
  const id = await lab.request('/ops backup acme');
  await lab.approve(id);
  const out = join(lab.sshd.target.base, `${id}-2-1`, 'out');
  await until('the dump prints', async () => (await readFile(out, 'utf8').catch(() => '')).includes('0020'));

  process.kill(first, 'SIGKILL');

  const done = await lab.untilState(id, ['succeeded', 'failed', 'lost'], 40_000);
  expect(done.text).toContain('succeeded');
  expect(await postmaster()).not.toBe(first);
  const printed = await readFile(out, 'utf8');
  expect(printed.match(/Zeile № 0150/g)).toHaveLength(1);
  expect(await bot.stop()).toBe(0);
  expect(lab.workspace.journal.violations).toEqual([]);
});
