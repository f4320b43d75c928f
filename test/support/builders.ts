import type { Freeze } from '../../approvals/freezes.ts';
import type { PolicyFacts } from '../../approvals/policy.ts';
import type { Ballot, Request, Vote, Voter } from '../../approvals/request.ts';
import type { Standing, StandingTerms } from '../../approvals/standing.ts';
import { parseConfig } from '../../src/config/load.ts';
import { buildEstate } from '../../src/estate/estate.ts';
import { findProfile, loadProfiles, type Profiles } from '../../src/estate/profile-load.ts';
import { type Estate, estateDocument, type Site } from '../../src/estate/types.ts';
import type { SiteFacts } from '../../src/operations/facts.ts';
import { hashPlan, type Plan, type PlannedStep } from '../../src/operations/plan.ts';
import type { OperationRecord, OperationView, StepRecord, VoteRecord } from '../../src/operations/records.ts';
import { policyOf, type SitePolicy } from '../../src/operations/site-policy.ts';

/** Well-formed values of the domain for tests; every field can be replaced. */

export const T0 = new Date('2026-03-02T10:00:00Z');
export const later = (minutes: number): Date => new Date(T0.getTime() + minutes * 60_000);

export const CONFIG_TEXT = `
slack:
  command: /ops
  channels: { operations: C0OPS }
roles: { admin: [U0ADM], operator: [U0REQ], approver: [U0APA, U0APB], viewer: [U0VIEW] }
calendars:
  office: { timezone: Europe/Berlin, working_hours: { mon-fri: "09:00-18:00" } }
policy:
  production: { calendar: office }
  staging: {}
`;
export const config = parseConfig(CONFIG_TEXT, 'twokey.yml');

export function vote(person: string, change: Partial<Vote> = {}): Vote {
  return { person, verdict: 'approve', generation: 1, withdrawn: false, steppedUp: false, ...change };
}

/** A click on Approve, on a card that showed the plan of that generation. */
export const approval = (shown: number | null = 1): Ballot => ({ verdict: 'approve', shown });
export const DENIAL: Ballot = { verdict: 'deny' };

export function voter(person: string, change: Partial<Voter> = {}): Voter {
  return { person, account: person, fullMember: true, approver: true, ...change };
}

export function request(change: Partial<Request> = {}): Request {
  return {
    operation: '7k3m9q2x',
    generation: 1,
    planHash: 'a'.repeat(64),
    requester: 'U0REQ',
    state: 'open',
    quorum: 2,
    requesterCounts: false,
    stepUpRequired: false,
    decideBy: later(60),
    votes: [],
    unconfirmed: null,
    ...change,
  };
}

/** Routine work on production, in the night of a calendar without working hours. */
export function policyFacts(change: Partial<PolicyFacts> = {}): PolicyFacts {
  return {
    risk: 'routine',
    asProduction: true,
    moment: { kind: 'outside', until: null, never: true },
    opens: null,
    closes: null,
    estimateMs: null,
    destroys: false,
    quorum: 2,
    emergency: { allowed: true, reason: null },
    ...change,
  };
}

export const STANDING_TERMS: StandingTerms = {
  definition: { command: 'backup', args: { site: 'acme' }, site: 'acme', cron: '30 2 * * *', zone: 'Europe/Berlin' },
  rules: { risk: 'routine', quorum: '2' },
};

export function standing(change: Partial<Standing> = {}): Standing {
  return {
    ...STANDING_TERMS,
    id: '7k3m9q2x',
    requester: 'U0REQ',
    requesterCounts: false,
    quorum: 2,
    state: 'open',
    decideBy: later(60),
    expiresAt: null,
    votes: [],
    ...change,
  };
}

export function plannedStep(change: Partial<PlannedStep> = {}): PlannedStep {
  return { step: 'db.dump', title: 'Dump', host: 'db1', params: { jobs: '2' }, secrets: ['acme-db'], ...change };
}

export function plan(change: Partial<Plan> = {}): Plan {
  return {
    version: 1,
    command: 'backup',
    args: { site: 'acme' },
    site: 'acme',
    environment: 'production',
    lock: 'acme',
    steps: [plannedStep({ step: 'backup.prepare', title: 'Look' }), plannedStep()],
    cleanup: [plannedStep({ step: 'backup.discard', title: 'Clean up' })],
    effects: ['Reads the database.'],
    ...change,
  };
}

