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

/**
 * A bot with two commands more. `rehearse <site>` does what `backup` does, but counts as disruptive. `demolish <site>` is
 * break-glass: a backup, then a step that removes unfinished backups and says that it destroys them.
 */
const shipped = await loadCommands();
const more = shipped.flatMap((one): Command[] => {
  if (one.kind !== 'operation' || one.on === 'estate' || one.name !== 'backup') return [];
  const rehearse: typeof one.plan = (facts, args) => {
    const planned = one.plan(facts, args);
    return planned.ok ? ok({ ...planned.value, command: 'rehearse' }) : planned;
  };
  const demolish: typeof one.plan = (facts, args) => {
    const planned = one.plan(facts, args);
    if (!planned.ok) return planned;
    const { steps, cleanup } = planned.value;
    const last = cleanup.map((step) => ({ ...step, destroys: `the unfinished backups of ${facts.site.name}` }));
    return ok({ ...planned.value, command: 'demolish', steps: [...steps, ...last] });
  };
  return [
    { ...one, name: 'rehearse', risk: 'disruptive', plan: rehearse },
    { ...one, name: 'demolish', risk: 'break-glass', plan: demolish },
  ];
});

const env = readEnvironment();
const log = openLogger(env.logLevel);
const database = await openDatabase(env.databaseUrl, env.home, () => undefined);
if (env.demoEstate !== undefined)
  await importEstate(database.pool, estateDocument.parse(parse(readFileSync(env.demoEstate, 'utf8'))), 'twokey');
const app = await startApp(env, loadConfig(env.configFile), database, log, [...shipped, ...more]);
console.log('twokey ready');
process.once('SIGTERM', () => {
  void app.stop().then(() => process.exit(0));
});
