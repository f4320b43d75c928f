import type { Moment } from '../../approvals/calendar.ts';
import type { Change } from '../../approvals/machine.ts';
import { castVote, withdrawVote } from '../../approvals/machine.ts';
import { decide, type PolicyFacts, type Risk } from '../../approvals/policy.ts';
import type { Voter } from '../../approvals/request.ts';
import { assertNever } from '../../src/kernel/result.ts';
import { judgeClaim, toRequest } from '../../src/operations/gate.ts';
import { hashPlan, type Plan } from '../../src/operations/plan.ts';
import type { ClaimVerdict, PolicyNow, WaitingVerdict } from '../../src/operations/ports.ts';
import type { OperationRecord, VoteRecord } from '../../src/operations/records.ts';
import { hasEnded } from '../../src/operations/state.ts';
import { later, operation, plan, plannedStep } from './builders.ts';

/** A small world for random walks: one operation, people who come and go, a host that changes, a calendar that turns. */

export const PEOPLE = ['U0REQ', 'U0APA', 'U0APB', 'U0APC', 'U0OUT', 'U0GUEST'] as const;
export const REQUESTER = 'U0REQ';

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
  readonly minute: number;
}

/** What a process has learned before it tries to claim a run: another may have moved on meanwhile. */
interface Gathered {
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
const planOf = (facts: number): Plan => PLANS[facts % PLANS.length] ?? plan();
const hashOf = (facts: number): string => HASHES[facts % PLANS.length] ?? '';

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
    quorum: world.quorum,
    emergency: { allowed: true, reason: world.settings.emergency ? 'the disk fills' : null },
  };
}

const rules = (world: Pick<World, 'quorum' | 'requesterCounts'>) => ({
  quorum: String(world.quorum),
  'requester counts': world.requesterCounts ? 'yes' : 'no',
});

function policyNow(world: World): PolicyNow {
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
  const needs = verdict.kind === 'votes' || verdict.kind === 'hold';
  const opensAt = verdict.kind === 'hold' ? verdict.until : null;
  const opens = opensAt === null ? later(settings.minute) : opensAt;
  return {
    ...base,
    operation: operation({
      plan: planOf(0),
      planHash: hashOf(0),
      requester: REQUESTER,
      verdict,
      quorum: needs ? settings.quorum : 0,
      requesterCounts: settings.requesterCounts,
      rules: rules(base),
      state: verdict.kind === 'hold' ? 'held' : needs ? 'awaiting' : 'queued',
      runNumber: needs ? 0 : 1,
      createdAt: later(settings.minute),
      decideBy: needs ? plus(opens, DECIDE_WITHIN) : null,
      startBy: plus(opens, START_WITHIN),
      opensAt,
      emergency: settings.emergency ? 'the disk fills' : null,
    }),
  };
}

const plus = (at: Date, minutes: number) => new Date(at.getTime() + minutes * 60_000);
const latest = (...dates: readonly (Date | null)[]) =>
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

/** One event, with the effects that the stores write for it. */
export function step(world: World, { act, person, minutes }: Event): Outcome {
  const same = (change: Partial<World>): Outcome => ({ world: { ...world, ...change }, change: null, verdict: null });
  switch (act) {
    case 'approve':
    case 'deny':
      return click(world, person, act);
    case 'approve twice':
      return click(click(world, person, 'approve').world, person, 'approve');
    case 'withdraw':
      return withdrawn(world, person);
    case 'wait':
      return same({ minute: world.minute + minutes });
    case 'jump':
      return same({ minute: world.minute + (minutes - 20) * 5 });
    case 'lose role':
      return same({ fired: new Set([...world.fired, person]) });
    case 'regain role':
      return same({ fired: new Set([...world.fired].filter((one) => one !== person)) });
    case 'drift':
      return same({ facts: world.facts + 1 });
    case 'freeze':
    case 'unfreeze':
      return same({ frozen: act === 'freeze' });
    case 'raise quorum':
      return same({ quorum: Math.min(3, world.quorum + 1) });
    case 'let requester count':
      return same({ requesterCounts: true });
    case 'sweep':
      return { world: swept(world), change: null, verdict: null };
    case 'gather':
      return same({ gathered: gather(world) });
    case 'claim':
      return claim(world, false);
    case 'crash in claim':
      return claim(world, true);
    case 'cancel':
      return same({ operation: ended(world.operation, 'cancelled') });
    default:
      return assertNever(act);
  }
}

const waits = ({ state }: OperationRecord) => state === 'awaiting' || state === 'held';
const unstarted = (it: OperationRecord) => waits(it) || it.state === 'queued';
const ended = (it: OperationRecord, state: 'cancelled' | 'expired'): OperationRecord =>
  unstarted(it) ? { ...it, state } : it;
const queued = (it: OperationRecord): OperationRecord => ({ ...it, state: 'queued', runNumber: it.runNumber + 1 });

