import { hostname } from 'node:os';
import { makeStepUp } from '../approvals/step-up-service.ts';
import type { Command } from '../commands/contract/command.ts';
import { type Engine, startEngine } from './adapters/engine/engine.ts';
import { openSecrets, totpKey } from './adapters/files/secrets.ts';
import { healthPages, Metrics, type Page, startHealth } from './adapters/http/health.ts';
import type { Logger } from './adapters/log/logger.ts';
import { PostgresAnnounceStore } from './adapters/postgres/announce-store.ts';
import { PostgresAuditBook } from './adapters/postgres/audit-reader.ts';
import { appendAudit } from './adapters/postgres/audit-store.ts';
import { noteHolders, noteStart } from './adapters/postgres/change-notes.ts';
import type { Database } from './adapters/postgres/database.ts';
import { PostgresEstateBook } from './adapters/postgres/estate-book.ts';
import { loadEstate } from './adapters/postgres/estate-store.ts';
import { makeEvidence } from './adapters/postgres/evidence-store.ts';
import { PostgresFreezeBook } from './adapters/postgres/freeze-store.ts';
import { PostgresHostFactBook } from './adapters/postgres/host-fact-store.ts';
import { PostgresJournal } from './adapters/postgres/journal.ts';
import { Leader } from './adapters/postgres/leader.ts';
import { PostgresNoticeStore } from './adapters/postgres/notice-store.ts';
import { Listener } from './adapters/postgres/notify.ts';
import { activeByState } from './adapters/postgres/operation-counts.ts';
import { type EnqueueRun, PostgresOperationBook } from './adapters/postgres/operation-store.ts';
import { PostgresReleases } from './adapters/postgres/release-store.ts';
import { PostgresReplanStore } from './adapters/postgres/replan-store.ts';
import { PostgresRequestStore } from './adapters/postgres/request-store.ts';
import { PostgresReviews } from './adapters/postgres/review-store.ts';
import { PostgresRunStore } from './adapters/postgres/run-store.ts';
import { PostgresSettings } from './adapters/postgres/settings-store.ts';
import { PostgresStandingNotices } from './adapters/postgres/standing-notices.ts';
import { PostgresStandingStore } from './adapters/postgres/standing-store.ts';
import { PostgresStepUpStore } from './adapters/postgres/step-up-store.ts';
import { sweep } from './adapters/postgres/sweep.ts';
import { PostgresSweep } from './adapters/postgres/sweep-store.ts';
import { openDownload } from './adapters/releases/download.ts';
import { openShelf } from './adapters/releases/shelf.ts';
import { openClients } from './adapters/slack/clients.ts';
import { Identity } from './adapters/slack/identity.ts';
import { activeIn } from './adapters/slack/inbound/access.ts';
import { type Connection, makeSlackApp } from './adapters/slack/inbound/app.ts';
import type { Desk } from './adapters/slack/inbound/desk.ts';
import { announce } from './adapters/slack/outbound/announcer.ts';
import { giveFile } from './adapters/slack/outbound/upload.ts';
import { whoAmI } from './adapters/slack/who-am-i.ts';
import { createDial } from './adapters/ssh/dial.ts';
import { createHosts } from './adapters/ssh/hosts.ts';
import { createJobs } from './adapters/ssh/jobs.ts';
import { createTransport } from './adapters/ssh/transport.ts';
import { otpCodes } from './adapters/totp/codes.ts';
import { KEY_BYTES, sealWith } from './adapters/totp/seal.ts';
import type { Environment } from './config/environment.ts';
import type { ConfigFile } from './config/schema.ts';
import { loadProfiles } from './estate/profile-load.ts';
import { MANIFEST_LIMITS } from './estate/release-manifest.ts';
import { sleep } from './kernel/clock.ts';
import { CodedError, messageOf, refusal } from './kernel/errors.ts';
import { newUuid } from './kernel/ids.ts';
import { err, ok } from './kernel/result.ts';
import { targetOfPlan } from './operations/estate/plan-edit.ts';
import { destroyedBy, riskOf } from './operations/plan.ts';
import type { AskPolicy } from './operations/ports.ts';
import type { OperationRecord } from './operations/records.ts';
import { openReleases, type ReleaseContext, type Releases } from './operations/releases/service.ts';
import { buildPlan, replanOperation, requestOperation } from './operations/request.ts';
import { type RunContext, runOperation } from './operations/runner.ts';
import { decisionFor, policyOfTarget, rulesOf } from './operations/site-policy.ts';
import { checkStandingTerms, type StandingContext } from './operations/standing.ts';

