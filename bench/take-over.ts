import type { Bot } from '../test/support/bot.ts';
import { type Lab, startLab } from '../test/support/lab.ts';
import { until } from '../test/support/until.ts';
import { percentile, type Row, spread } from './row.ts';

const ROUNDS = 6;
const PRINTING = `[ "$1" = --version ] || { i=0; while [ $i -lt 600 ]; do echo "line $i"; i=$((i+1)); sleep 0.05; done; }`;

/** kill -9 of the bot in the middle of output, until the next byte of that job is in the journal. */
export async function measureTakeOver(): Promise<Row[]> {
  await using lab = await startLab({ workingHours: 'always' });
  await lab.tools({ pg_dump: PRINTING });
  let bot = await lab.bot();
  const restarted: number[] = [];
  const other: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    restarted.push(
      await outage(lab, bot, async () => {
        bot = await lab.bot();
      }),
    );
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    const standby = await lab.bot();
    other.push(await outage(lab, bot, () => Promise.resolve()));
    bot = standby;
  }
  return [
    {
      what: 'kill -9 to re-attached, the one replica restarted',
      figure: spread(restarted),
      target: '<= 3 s',
      held: Math.max(...restarted) <= 3_000,
    },
    {
      what: 'kill -9 to re-attached, another replica',
      figure: spread(other),
      target: 'p50 <= 1 s, max <= 3 s',
      held: percentile(other, 0.5) <= 1_000 && Math.max(...other) <= 3_000,
    },
  ];
}

/** Milliseconds from the kill of `bot` to the next stored byte. The operation goes on into the next round. */
async function outage(lab: Lab, bot: Bot, revive: () => Promise<void>): Promise<number> {
  const running = async () =>
    (await lab.rows<{ id: string }>(`select id from twokey.operation where state in ('running', 'unreachable')`))[0]
      ?.id;
  if ((await running()) === undefined) await lab.operator.slash('/ops backup acme');
  const size = async () => {
    const [row] = await lab.rows<{ stored: number }>(
      `select coalesce(sum(stored_bytes), 0)::int as stored from twokey.job where n = 2`,
    );
    return row?.stored ?? 0;
  };
  const before = await size();
  await until('output streams', async () => (await size()) > before, 20_000);
  await bot.kill();
  const killed = performance.now();
  const stored = await size();
  const [, took] = await Promise.all([
    revive(),
    until('the next byte', async () => (await size()) > stored && performance.now() - killed, 20_000),
  ]);
  return took;
}
