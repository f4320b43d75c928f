import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { Human } from '../../src/workspace/human.ts';
import { NO_RATE_LIMITS, type WorkspaceLimits } from '../../src/workspace/limits.ts';
import type { UiMessage } from '../../src/workspace/protocol.ts';
import { startWorkspace, type Workspace } from '../../src/workspace/server.ts';
import { type Bot, startBot } from './bot.ts';
import { beyond } from './egress.ts';
import { CONTENT, DUMP_PASSWORD } from './lab-content.ts';
import { siteFolder, sshdEntry, toolFolder } from './lab-host.ts';
import { freePort, startPostgres, type TestPostgres } from './postgres.ts';
import { startSshd, type TestSshd } from './sshd.ts';
import { until } from './until.ts';

const MANIFEST = fileURLToPath(new URL('../../manifest.yml', import.meta.url));

export { DUMP_PASSWORD } from './lab-content.ts';

export interface LabOptions {
  /** When production is in working hours. Default never, so that everything on it needs two approvals. */
  readonly workingHours?: 'never' | 'always';
  /** Adds the site `acme-staging` on a host and a PostgreSQL server of its own. */
  readonly staging?: boolean;
  /** More production sites on the same host, `acme-2` and so on, with the same database. */
  readonly moreSites?: number;
  /** Slack's message rate. Default lifted; `true` keeps Slack's own. */
  readonly rateLimits?: boolean | WorkspaceLimits;
  /** How Slack reaches the bot. `http` takes one bot at a time, at the port in `env.HTTP_PORT`. */
  readonly mode?: 'socket' | 'http';
  /** Merged over the roles of the configuration. */
  readonly roles?: Readonly<Record<string, readonly string[]>>;
  /** Merged over the site's entry in the estate. */
  readonly site?: Readonly<Record<string, unknown>>;
  readonly database?: Readonly<Record<string, unknown>>;
  /** Merged over the production policy. */
  readonly policy?: Readonly<Record<string, unknown>>;
  /** Folder of the built browser page, where it is wanted. */
  readonly pageDir?: string;
}

/** A whole small world: a Slack workspace, a production site `acme` on a real sshd and PostgreSQL, people, and bots. */
export interface Lab extends AsyncDisposable {
  readonly workspace: Workspace;
  readonly postgres: TestPostgres;
  readonly sshd: TestSshd;
  readonly home: string;
  /** Folder of the site `acme` on its host. */
  readonly siteDir: string;
  readonly env: Readonly<Record<string, string>>;
  /** Starts a bot, the first or another replica; all end with the lab. */
  bot(extra?: Readonly<Record<string, string>>): Promise<Bot>;
  readonly operator: Human;
  readonly approverA: Human;
  readonly approverB: Human;
  readonly admin: Human;
  readonly viewer: Human;
  readonly outsider: Human;
  /** Sends a command as the operator and answers the operation's id. */
  request(line: string): Promise<string>;
  /** The card of an operation as it stands. */
  card(operation: string): Promise<UiMessage>;
  /** Approves as both approvers. */
  approve(operation: string): Promise<void>;
  /** Waits until the card says one of these states. */
  untilState(operation: string, states: string | readonly string[], withinMs?: number): Promise<UiMessage>;
  /** Waits for an ephemeral answer to this person that matches, newer than `since`. */
  told(who: Human, what: RegExp, withinMs?: number): Promise<UiMessage>;
  /** A query on Twokey's own database. */
  rows<R extends Record<string, unknown>>(sql: string, values?: unknown[]): Promise<R[]>;
  /** Puts programs in front of the real ones in the site's `bin_dir`: shell text by program name; $REAL is the real one. */
  tools(programs: Readonly<Record<string, string>>): Promise<void>;
}

/** What a message shows, all its blocks as one text. */
export function shown(message: Pick<UiMessage, 'blocks'>): string {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(walk);
    else if (value !== null && typeof value === 'object') {
      for (const [key, inner] of Object.entries(value)) {
        if (key === 'text' && typeof inner === 'string') texts.push(inner);
        else walk(inner);
      }
    }
  };
  walk(message.blocks);
  return texts.join('\n');
}