export interface RunningApp {
  readonly httpPort: number;
  /** Stops taking anything in; remote jobs go on. */
  stop(): Promise<void>;
}

/** Puts everything together and starts it. The only place that knows all adapters. */
export async function startApp(
  env: Environment,
  config: ConfigFile,
  database: Database,
  log: Logger,
  commands: readonly Command[],
): Promise<RunningApp> {
  const { pool, connectionString } = database;
  const profiles = loadProfiles(env.home);
  const up: { slack: () => boolean; engine: () => boolean } = { slack: () => false, engine: () => false };
  const metrics = new Metrics(() => activeByState(pool));
  const pages = healthPages(
    async () => ({ database: await answers(() => pool.query('select 1')), slack: up.slack(), engine: up.engine() }),
    metrics,
  );
  const connection = connectionOf(env, pages);
  // Served from the first moment on, because the rest may have to wait for Slack. In HTTP mode Slack's own port carries them.
  const health = await startHealth(env.httpHost, connection.mode.kind === 'http' ? 0 : env.httpPort, pages);
  const stopping = new AbortController();
  const listener = new Listener(connectionString);
  await listener.open();

  const estate = () => loadEstate(pool);
  const own = { secrets: openSecrets(env.home), agentSocket: env.agentSocket };
  const settings = new PostgresSettings(pool);
  const transport = createTransport();
  const hosts = createHosts(createJobs(transport), estate, own);
  const dial = createDial(estate, own);
  const estateBook = new PostgresEstateBook(pool);
  const clients = openClients(connection.secret, connection.apiUrl);
  const me = await whoAmI(clients.control, log, stopping.signal);
  const identity = new Identity(clients.control, config, me.team);

  const engine: { current: Engine | null } = { current: null };
  const enqueue: EnqueueRun = async (client, operation, runNumber, site) => {
    if (!engine.current) throw new CodedError('database_down', 'the engine has not started yet');
    await engine.current.enqueue(client, operation, runNumber, site);
  };
  const book = new PostgresOperationBook(pool, enqueue);
  const store = new PostgresRunStore(pool, listener);
  const freezes = new PostgresFreezeBook(pool);
  const planning = {
    hosts,
    config,
    estate,
    estateBook,
    dial,
    profiles,
    settings,
    secrets: own.secrets,
    freezes: () => freezes.current(),
  };
  const releases = await startReleases(env, config, { pool, hosts, estate, profiles }, log);
  const commandOf = (operation: OperationRecord) => commands.find((one) => one.name === operation.command);
  const askPolicy = async (operation: OperationRecord): Promise<AskPolicy> => {
    const command = commandOf(operation);
    const document = await estateBook.document();
    const target = targetOfPlan(document, operation.plan);
    if (!target || command?.kind !== 'operation')
      throw new CodedError('unknown_site', `"${operation.site}" is not there any more`);
    return ({ now: at, freezes: held }, plan) => {
      const its = policyOfTarget(config, targetOfPlan(document, plan) ?? target, held);
      const risk = riskOf(command.risk, plan);
      const work = { estimateMs: operation.estimateMs, destroys: destroyedBy(plan).length > 0 };
      return {
        ...decisionFor(its, risk, at, operation.emergency, work),
        rules: rulesOf(its, risk),
        requesterCounts: its.policy.requester_counts,
      };
    };
  };
  const context: RunContext = {
    hosts,
    store,
    secrets: own.secrets,
    estate,
    stopping: stopping.signal,
    resolveVoters: (people, requester) => identity.eligible(people, requester),
    replan: async (operation) => {
      const command = commandOf(operation);
      if (command?.kind !== 'operation')
        return err(refusal('unknown_command', `The command "${operation.command}" is not there any more.`));
      const built = await buildPlan(planning, command, operation.args, operation.id);
      return built.ok ? ok(built.value.plan) : built;
    },
    policy: askPolicy,
  };
  engine.current = await startEngine({
    connectionString,
    run: (durable, operation, runNumber) => runOperation(durable, context, operation, runNumber),
    onBroken: async (operation, error) => {
      log.error({ operation, error: String(error) }, 'a run broke');
      const reason = `Twokey itself failed in the middle of it: ${messageOf(error)}. Nobody knows how the command on the host ended.`;
      await store.finish(operation, { state: 'lost', reason, next: 'Look at the host, then press Retry or Leave.' });
    },
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });

  const reviews = new PostgresReviews(pool);
  const standingStore = new PostgresStandingStore(pool);
  const standing: StandingContext = {
    store: standingStore,
    config,
    estate,
    now: () => book.now(),
    commandOf: (name) => {
      const command = commands.find((one) => one.name === name);
      return command?.kind === 'operation' ? command : null;
    },
    approvers: () => identity.active('approver'),
    resolveVoters: (people, requester) => identity.eligible(people, requester),
  };
  const announcements = new PostgresAnnounceStore(pool);
  const leader = new Leader(connectionString, 'announcer');
  leader.start(
    (signal) =>
      announce(
        {
          clients,
          store: announcements,
          notices: new PostgresNoticeStore(pool),
          messagesPerSecond: config.slack.messages_per_second,
          reviews,
          standing: new PostgresStandingNotices(pool),
          slash: config.slack.command,
          auditChannel: config.slack.channels.audit ?? null,
          approvers: () => identity.eligibleHolders('approver'),
          admins: () => identity.eligibleHolders('admin'),
          log,
          holder: `${hostname()}-${newUuid()}`,
          onChange: (wake) => {
            for (const topic of ['changed', 'output', 'reconnected'] as const) listener.on(topic, wake);
            return () => {
              for (const topic of ['changed', 'output', 'reconnected'] as const) listener.off(topic, wake);
            };
          },
        },
        signal,
      ),
    (error) => log.warn({ error: String(error) }, 'announcing stopped; it is tried again'),
  );

  const desk: Desk = {
    config,
    commands,
    identity,
    book,
    journal: new PostgresJournal(pool),
    auditBook: new PostgresAuditBook(pool),
    evidence: (operation, person) => makeEvidence(pool, operation, person),
    giveFile: (person, file, comment) => giveFile(clients.control, person, file, comment, stopping.signal),
    rolesMayHaveChanged: async () => {
      await identity
        .allHolders()
        .then((holders) => noteHolders(pool, holders))
        .catch((error: unknown) => log.warn({ error: String(error) }, 'who holds which role could not be noted'));
    },
    hosts,
    hostFacts: new PostgresHostFactBook(pool),
    estate,
    estateBook,
    dial,
    profiles,
    settings,
    releases,
    freezes,
    votes: new PostgresRequestStore(pool, enqueue),
    stepUp: openStepUp(env, config, pool),
    reviews,
    standing,
    log,
    request: (asked) =>
      requestOperation(
        {
          ...planning,
          book,
          approvers: () => identity.active('approver'),
          reviewers: () => activeIn({ identity }, ['approver', 'admin']),
        },
        asked,
      ),
    replan: (operation, person) =>
      replanOperation(
        { book, store: new PostgresReplanStore(pool), replan: context.replan, policy: askPolicy },
        operation,
        person,
      ),
    audit: async (actor, action, subject, data) => {
      await appendAudit(pool, { actor, action, subject, data });
    },
    acked: (seconds) => metrics.ack.observe(seconds),
  };
  const slack = makeSlackApp(connection, clients, desk, log);
  up.slack = () => slack.connected();
  up.engine = () => engine.current?.ready() ?? false;
  await untilUp(() => slack.start(), log, stopping.signal);
  const sweeping = sweep([new PostgresSweep(pool, enqueue, askPolicy), standingStore], stopping.signal, (error) =>
    log.warn({ error: String(error) }, 'the sweep failed'),
  );
  await noteStart(pool, { host: hostname(), config, commands: commands.map((one) => one.name) });
  await desk.rolesMayHaveChanged();
  await checkStandingTerms(standing);
  log.info({ team: me.team, commands: commands.length }, 'started');
  return {
    httpPort: connection.mode.kind === 'http' ? connection.mode.port : health.port,
    async stop() {
      await slack.stop();
      stopping.abort();
      await Promise.all([leader.close(), engine.current?.close(), sweeping, health.close()]);
      await transport.close();
      await listener.close();
    },
  };
}

