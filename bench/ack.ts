import { startLab } from '../test/support/lab.ts';
import { until } from '../test/support/until.ts';
import { percentile, type Row, spread } from './row.ts';

const OPERATIONS = 20;
const COMMANDS = 500;
const IN_FLIGHT = 50;

/** Slash commands, 50 in flight, while 20 operations stream their output: how long until each is acknowledged. */
export async function measureAck(): Promise<Row[]> {
  await using lab = await startLab({ workingHours: 'always', moreSites: OPERATIONS - 1 });
  await lab.tools({
    pg_dump: `[ "$1" = --version ] || { i=0; while [ $i -lt 300 ]; do echo "line $i of a long dump"; i=$((i+1)); sleep 0.1; done; }`,
  });
  await lab.bot();
  await Promise.all(
    Array.from({ length: OPERATIONS }, (_, n) =>
      lab.operator.slash(`/ops backup ${n === 0 ? 'acme' : `acme-${n + 1}`}`),
    ),
  );
  await until(
    'all operations stream',
    async () => {
      const [row] = await lab.rows<{ n: number }>(
        `select count(*)::int as n from twokey.operation where state = 'running'`,
      );
      return (row?.n ?? 0) >= OPERATIONS;
    },
    60_000,
  );
  lab.workspace.journal.clear();
  let sent = 0;
  const person = async () => {
    while (sent < COMMANDS) {
      sent += 1;
      await lab.operator.slash('/ops whoami');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, person));
  const acks = lab.workspace.journal.acks.filter((ack) => ack.kind === 'slash_commands');
  const times = acks.map((ack) => ack.ms ?? 3_000);
  const late = acks.filter((ack) => ack.outcome !== 'ok').length;
  const p99 = percentile(times, 0.99);
  return [
    {
      what: `slash command to ack, ${IN_FLIGHT} in flight, ${OPERATIONS} operations streaming`,
      figure: `${spread(times)}, ${late} late`,
      target: 'p99 <= 100 ms, none over 3 s',
      held: p99 <= 100 && late === 0 && times.length >= COMMANDS,
    },
  ];
}