export function operation(change: Partial<OperationRecord> = {}): OperationRecord {
  const its = change.plan ?? plan();
  return {
    id: '7k3m9q2x',
    command: 'backup',
    args: { site: 'acme' },
    line: 'backup acme',
    site: 'acme',
    environment: 'production',
    requester: 'U0REQ',
    plan: its,
    planHash: hashPlan(its),
    verdict: { kind: 'votes', quorum: 2, typedName: false, why: 'This is outside working hours.' },
    quorum: 2,
    requesterCounts: false,
    state: 'awaiting',
    reason: null,
    next: null,
    result: null,
    generation: 1,
    runNumber: 1,
    revision: 1,
    createdAt: T0,
    decideBy: later(60),
    startBy: later(240),
    notBefore: null,
    opensAt: null,
    emergency: null,
    confirmed: null,
    rules: null,
    startedAt: null,
    endedAt: null,
    estimateMs: null,
    cancelRequestedBy: null,
    approversLeft: null,
    seenBy: null,
    ...change,
  };
}

export function stepRecord(n: number, change: Partial<StepRecord> = {}): StepRecord {
  return {
    operation: '7k3m9q2x',
    n,
    step: 'db.dump',
    title: 'Dump the database',
    cleanup: false,
    state: 'waiting',
    host: 'db1',
    jid: null,
    startedAt: null,
    endedAt: null,
    exitCode: null,
    detail: null,
    progress: null,
    outputBytes: 0,
    ...change,
  };
}

export function voteRecord(person: string, change: Partial<VoteRecord> = {}): VoteRecord {
  return {
    operation: '7k3m9q2x',
    generation: 1,
    person,
    verdict: 'approve',
    reason: null,
    at: later(1),
    withdrawnAt: null,
    voidReason: null,
    steppedUp: false,
    ...change,
  };
}

export function view(change: Partial<OperationRecord> = {}, more: Partial<OperationView> = {}): OperationView {
  return { operation: operation(change), steps: [stepRecord(1), stepRecord(2)], votes: [], readAt: later(5), ...more };
}

export function hostInput(name: string, change: Record<string, unknown> = {}) {
  return { name, address: `${name}.example.com`, user: 'deploy', key_file: '/etc/twokey/key', ...change };
}

export function siteInput(name: string, host: string, change: Record<string, unknown> = {}) {
  const database = { host: 'localhost', name: 'app', user: 'backup' };
  return { name, environment: 'production', host, site_dir: `/srv/${name}`, version: '8.1.0', database, ...change };
}

/** An estate from plain input, checked as an imported file is; throws when it is refused. */
export function estate(hosts: readonly object[], sites: readonly object[]): Estate {
  const built = buildEstate(estateDocument.parse({ clusters: [{ name: 'main', hosts, sites }] }));
  if (!built.ok) throw new Error(built.error.message);
  return built.value;
}

export function siteOf(its: Estate, name: string): Site {
  const site = its.sites.get(name);
  if (!site) throw new Error(`no site ${name}`);
  return site;
}

/** The cluster of `estate` is frozen from T0 less an hour for three hours. */
export const FREEZE: Freeze = {
  id: '7k3m9q2x',
  scope: { kind: 'cluster', name: 'main' },
  from: later(-60),
  until: later(120),
  reason: 'audit',
  by: 'U0ADM',
};

const ACME = estate([hostInput('db1')], [siteInput('acme', 'db1')]);

/** The rules that hold for the production site acme, with some of its policy changed. */
export function policyOfAcme(change: Partial<SitePolicy['policy']> = {}, freezes: readonly Freeze[] = []): SitePolicy {
  const found = policyOf(config, ACME, siteOf(ACME, 'acme'), freezes);
  return { ...found, policy: { ...found.policy, ...change } };
}

/** Read only where a test asks for facts of a site. */
let profiles: Profiles | undefined;

/** What is true of the healthy production site acme, with the profile `script` and no backup yet. */
export function siteFacts(change: Partial<SiteFacts> = {}): SiteFacts {
  const policy = config.policy.production;
  if (!policy) throw new Error('the test configuration has no policy of production');
  const its = change.estate ?? ACME;
  profiles ??= loadProfiles('/nowhere');
  const site = siteOf(its, 'acme');
  const profile = findProfile(profiles, site.profile);
  if (!profile.ok) throw new Error(profile.error.message);
  return {
    site,
    estate: its,
    profile: profile.value,
    settings: { version: 0, document: {}, running: 0, runningDocument: {}, uncertain: false, pendingRedeploy: false },
    policy,
    asProduction: true,
    freshBackup: false,
    toolVersion: '15.18',
    siteDirectory: true,
    compose: null,
    ...change,
  };
}
