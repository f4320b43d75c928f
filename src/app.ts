import { hostname } from 'node:os';
import type { Command } from '../commands/contract/command.ts';
import type { Engine } from './adapters/engine/engine.ts';
import { openSecrets } from './adapters/files/secrets.ts';
import { healthPages, Metrics, startHealth } from './adapters/http/health.ts';
import type { Logger } from './adapters/log/logger.ts';
import { PostgresAuditBook } from './adapters/postgres/audit-reader.ts';
import { appendAudit } from './adapters/postgres/audit-store.ts';
import { PostgresBackupBook } from './adapters/postgres/backup-store.ts';
import { noteStart } from './adapters/postgres/change-notes.ts';
import type { Database } from './adapters/postgres/database.ts';
import { PostgresDutyBook } from './adapters/postgres/duty-store.ts';
import { PostgresEstateBook } from './adapters/postgres/estate-book.ts';
import { loadEstate } from './adapters/postgres/estate-store.ts';
import { makeEvidence } from './adapters/postgres/evidence-store.ts';
import { PostgresFreezeBook } from './adapters/postgres/freeze-store.ts';
import { PostgresHostFactBook } from './adapters/postgres/host-fact-store.ts';
import { PostgresJournal } from './adapters/postgres/journal.ts';
import { PostgresLeftovers } from './adapters/postgres/leftover-store.ts';
import { Listener } from './adapters/postgres/notify.ts';
import { activeByState } from './adapters/postgres/operation-counts.ts';
import { type EnqueueRun, PostgresOperationBook } from './adapters/postgres/operation-store.ts';
import { PostgresPatches } from './adapters/postgres/patch-store.ts';
import { PostgresReplanStore } from './adapters/postgres/replan-store.ts';
import { PostgresRequestStore } from './adapters/postgres/request-store.ts';
import { PostgresReviews } from './adapters/postgres/review-store.ts';
import { PostgresRunStore } from './adapters/postgres/run-store.ts';
import { PostgresSettings } from './adapters/postgres/settings-store.ts';
import { PostgresStandingStore } from './adapters/postgres/standing-store.ts';
import { DEADLINES_MS, LEFTOVERS_MS, sweep } from './adapters/postgres/sweep.ts';
import { PostgresSweep } from './adapters/postgres/sweep-store.ts';
import { openClients } from './adapters/slack/clients.ts';
import { Identity } from './adapters/slack/identity.ts';
import { activeIn } from './adapters/slack/inbound/access.ts';
import { makeSlackApp } from './adapters/slack/inbound/app.ts';
import type { Desk } from './adapters/slack/inbound/desk.ts';
import { giveFile } from './adapters/slack/outbound/upload.ts';
import { whoAmI } from './adapters/slack/who-am-i.ts';
import { createDial } from './adapters/ssh/dial.ts';
import { createHosts } from './adapters/ssh/hosts.ts';
import { createJobs } from './adapters/ssh/jobs.ts';
import { createTransport } from './adapters/ssh/transport.ts';
import { asksAgain } from './app/again.ts';
import { startAnnouncing } from './app/announcing.ts';
import { connectionOf, untilUp } from './app/connection.ts';
import { startReleases } from './app/releases.ts';
import { watchRoles } from './app/roles.ts';
import { startRuns } from './app/runs.ts';
import { openStepUp, standingContext } from './app/votes.ts';
import type { Environment } from './config/environment.ts';
import { personOf } from './config/people.ts';
import type { ConfigFile } from './config/schema.ts';
import { loadDutyLists } from './estate/duty-lists.ts';
import { loadProfiles } from './estate/profile-load.ts';
import { CodedError } from './kernel/errors.ts';
import { removeLeftovers } from './operations/leftovers.ts';
import { openPatches } from './operations/patches/service.ts';
import { considerOperation, replanOperation, requestOperation } from './operations/request.ts';
import { checkStandingTerms } from './operations/standing.ts';

export interface RunningApp {
  readonly httpPort: number;
  /** Stops taking anything in; remote jobs go on. */
  stop(): Promise<void>;
}

