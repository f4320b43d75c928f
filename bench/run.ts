import { measureAck } from './ack.ts';
import { measureBackup } from './backup.ts';
import { measureMemory } from './memory.ts';
import { measureQueries } from './queries.ts';
import type { Row } from './row.ts';
import { measureStatusSweep } from './status-sweep.ts';
import { measureTakeOver } from './take-over.ts';
import { measureVoteToStart } from './vote-to-start.ts';

/** Names as given on the command line; all of them without one. */
const MEASUREMENTS: Readonly<Record<string, () => Promise<Row[]>>> = {
  ack: measureAck,
  'vote-to-start': measureVoteToStart,
  'take-over': measureTakeOver,
  'status-sweep': measureStatusSweep,
  backup: measureBackup,
  memory: measureMemory,
  queries: measureQueries,
};

const wanted = process.argv.slice(2);
const names = wanted.length > 0 ? wanted : Object.keys(MEASUREMENTS);
let missed = 0;
console.log('| what | measured | target | held |\n|---|---|---|---|');
for (const name of names) {
  const measure = MEASUREMENTS[name];
  if (!measure) throw new Error(`there is no measurement "${name}"; there are ${Object.keys(MEASUREMENTS).join(', ')}`);
  for (const row of await measure()) {
    if (!row.held) missed += 1;
    console.log(`| ${row.what} | ${row.figure} | ${row.target} | ${row.held ? 'yes' : '**no**'} |`);
  }
}
process.exit(missed > 0 ? 1 : 0);