function click(world: World, person: string, verdict: 'approve' | 'deny'): Outcome {
  const { operation: it, votes } = world;
  const judged = castVote(toRequest(it, votes), voterOf(world, person), verdict, later(world.minute));
  if (!judged.ok || judged.value.kind !== 'vote') return { world, change: null, verdict: null };
  const row: VoteRecord = {
    operation: it.id,
    generation: it.generation,
    person,
    verdict,
    reason: null,
    at: later(world.minute),
    withdrawnAt: null,
    voidReason: null,
    steppedUp: false,
  };
  const rest = votes.filter((one) => one.person !== person || one.generation !== it.generation);
  const { becomes } = judged.value;
  const next =
    becomes === 'denied'
      ? { ...it, state: 'denied' as const }
      : becomes === 'approved' && it.state !== 'held'
        ? queued(it)
        : it;
  return { world: { ...world, operation: next, votes: [...rest, row] }, change: judged.value, verdict: null };
}

function withdrawn(world: World, person: string): Outcome {
  const { operation: it, votes } = world;
  const judged = withdrawVote(toRequest(it, votes), voterOf(world, person), later(world.minute));
  if (!judged.ok) return { world, change: null, verdict: null };
  return {
    world: {
      ...world,
      operation: it.state === 'queued' ? { ...it, state: 'awaiting' } : it,
      votes: votes.map((one) =>
        one.person === person && one.generation === it.generation ? { ...one, withdrawnAt: later(world.minute) } : one,
      ),
    },
    change: judged.value,
    verdict: null,
  };
}

/** What time alone brings about: windows open, deadlines pass. */
function swept(world: World): World {
  const { operation: it, votes } = world;
  const now = later(world.minute);
  const { state } = toRequest(it, votes);
  if (it.state === 'held' && it.opensAt !== null && now >= it.opensAt)
    return { ...world, operation: state === 'approved' ? queued(it) : { ...it, state: 'awaiting' } };
  const undecided = waits(it) && state === 'open' && it.decideBy !== null && now >= it.decideBy;
  const late = (it.state === 'queued' || it.state === 'held') && it.startBy !== null && now >= it.startBy;
  return undecided || late ? { ...world, operation: ended(it, 'expired') } : world;
}

function gather(world: World): Gathered {
  const { operation: it, votes } = world;
  const eligible = votes
    .filter(
      (one) => one.generation === it.generation && one.verdict === 'approve' && !one.withdrawnAt && !one.voidReason,
    )
    .map(({ person }): [string, boolean] => {
      const { fullMember, approver } = voterOf(world, person);
      return [person, fullMember && (approver || (it.requesterCounts && person === REQUESTER))];
    });
  return { runNumber: it.runNumber, plan: planOf(world.facts), eligible: new Map(eligible), requester: null };
}

function claim(world: World, crashes: boolean): Outcome {
  const { operation: it, votes, gathered } = world;
  if (gathered === null) return { world: { ...world, gathered: gather(world) }, change: null, verdict: null };
  const facts = { operation: it, votes, freezes: [], now: later(world.minute) };
  const verdict = judgeClaim(facts, gathered, () => policyNow(world), gathered.runNumber);
  // Whether it is written or the process dies before: who tries again looks again.
  const left = { ...world, gathered: null };
  return { world: crashes ? left : written(left, verdict), change: null, verdict: crashes ? null : verdict };
}

function written(world: World, verdict: ClaimVerdict): World {
  const { operation: it, votes } = world;
  switch (verdict.kind) {
    case 'ignore':
    case 'wait':
      return world;
    case 'start':
      return { ...world, operation: { ...it, state: 'running', startedAt: later(world.minute) } };
    case 'end':
      return { ...world, operation: hasEnded(it.state) ? it : { ...it, state: verdict.state } };
    case 'drift':
      return {
        ...world,
        operation: {
          ...waitAgain(world, verdict.policy),
          plan: verdict.plan,
          planHash: verdict.planHash,
          generation: it.generation + 1,
          rules: verdict.rules,
          requesterCounts: verdict.requesterCounts,
        },
        votes: votes.map((one) => (one.generation === it.generation ? { ...one, voidReason: 'drift' } : one)),
      };
    case 'reopen':
      return {
        ...world,
        operation: waitAgain(world, verdict.policy),
        votes: votes.map((one) =>
          one.generation === it.generation && verdict.voided.includes(one.person)
            ? { ...one, voidReason: 'no longer an approver' }
            : one,
        ),
      };
    default:
      return assertNever(verdict);
  }
}

function waitAgain({ operation: it, minute }: World, policy: WaitingVerdict): OperationRecord {
  const opensAt = policy.kind === 'hold' ? policy.until : null;
  return {
    ...it,
    state: policy.kind === 'hold' ? 'held' : 'awaiting',
    verdict: policy,
    quorum: policy.quorum,
    opensAt,
    decideBy: plus(latest(later(minute), opensAt), DECIDE_WITHIN),
    startBy: latest(it.startBy, opensAt === null ? null : plus(opensAt, START_WITHIN)),
  };
}