/** Puts everything together and starts it. This file and its parts in app/ are the only place that knows all adapters. */
export async function startApp(
  env: Environment,
  config: ConfigFile,
  database: Database,
  log: Logger,
  commands: readonly Command[],
): Promise<RunningApp> {
  const { pool, connectionString } = database;
  const profiles = loadProfiles(env.home);
  const dutyLists = loadDutyLists(env.home, profiles);
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
  const transport = createTransport();
  const hosts = createHosts(createJobs(transport), estate, own);
  const clients = openClients(connection.secret, connection.apiUrl);
  const me = await whoAmI(clients.control, log, stopping.signal);
  const identity = new Identity(clients.control, config, me.team);
  const watch = watchRoles(pool, identity, config, log, stopping.signal);

  const engine: { current: Engine | null } = { current: null };
  const enqueue: EnqueueRun = async (client, operation, runNumber, site) => {
    if (!engine.current) throw new CodedError('database_down', 'the engine has not started yet');
    await engine.current.enqueue(client, operation, runNumber, site);
  };
  const estateBook = new PostgresEstateBook(pool);
  const dial = createDial(estate, own);
  const settings = new PostgresSettings(pool);
  const known = {
    config,
    commands,
    estate,
    estateBook,
    backups: new PostgresBackupBook(pool),
    dial,
    profiles,
    settings,
    secrets: own.secrets,
    hosts,
    identity,
  };
  const again = asksAgain(known);
  const store = new PostgresRunStore(pool, listener);
  engine.current = await startRuns(
    connectionString,
    { ...again, hosts, store, secrets: own.secrets, estate, stopping: stopping.signal },
    log,
    // Those who could approve it may be too few by now.
    () => watch.changed(),
  );

  const book = new PostgresOperationBook(pool, enqueue);
  const freezes = new PostgresFreezeBook(pool);
  const reviews = new PostgresReviews(pool, config.people);
  const standingStore = new PostgresStandingStore(pool);
  const standing = standingContext({ ...known, store: standingStore, now: () => book.now() });
  const leader = startAnnouncing(database, { config, identity, clients, listener, reviews, log });

  const asking = {
    ...known,
    book,
    freezes: () => freezes.current(),
    approvers: () => identity.active('approver'),
    reviewers: () => activeIn({ identity }, ['approver', 'admin']),
  };
  const releases = await startReleases(env, {
    ...known,
    pool,
    log,
    slack: { client: clients.log, apiUrl: connection.apiUrl, token: connection.secret, team: me.team },
  });
  const replanning = { ...again, book, store: new PostgresReplanStore(pool) };
  const desk: Desk = {
    ...known,
    log,
    book,
    journal: new PostgresJournal(pool),
    auditBook: new PostgresAuditBook(pool),
    evidence: (operation, person) => makeEvidence(pool, operation, person),
    giveFile: (person, file, comment) => giveFile(clients.control, person, file, comment, stopping.signal),
    rolesMayHaveChanged: () => watch.changed(),
    hostFacts: new PostgresHostFactBook(pool),
    duties: { lists: dutyLists, book: new PostgresDutyBook(pool) },
    releases,
    patches: openPatches({ ...known, releases, book: new PostgresPatches(pool) }),
    freezes,
    votes: new PostgresRequestStore(pool, enqueue),
    stepUp: openStepUp(env, config, pool),
    reviews,
    standing,
    consider: (wanted) => considerOperation(asking, wanted),
    request: (asked) => requestOperation(asking, asked),
    replan: (operation, person) => replanOperation(replanning, operation, person),
    audit: async (account, action, subject, data) => {
      const actor = personOf(config.people, account);
      await appendAudit(pool, { actor, action, subject, data: actor === account ? data : { ...data, account } });
    },
    acked: (seconds) => metrics.ack.observe(seconds),
  };
  const slack = makeSlackApp(connection, clients, desk, log);
  up.slack = () => slack.connected();
  up.engine = () => engine.current?.ready() ?? false;
  await untilUp(() => slack.start(), log, stopping.signal);
  const onSweep = (error: unknown) => log.warn({ error: String(error) }, 'the sweep failed');
  const { signal } = stopping;
  const sweeping = sweep(
    [new PostgresSweep(pool, enqueue, again.policy), standingStore],
    DEADLINES_MS,
    signal,
    onSweep,
  );
  const tidy = { book: new PostgresLeftovers(pool), hosts, estate };
  // Not waited for at the end: a host that does not answer would hold that up, and what is left is for the next start.
  void sweep([{ round: () => removeLeftovers(tidy, signal) }], LEFTOVERS_MS, signal, onSweep);
  await noteStart(pool, { host: hostname(), config, commands: commands.map((one) => one.name) });
  await watch.begin();
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

async function answers(ask: () => Promise<unknown>): Promise<boolean> {
  return ask().then(
    () => true,
    () => false,
  );
}
