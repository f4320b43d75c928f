import { stat } from 'node:fs/promises';
import { startLab } from '../test/support/lab.ts';
import { until } from '../test/support/until.ts';
import { percentile, type Row, spread } from './row.ts';

const ROUNDS = 12;

/** From the click of the last vote to the remote process, by the clock of this machine, which both ends share. */
export async function measureVoteToStart(): Promise<Row[]> {
  await using lab = await startLab();
  await lab.bot();
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const id = await lab.request('/ops backup acme');
    const first = await lab.approverA.click('Approve', { in: await lab.card(id) });
    const card = await lab.card(id);
    const clicked = Date.now();
    const last = await lab.approverB.click('Approve', { in: card });
    for (const click of [first, last]) if (!click.ok) throw new Error(`Slack said: ${click.error}`);
    await lab.untilState(id, 'succeeded');
    const started = await until('the time on the host', async () => {
      const [row] = await lab.rows<{ at: Date }>(
        `select at from twokey.audit where subject = $1 and action = 'step.started' order by seq limit 1`,
        [id],
      );
      return row ? startedOnHost(lab.sshd.target.base, id) : null;
    });
    samples.push(started - clicked);
  }
  const p50 = percentile(samples, 0.5);
  return [
    {
      what: 'last vote to the remote process started',
      figure: spread(samples),
      target: 'p50 <= 300 ms',
      held: p50 <= 300,
    },
  ];
}

async function startedOnHost(base: string, id: string): Promise<number> {
  // The supervisor writes its identity when it comes to life, right before the command.
  return (await stat(`${base}/${id}-1-1/pid`)).mtimeMs;
}
