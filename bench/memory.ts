import { readFile } from 'node:fs/promises';
import { startLab } from '../test/support/lab.ts';
import { until } from '../test/support/until.ts';
import type { Row } from './row.ts';

const OUTPUT_BYTES = 1_000_000_000;

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN) / 1000;
}

/** Resident memory of the bot's process, idle and while one command prints 1 GB. */
export async function measureMemory(): Promise<Row[]> {
  await using lab = await startLab({ workingHours: 'always' });
  await lab.tools({
    pg_dump: `[ "$1" = --version ] || yes 'a line of output, as a chatty command would print it by the million' | head -c ${OUTPUT_BYTES}`,
  });
  const bot = await lab.bot();
  await lab.operator.slash('/ops sites');
  await lab.told(lab.operator, /1 sites/);
  const idle = await residentMb(bot.pid);
  const began = performance.now();
  const id = await lab.request('/ops backup acme');
  let most = 0;
  await until(
    'the end of the flood and of its log file',
    async () => {
      most = Math.max(most, await residentMb(bot.pid));
      const [row] = await lab.rows<{ done: boolean }>('select log_done as done from twokey.card where operation = $1', [
        id,
      ]);
      return row?.done === true;
    },
    600_000,
  );
  const seconds = (performance.now() - began) / 1000;
  const [row] = await lab.rows<{ stored: number }>(
    'select sum(stored_bytes)::float as stored from twokey.job where operation = $1',
    [id],
  );
  const whole = (row?.stored ?? 0) >= OUTPUT_BYTES;
  return [
    { what: 'resident memory, idle', figure: `${idle.toFixed(0)} MB`, target: '<= 200 MB', held: idle <= 200 },
    {
      what: `resident memory, at most, while one command prints 1 GB (all of it stored: ${whole ? 'yes' : 'no'}; ${seconds.toFixed(0)} s with the log file)`,
      figure: `${most.toFixed(0)} MB`,
      target: '<= 300 MB',
      held: most <= 300 && whole,
    },
  ];
}
