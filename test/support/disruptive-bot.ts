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
 * A bot with two commands more, each with two real steps on the host and no dump, because these tests are about people:
 * `rehearse <site>`, disruptive, and `demolish <site>`, break-glass, look whether a backup could be made and remove
 * unfinished ones. `demolish` says that it destroys them.
 */
const shipped = await loadCommands();
const more = shipped.flatMap((one): Command[] => {
  if (one.kind !== 'operation' || one.on === 'estate' || one.name !== 'backup') return [];
  const named = (name: string, risk: typeof one.risk, destroys: boolean): Command => {
    const plan: typeof one.plan = (facts, args) => {
      const planned = one.plan(facts, args);
      if (!planned.ok) return planned;
      const { steps, cleanup } = planned.value;
      const last = cleanup.map((step) =>
        destroys ? { ...step, destroys: `the unfinished backups of ${facts.site.name}` } : step,
      );
      return ok({ ...planned.value, command: name, steps: [...steps.slice(0, 1), ...last] });
    };
    return { ...one, name, risk, plan };
  };
  return [named('rehearse', 'disruptive', false), named('demolish', 'break-glass', true)];
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
