import { readFileSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { loadCommands } from '../commands/index.ts';
import { openLogger } from './adapters/log/logger.ts';
import { openDatabase } from './adapters/postgres/database.ts';
import { exportEstate, importOnce } from './adapters/postgres/estate-store.ts';
import { AUDIT_USAGE, auditTool, evidenceTool } from './audit.ts';
import { readEnvironment } from './config/environment.ts';
import { loadConfig } from './config/load.ts';
import { loadProfiles } from './estate/profile-load.ts';
import { estateDocument } from './estate/types.ts';
import { importDocument } from './import-estate.ts';
import { IMPORT_SEC_USAGE, importSecTool } from './import-sec.ts';
import { IMPORT_SSH_USAGE, importSshConfigTool } from './import-ssh-config.ts';
import { CodedError, messageOf } from './kernel/errors.ts';
import { PROFILE_USAGE, profileTool } from './profile-tool.ts';

const USAGE = `usage: twokey start | doctor | estate import FILE [--yes] [--reason TEXT] | estate export FILE |
  ${AUDIT_USAGE} | ${PROFILE_USAGE} |
  ${IMPORT_SEC_USAGE} |
  ${IMPORT_SSH_USAGE}`;

async function main(words: readonly string[]): Promise<number> {
  const [verb = 'start', ...rest] = words;
  switch (verb) {
    case 'start':
      return start();
    case 'doctor': {
      const { doctor } = await import('./doctor.ts');
      return doctor();
    }
    case 'estate':
      return estate(rest);
    case 'audit':
      return (await auditTool(rest)) ?? unknown();
    case 'evidence':
      return (await evidenceTool(rest)) ?? unknown();
    case 'import-sec':
      return (await importSecTool(rest)) ?? unknown();
    case 'import-ssh-config':
      return (await importSshConfigTool(rest)) ?? unknown();
    case 'profile':
      return profileTool(rest) ?? unknown();
    default:
      return unknown();
  }
}

function unknown(): number {
  console.error(USAGE);
  return 64;
}

async function start(): Promise<number> {
  // Slack, the engine and all that are loaded for the bot alone: the tools answer a second earlier without them.
  const { startApp } = await import('./app.ts');
  const env = readEnvironment();
  const log = openLogger(env.logLevel);
  const config = loadConfig(env.configFile);
  const database = await openDatabase(env.databaseUrl, env.home, (message, fields) => log.info(fields ?? {}, message));
  if (env.demoEstate !== undefined) {
    await importOnce(database.pool, estateDocument.parse(parse(readFileSync(env.demoEstate, 'utf8'))), 'twokey');
  }
  const app = await startApp(env, config, database, log, await loadCommands());
  // Where the start script asks for such a cache, the next start is spared a third of its compiling, kill -9 or not.
  flushCompileCache();
  console.log(`twokey ready${app.httpPort === 0 ? '' : ` http://${env.httpHost}:${app.httpPort}`}`);
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
    // The start script talks to this process over a channel; when it dies, this process ends in order.
    process.once('disconnect', () => resolve());
  });
  log.info('stopping; jobs on hosts go on');
  // Leaving in order must not take longer than ten seconds; whatever hangs is taken up by the next start.
  setTimeout(() => process.exit(0), 9_000).unref();
  await app.stop();
  await database.close();
  return 0;
}

async function estate(words: readonly string[]): Promise<number> {
  const [verb, file, ...flags] = words;
  const yes = flags.includes('--yes');
  const reason = flags.includes('--reason') ? flags[flags.indexOf('--reason') + 1] : undefined;
  if ((verb !== 'import' && verb !== 'export') || file === undefined) {
    console.error(USAGE);
    return 64;
  }
  const env = readEnvironment();
  const database = await openDatabase(env.databaseUrl, env.home, () => undefined);
  try {
    if (verb === 'export') {
      writeFileSync(file, stringify(await exportEstate(database.pool)));
      console.log(`written to ${file}`);
      return 0;
    }
    const checked = estateDocument.safeParse(parse(readFileSync(file, 'utf8')));
    if (!checked.success)
      throw new CodedError('bad_configuration', `${file} is not right:\n${z.prettifyError(checked.error)}`);
    const before = await exportEstate(database.pool);
    const profiles = loadProfiles(env.home);
    return await importDocument(
      database.pool,
      { before, document: checked.data, remarks: [], profiles },
      { yes, reason },
    );
  } finally {
    await database.pool.end();
  }
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof CodedError ? `${error.message}\nNext: ${error.next}` : messageOf(error));
    process.exit(1);
  },
);
