import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { momentAt } from '../approvals/calendar.ts';
import { isUnknownYear } from '../approvals/holidays.ts';
import { momentInWords } from '../commands/contract/words.ts';
import { openSecrets } from './adapters/files/secrets.ts';
import { auditRows } from './adapters/postgres/audit-reader.ts';
import { type Database, openDatabase } from './adapters/postgres/database.ts';
import { loadEstate } from './adapters/postgres/estate-store.ts';
import { examineSlack, type Finding, finding } from './adapters/slack/examine.ts';
import { targetOf } from './adapters/ssh/hosts.ts';
import { createJobs } from './adapters/ssh/jobs.ts';
import { createTransport } from './adapters/ssh/transport.ts';
import { type Environment, readEnvironment } from './config/environment.ts';
import { grantInWords } from './config/grants.ts';
import { loadConfig } from './config/load.ts';
import type { ConfigFile } from './config/schema.ts';
import { findProfile, loadProfiles, type Profiles } from './estate/profile-load.ts';
import type { Estate } from './estate/types.ts';
import { now } from './kernel/clock.ts';
import { didYouMean } from './kernel/did-you-mean.ts';
import { CodedError, messageOf } from './kernel/errors.ts';
import { verifyChain } from './operations/audit.ts';

const MARKS = { good: '✔', notice: '!', bad: '✘', unknown: '?' } as const;
/** More than this between a host's clock and ours is worth a word, in seconds. */
const SKEW_SECONDS = 2;

/** Looks at everything Twokey depends on and prints one line each, with a hint where something is to be done. Answers the exit code. */
export async function doctor(): Promise<number> {
  const findings: Finding[] = [];
  const add = (...more: readonly Finding[]) => {
    for (const one of more) {
      findings.push(one);
      console.log(`${MARKS[one.mark]} ${one.what}${one.hint === undefined ? '' : `\n    ${one.hint}`}`);
    }
  };
  const env = readEnvironment();
  const config = configuration(env, add);
  if (config) add(...(await examineSlack(env, config, declaredScopes())));
  const database = await reach(env, add);
  if (database) {
    await examineDatabase(database, add);
    const estate = await loadEstate(database.pool);
    const profiles = readProfiles(env, add);
    if (profiles) examineProfiles(profiles, estate, add);
    if (config) examineCalendars(config, estate, add);
    if (config) examineGrants(config, estate, add);
    await examineEstate(env, estate, add);
    await database.pool.end();
  }
  const bad = findings.filter((one) => one.mark === 'bad').length;
  const unknown = findings.filter((one) => one.mark === 'unknown').length;
  console.log(`${findings.length} checks, ${bad} to mend, ${unknown} unknown`);
  return bad > 0 ? 1 : 0;
}

type Add = (...more: readonly Finding[]) => void;

function configuration(env: Environment, add: Add): ConfigFile | null {
  try {
    const config = loadConfig(env.configFile);
    add(finding('good', `configuration ${env.configFile}`));
    for (const [name, calendar] of Object.entries(config.calendars)) {
      const moment = momentAt(calendar, now());
      const until = moment.until === null ? 'no change within two weeks' : `until ${moment.until.toISOString()}`;
      add(finding('good', `calendar ${name} (${calendar.timezone}): now ${momentInWords(moment)}, ${until}`));
    }
    return config;
  } catch (error) {
    add(finding('bad', `configuration: ${messageOf(error)}`, error instanceof CodedError ? error.next : undefined));
    return null;
  }
}

function declaredScopes(): readonly string[] {
  const shape = z.object({ oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }) });
  return shape.parse(parse(readFileSync(new URL('../manifest.yml', import.meta.url), 'utf8'))).oauth_config.scopes.bot;
}

async function reach(env: Environment, add: Add): Promise<Database | null> {
  try {
    const database = await openDatabase(env.databaseUrl, env.home, () => undefined);
    add(finding('good', env.databaseUrl ? 'database of DATABASE_URL' : `embedded database in ${env.home}`));
    return database;
  } catch (error) {
    const hint = env.databaseUrl
      ? 'Check DATABASE_URL and that the server is up.'
      : 'See server.log in the data directory’s postgres folder.';
    add(finding('bad', `database: ${messageOf(error)}`, hint));
    return null;
  }
}

async function examineDatabase(database: Database, add: Add): Promise<void> {
  const { rows } = await database.pool.query<{ version: string; schema: number }>(
    `select current_setting('server_version') as version, (select max(version) from twokey.migration) as schema`,
  );
  add(finding('good', `PostgreSQL ${rows[0]?.version}, schema version ${rows[0]?.schema}`));
  const audit = await verifyChain(auditRows(database.pool), 'log');
  if (audit.kind === 'intact') add(finding('good', `audit log intact, ${audit.rows} rows`));
  else
    add(
      finding('bad', `audit log: ${audit.why}`, 'Somebody changed the database by hand. Keep a copy and find out who.'),
    );
}

