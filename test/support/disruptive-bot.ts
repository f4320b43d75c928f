import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Command } from '../../commands/contract/command.ts';
import { loadCommands } from '../../commands/index.ts';
import { openLogger } from '../../src/adapters/log/logger.ts';
import { openDatabase } from '../../src/adapters/postgres/database.ts';
import { importEstate } from '../../src/adapters/postgres/estate-store.ts';
import { startApp } from '../../src/app.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { estateDocument } from '../../src/estate/types.ts';
import { ok } from '../../src/kernel/result.ts';

/** A bot with two commands more that do what `backup` does: `rehearse <site>` counts as disruptive, `demolish <site>` as break-glass. */
const shipped = await loadCommands();
const dangerous = shipped.flatMap((one): Command[] => {
  if (one.kind !== 'operation' || one.name !== 'backup') return [];
  const named = (name: string, risk: typeof one.risk): Command => ({
    ...one,
    name,
    risk,
    plan: (facts, args) => {
      const planned = one.plan(facts, args);
      return planned.ok ? ok({ ...planned.value, command: name }) : planned;
    },
  });
  return [named('rehearse', 'disruptive'), named('demolish', 'break-glass')];
});

const env = readEnvironment();
const log = openLogger(env.logLevel);
const database = await openDatabase(env.databaseUrl, env.home, () => undefined);
if (env.demoEstate !== undefined)
  await importEstate(database.pool, estateDocument.parse(parse(readFileSync(env.demoEstate, 'utf8'))), 'twokey');
const app = await startApp(env, loadConfig(env.configFile), database, log, [...shipped, ...dangerous]);
console.log('twokey ready');
process.once('SIGTERM', () => {
  void app.stop().then(() => process.exit(0));
});
