import type { Moment } from '../../approvals/calendar.ts';
import { confirmationOf } from '../../approvals/confirmation.ts';
import type { Change } from '../../approvals/machine.ts';
import { decide, type PolicyFacts, type Risk } from '../../approvals/policy.ts';
import type { Voter } from '../../approvals/request.ts';
import { quorumOf } from '../../src/operations/assess.ts';
import { hashPlan, type Plan } from '../../src/operations/plan.ts';
import type { ClaimVerdict, PolicyNow } from '../../src/operations/ports.ts';
import type { OperationRecord, VoteRecord } from '../../src/operations/records.ts';
import { later, operation, plan, plannedStep } from './builders.ts';

/** A small world for random walks: one operation, people who come and go, a host that changes, a calendar that turns. */

export const PEOPLE = ['U0REQ', 'U0APA', 'U0APB', 'U0APC', 'U0OUT', 'U0GUEST'] as const;
export const REQUESTER = 'U0REQ';
/** The name that has to be typed. */
export const SITE = operation().site;

/** Length of the little day, of its working hours and of the clocks, in minutes. */
const DAY = 120;
const WORK = { from: 40, to: 80 };
export const DECIDE_WITHIN = 60;
export const START_WITHIN = 90;

export interface Settings {
  readonly risk: Exclude<Risk, 'read'>;
  readonly asProduction: boolean;
  readonly quorum: number;
  readonly requesterCounts: boolean;
  readonly emergency: boolean;
  /** True when the plan destroys something. */
  readonly destroys: boolean;
  readonly minute: number;
}

/** What a process has learned before it tries to claim a run: another may have moved on meanwhile. */
export interface Gathered {
  readonly runNumber: number;
  readonly plan: Plan;
  readonly eligible: ReadonlyMap<string, boolean>;
  /** Nobody takes the requester's role away here. */
  readonly requester: null;
}

export interface World {
  readonly settings: Settings;
  readonly minute: number;
  readonly operation: OperationRecord;
  readonly votes: readonly VoteRecord[];
  /** The operation as its card was drawn last, which is what people look at when they click. */
  readonly card: OperationRecord;
  /** People who lost what made them eligible. */
  readonly fired: ReadonlySet<string>;
  readonly frozen: boolean;
  /** The policy's own numbers now; they may differ from those under which it was asked for. */
  readonly quorum: number;
  readonly requesterCounts: boolean;
  /** Which plan the host's facts make now. */
  readonly facts: number;
  readonly gathered: Gathered | null;
}

export const ACTS = [
  'approve',
  'approve',
  'approve',
  'approve twice',
  'deny',
  'withdraw',
  'wait',
  'jump',
  'lose role',
  'regain role',
  'drift',
  'confirm',
  'confirm',
  'confirm wrongly',
  'replan',
  'freeze',
  'unfreeze',
  'raise quorum',
  'let requester count',
  'sweep',
  'gather',
  'claim',
  'claim',
  'crash in claim',
  'cancel',
  'redraw',
  'redraw',
  'redraw',
] as const;
export type Act = (typeof ACTS)[number];

export interface Event {
  readonly act: Act;
  readonly person: string;
  readonly minutes: number;
}

/** What came of an event, beside the new world. */
export interface Outcome {
  readonly world: World;
  /** The change that a click made, or null. */
  readonly change: Change | null;
  /** What the gate said, also when a crash took it away before it was written. */
  readonly verdict: ClaimVerdict | null;
}

const PLANS = [0, 1, 2].map((n) => plan({ steps: [plannedStep({ params: { version: String(n) } })], cleanup: [] }));
const HASHES = PLANS.map(hashPlan);
export const planOf = (facts: number): Plan => PLANS[facts % PLANS.length] ?? plan();
export const hashOf = (facts: number): string => HASHES[facts % PLANS.length] ?? '';

export function momentOf(minute: number, frozen: boolean): Moment {
  const inDay = ((minute % DAY) + DAY) % DAY;
  if (frozen) return { kind: 'freeze', reason: 'audit', until: later(minute + DAY) };
  return inDay >= WORK.from && inDay < WORK.to
    ? { kind: 'working', until: later(minute - inDay + WORK.to) }
    : {
        kind: 'outside',
        until: later(minute - inDay + (inDay < WORK.from ? WORK.from : DAY + WORK.from)),
        never: false,
      };
}

function factsOf(world: Pick<World, 'settings' | 'minute' | 'frozen' | 'quorum'>): PolicyFacts {
  const moment = momentOf(world.minute, world.frozen);
  return {
    risk: world.settings.risk,
    asProduction: world.settings.asProduction,
    moment,
    opens: moment.kind === 'outside' ? later(world.minute) : moment.until,
    closes: null,
    estimateMs: null,
    destroys: world.settings.destroys,
    quorum: world.quorum,
    emergency: { allowed: true, reason: world.settings.emergency ? 'the disk fills' : null },
  };
}

const rules = (world: Pick<World, 'quorum' | 'requesterCounts'>) => ({
  quorum: String(world.quorum),
  'requester counts': world.requesterCounts ? 'yes' : 'no',
});

export function policyNow(world: World): PolicyNow {
  const inputs = factsOf(world);
  return { verdict: decide(inputs), inputs, rules: rules(world), requesterCounts: world.requesterCounts };
}

/** As somebody asks: the verdict of that minute decides whether it is queued, held or waits for votes. */
export function begin(settings: Settings): World {
  const base = {
    settings,
    minute: settings.minute,
    frozen: false,
    quorum: settings.quorum,
    requesterCounts: settings.requesterCounts,
    fired: new Set<string>(),
    facts: 0,
    votes: [],
    gathered: null,
  };
  const verdict = decide(factsOf(base));
  if (verdict.kind === 'refuse') throw new Error('nothing is refused in this world');
  const quorum = quorumOf(verdict);
  const waits = quorum > 0 || confirmationOf(verdict) !== null;
  const opensAt = verdict.kind === 'hold' ? verdict.until : null;
  const opens = opensAt === null ? later(settings.minute) : opensAt;
  const asked = operation({
    plan: planOf(0),
    planHash: hashOf(0),
    requester: REQUESTER,
    verdict,
    quorum,
    requesterCounts: settings.requesterCounts,
    rules: rules(base),
    state: verdict.kind === 'hold' ? 'held' : waits ? 'awaiting' : 'queued',
    runNumber: waits ? 0 : 1,
    createdAt: later(settings.minute),
    decideBy: waits ? plus(opens, DECIDE_WITHIN) : null,
    startBy: plus(opens, START_WITHIN),
    opensAt,
    emergency: settings.emergency ? 'the disk fills' : null,
  });
  return { ...base, operation: asked, card: asked };
}

export const plus = (at: Date, minutes: number) => new Date(at.getTime() + minutes * 60_000);
export const latest = (...dates: readonly (Date | null)[]) =>
  new Date(Math.max(...dates.flatMap((date) => (date === null ? [] : [date.getTime()]))));

/** Who somebody is at this moment, as Slack would say it. */
export function voterOf(world: World, person: string): Voter {
  return {
    person,
    account: person,
    fullMember: person !== 'U0GUEST',
    // The requester is an approver as well: it is the rule that keeps his vote out, not the lack of a role.
    approver: person !== 'U0OUT' && !world.fired.has(person),
  };
}