/** Starts all of it but the bots. */
export async function startLab(options: LabOptions = {}): Promise<Lab> {
  const stack = new AsyncDisposableStack();
  try {
    return await build(options, stack);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function build(options: LabOptions, stack: AsyncDisposableStack): Promise<Lab> {
  const home = await mkdtemp(join(tmpdir(), 'twokey-lab-'));
  stack.defer(() => rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }));
  await chmod(home, 0o755);
  const httpPort = options.mode === 'http' ? await freePort() : null;
  const limits = options.rateLimits === true ? undefined : options.rateLimits || NO_RATE_LIMITS;
  const workspace = stack.use(
    await startWorkspace({
      manifestFile: MANIFEST,
      ...(limits ? { limits } : {}),
      ...(options.pageDir === undefined ? {} : { pageDir: options.pageDir }),
      ...(httpPort === null ? {} : { requestUrl: `http://127.0.0.1:${httpPort}/slack/events` }),
    }),
  );
  const own = async <T extends AsyncDisposable>(starting: Promise<T>): Promise<T> => stack.use(await starting);
  const [postgres, sshd, staging] = await Promise.all([
    own(startPostgres()),
    own(startSshd()),
    options.staging ? Promise.all([own(startSshd()), own(startPostgres())]) : null,
  ]);
  await Promise.all([
    postgres.create('twokey'),
    postgres.create('acme', CONTENT),
    staging?.[1].create('acme_staging', CONTENT),
  ]);
  const siteDir = await siteFolder(sshd);
  const bin = join(sshd.dir, 'bin');
  await toolFolder(bin, postgres.bin, {});
  const database = (port: number, name: string) => ({
    host: '127.0.0.1',
    port,
    name,
    user: 'twokey_backup',
    password_secret: 'acme-db',
    must_have_tables: ['users', 'projects', 'media', 'events'],
    lock_wait_seconds: 2,
    bin_dir: bin,
  });
  const hosts = [sshdEntry('acme-app', sshd.target)];
  const sites = [
    {
      name: 'acme',
      environment: 'production',
      host: 'acme-app',
      site_dir: siteDir,
      version: '8.1.0',
      database: { ...database(postgres.port, 'acme'), ...options.database },
      ...options.site,
    },
  ];
  const [first] = sites;
  for (let n = 2; first && n < 2 + (options.moreSites ?? 0); n += 1) sites.push({ ...first, name: `acme-${n}` });
  if (staging) {
    const [otherHost, otherServer] = staging;
    hosts.push(sshdEntry('acme-staging-app', otherHost.target));
    sites.push({
      name: 'acme-staging',
      environment: 'staging',
      host: 'acme-staging-app',
      site_dir: await siteFolder(otherHost),
      version: '8.1.0',
      database: { ...database(otherServer.port, 'acme_staging'), bin_dir: otherServer.bin },
    });
  }
  await mkdir(join(home, 'secrets'), { mode: 0o700 });
  await writeFile(join(home, 'secrets', 'acme-db'), DUMP_PASSWORD, { mode: 0o600 });
  await writeFile(join(home, 'estate.yml'), stringify({ clusters: [{ name: 'acme', hosts, sites }] }));
  await writeFile(join(home, 'twokey.yml'), stringify(labConfiguration(options)));
  const env = {
    ...workspace.env,
    DATABASE_URL: postgres.url('twokey'),
    TWOKEY_CONFIG: join(home, 'twokey.yml'),
    TWOKEY_HOME: home,
    TWOKEY_DEMO_ESTATE: join(home, 'estate.yml'),
    LOG_LEVEL: 'info',
    TWOKEY_TEST_EGRESS: join(home, 'egress'),
    ...(httpPort === null ? {} : { HTTP_PORT: String(httpPort) }),
  };
  const operator = workspace.human('operator');
  const [approverA, approverB] = [workspace.human('approver-a'), workspace.human('approver-b')];
  const lab: Lab = {
    workspace,
    postgres,
    sshd,
    home,
    siteDir,
    env,
    operator,
    approverA,
    approverB,
    admin: workspace.human('admin'),
    viewer: workspace.human('viewer'),
    outsider: workspace.human('outsider'),
    bot: async (extra = {}) => stack.use(await startBot({ ...env, ...extra })),
    async request(line) {
      const before = new Set(operator.sees().map((message) => message.ts));
      const typed = await operator.slash(line);
      if (!typed.ok) throw new Error(`Slack said: ${typed.error}`);
      const answer = await until(
        `an answer to ${line}`,
        () => operator.sees().find((message) => message.ephemeral && !before.has(message.ts)),
        15_000,
      );
      const id = /Operation ([0-9a-z]{8}) is recorded/.exec(answer.text)?.[1];
      if (id === undefined) throw new Error(`no operation was recorded: ${answer.text}`);
      return id;
    },
    card: (operation) =>
      until(
        `the card of ${operation}`,
        () => operator.sees().find((one) => !one.ephemeral && one.text.includes(`Operation ${operation}`)),
        15_000,
      ),
    async approve(operation) {
      for (const approver of [approverA, approverB]) {
        const click = await approver.click('Approve', { in: await lab.card(operation) });
        if (!click.ok) throw new Error(`Slack said: ${click.error}`);
      }
    },
    untilState(operation, states, withinMs = 30_000) {
      const wanted = [states].flat();
      let says = 'no card';
      return until(
        `operation ${operation} is ${wanted.join(' or ')}`,
        async () => {
          const card = await lab.card(operation);
          says = card.text;
          return wanted.some((state) => says.includes(`: ${state}. Operation`)) ? card : null;
        },
        withinMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; the card says: ${says}`);
      });
    },
    told: (who, what, withinMs = 10_000) =>
      until(
        `${who.id} is told ${what}`,
        () => who.sees().find((one) => one.ephemeral && what.test(`${one.text}\n${shown(one)}`)),
        withinMs,
      ),
    rows: (sql, values) => postgres.query('twokey', sql, values),
    tools: (programs) => toolFolder(bin, postgres.bin, programs),
    async [Symbol.asyncDispose]() {
      const reached = await readFile(join(home, 'egress'), 'utf8').catch(() => '');
      await stack.disposeAsync();
      // R15 Slack, hosts and databases are all there is to reach, and here all of them are the lab's own.
      if (beyond(reached).length > 0) throw new Error(`a bot reached out to ${beyond(reached).join(', ')}`);
    },
  };
  return lab;
}

/** The bot's configuration as a document; for tests that change it between two starts. */
export function labConfiguration(options: LabOptions) {
  const hours = options.workingHours === 'always' ? { 'mon-sun': '00:00-24:00' } : {};
  return {
    slack: {
      command: '/ops',
      ...(options.rateLimits ? {} : { messages_per_second: 25 }),
      channels: { operations: 'C0OPS', alerts: 'C0ALERT', reports: 'C0REPORT', audit: 'C0AUDIT' },
    },
    roles: {
      admin: ['U0ADM'],
      operator: ['U0REQ', 'S0OPER'],
      approver: ['U0APA', 'U0APB'],
      viewer: ['U0VIEW'],
      ...options.roles,
    },
    calendars: { office: { timezone: 'Europe/Berlin', working_hours: hours } },
    policy: { production: { calendar: 'office', quorum: 2, ...options.policy }, staging: {} },
  };
}
