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

/** A bot with one command more: `rehearse <site>` does what `backup` does, but counts as disruptive. */
const shipped = await loadCommands();
const rehearsals = shipped.flatMap((one): Command[] => {
  if (one.kind !== 'operation' || one.on === 'estate' || one.name !== 'backup') return [];
  const plan: typeof one.plan = (facts, args) => {
    const planned = one.plan(facts, args);
    return planned.ok ? ok({ ...planned.value, command: 'rehearse' }) : planned;
  };
  return [{ ...one, name: 'rehearse', risk: 'disruptive', plan }];
});

const env = readEnvironment();
const log = openLogger(env.logLevel);
const database = await openDatabase(env.databaseUrl, env.home, () => undefined);
if (env.demoEstate !== undefined)
  await importEstate(database.pool, estateDocument.parse(parse(readFileSync(env.demoEstate, 'utf8'))), 'twokey');
const app = await startApp(env, loadConfig(env.configFile), database, log, [...shipped, ...rehearsals]);
console.log('twokey ready');
process.once('SIGTERM', () => {
  void app.stop().then(() => process.exit(0));
});