/** Sites whose own calendar is not configured, and calendars that do not know next year's holidays. */
function examineCalendars(config: ConfigFile, estate: Estate, add: Add): void {
  for (const site of estate.sites.values())
    if (site.calendar !== undefined && !Object.hasOwn(config.calendars, site.calendar))
      add(
        finding(
          'bad',
          `site ${site.name}: there is no calendar "${site.calendar}"`,
          'Add it to the configuration, or correct `calendar` in the estate.',
        ),
      );
  const next = now().getUTCFullYear() + 1;
  for (const [name, { holidays }] of Object.entries(config.calendars))
    if (isUnknownYear(holidays, next))
      add(
        finding('unknown', `calendar ${name}: nobody knows the holidays of ${next}`, 'Give its .ics file those dates.'),
      );
}

/** Grants for clusters and sites that the estate does not have: they allow nothing. */
function examineGrants(config: ConfigFile, estate: Estate, add: Add): void {
  const sites = [...estate.sites.keys()];
  const clusters = [...estate.clusters.keys()];
  for (const one of config.grants)
    for (const [kind, name, known] of [['site', one.site, sites] as const, ['cluster', one.cluster, clusters] as const])
      if (name !== undefined && !known.includes(name)) {
        const near = didYouMean(name, known);
        add(
          finding(
            'bad',
            `grant ${grantInWords(one)}: there is no ${kind} "${name}"${near === undefined ? '' : `, did you mean "${near}"?`}`,
            'Correct the grant in the configuration, or add it to the estate.',
          ),
        );
      }
}

function readProfiles(env: Environment, add: Add): Profiles | null {
  try {
    const profiles = loadProfiles(env.home);
    const own = [...profiles.values()].filter(({ origin }) => origin === 'own').map(({ profile }) => profile.name);
    const yours = own.length === 0 ? 'none of yours' : `yours: ${own.join(', ')}`;
    add(finding('good', `${profiles.size} profiles, ${yours}`));
    return profiles;
  } catch (error) {
    add(finding('bad', `profiles: ${messageOf(error)}`, error instanceof CodedError ? error.next : undefined));
    return null;
  }
}

function examineProfiles(profiles: Profiles, estate: Estate, add: Add): void {
  for (const site of estate.sites.values()) {
    const found = findProfile(profiles, site.profile);
    if (!found.ok) add(finding('bad', `site ${site.name}: ${found.error.message}`, found.error.next));
  }
}

async function examineEstate(env: Environment, estate: Estate, add: Add): Promise<void> {
  if (estate.sites.size === 0)
    add(
      finding(
        'unknown',
        'the estate is empty',
        'Describe your hosts and sites in a file: `twokey estate import FILE`.',
      ),
    );
  const secrets = openSecrets(env.home);
  for (const site of estate.sites.values()) {
    const name = site.database.password_secret;
    if (name === undefined) continue;
    const secret = await secrets.read(name);
    add(
      secret.ok
        ? finding('good', `secret ${name} of ${site.name}`)
        : finding('bad', secret.error.message, secret.error.next),
    );
  }
  const transport = createTransport();
  const jobs = createJobs(transport);
  const looked = await Promise.all(
    [...estate.hosts.values()].map(async (host): Promise<Finding> => {
      if (host.shell === 'none')
        return finding('good', `host ${host.name}: without a shell (\`shell: none\`), so it is not asked`);
      const way = targetOf(estate, host, { secrets, agentSocket: env.agentSocket });
      const probe = way.ok ? await jobs.probe(way.value) : way;
      if (!probe.ok) return finding('bad', `host ${host.name}: ${probe.error.message}`, probe.error.next);
      const { missing, baseWritable, killsJobsAtLogout, clock, system, user } = probe.value;
      if (missing.length > 0)
        return finding(
          'bad',
          `host ${host.name} lacks ${missing.join(', ')}`,
          'Install it there (Debian: util-linux, coreutils).',
        );
      if (!baseWritable)
        return finding(
          'bad',
          `host ${host.name}: ${host.base} cannot be written`,
          'Correct `base` in the estate, or the rights there.',
        );
      if (killsJobsAtLogout)
        return finding('bad', `host ${host.name} ends jobs at logout`, `Run \`loginctl enable-linger ${user}\` there.`);
      const skew = Math.abs(clock - now().getTime() / 1000);
      if (skew > SKEW_SECONDS)
        return finding(
          'bad',
          `host ${host.name}: its clock is ${skew.toFixed(0)} s off`,
          'Set up time synchronisation there.',
        );
      return finding('good', `host ${host.name}: ${user}, ${system}`);
    }),
  );
  add(...looked);
  await transport.close();
}