/** Releases, with what lies in the data directory already. */
async function startReleases(
  env: Environment,
  config: ConfigFile,
  its: Pick<ReleaseContext, 'hosts' | 'estate' | 'profiles'> & { readonly pool: Database['pool'] },
  log: Logger,
): Promise<Releases> {
  const most = Math.round(config.releases.max_gigabytes * 1e9);
  const releases = openReleases({
    ...its,
    book: new PostgresReleases(its.pool),
    shelf: await openShelf(env.home, { ...MANIFEST_LIMITS, file: most }),
    download: openDownload({
      privateHosts: config.releases.private_hosts,
      most,
      withinMs: config.releases.download_within,
    }),
  });
  // Reading large files takes a while, and nothing waits for them.
  void releases.scan('twokey').then(
    ({ added, refused }) => log.info({ added: added.length, refused }, 'the folder releases was read'),
    (error: unknown) => log.warn({ error: String(error) }, 'the folder releases could not be read'),
  );
  return releases;
}

/** The second factor of approvers, with the key that this replica's data directory holds. */
function openStepUp(env: Environment, { slack }: ConfigFile, pool: Database['pool']) {
  const store = new PostgresStepUpStore(pool, slack.channels.audit ?? slack.channels.operations);
  return makeStepUp(store, otpCodes, async (first) => {
    const key = await totpKey(env.home, KEY_BYTES, first);
    return key.ok ? ok(sealWith(key.value)) : key;
  });
}

