import { openEmbedded } from '../../src/adapters/postgres/embedded.ts';

// A process that opens the embedded PostgreSQL of the data directory in its first argument, says how, and waits to
// be killed: the stand-in for a bot whose end the database has to survive.
const [, , home = ''] = process.argv;
const { how, pid, connectionString } = await openEmbedded(home, () => {});
process.stdout.write(`${JSON.stringify({ how, pid, connectionString })}\n`);
setInterval(() => {}, 60_000);