function connectionOf(
  env: Environment,
  pages: readonly Page[],
): Connection & { readonly secret: NonNullable<Environment['botToken']> } {
  if (!env.botToken)
    throw new CodedError('bad_configuration', 'SLACK_BOT_TOKEN is missing.', {
      next: 'Put it into .env, or run `npm start` without tokens for the local workspace.',
    });
  const common = { token: env.botToken.reveal(), apiUrl: env.slackApiUrl, secret: env.botToken };
  if (env.appToken) return { ...common, mode: { kind: 'socket', appToken: env.appToken.reveal() } };
  if (env.signingSecret) {
    if (env.httpPort === 0)
      throw new CodedError('bad_configuration', 'HTTP mode needs HTTP_PORT, the port on which Slack reaches Twokey.', {
        next: 'Put HTTP_PORT into .env.',
      });
    return {
      ...common,
      mode: { kind: 'http', signingSecret: env.signingSecret.reveal(), host: env.httpHost, port: env.httpPort, pages },
    };
  }
  throw new CodedError(
    'bad_configuration',
    'Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set.',
    { next: 'Put one of them into .env; see the README.' },
  );
}

const LISTEN_PROBLEMS: ReadonlySet<string> = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL']);

/** Tries until it works: Slack being away at the start is no reason to give up. */
async function untilUp(start: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await start();
      return;
    } catch (error) {
      if (error instanceof Error && 'code' in error && LISTEN_PROBLEMS.has(String(error.code)))
        throw new CodedError('bad_configuration', `Slack's requests cannot be listened for: ${error.message}.`, {
          next: 'Give HTTP_HOST and HTTP_PORT an address of this machine and a free port.',
        });
      log.warn({ error: String(error) }, 'Slack does not answer yet; it is tried again');
      await sleep(1_000, signal);
    }
  }
}

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  return ask().then(
    () => true,
    () => false,
  );
}
