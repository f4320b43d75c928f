import { castVote, confirmRequest, hasExpired, withdrawVote } from '../../approvals/machine.ts';
import { assertNever } from '../../src/kernel/result.ts';
import { quorumOf } from '../../src/operations/assess.ts';
import { judgeReplan } from '../../src/operations/drift.ts';
import { judgeClaim, toRequest } from '../../src/operations/gate.ts';
import type { ClaimVerdict, Drift, WaitingVerdict } from '../../src/operations/ports.ts';
import type { OperationRecord, VoteRecord } from '../../src/operations/records.ts';
import { hasEnded } from '../../src/operations/state.ts';
import {
  DECIDE_WITHIN,
  type Event,
  type Gathered,
  latest,
  type Outcome,
  planOf,
  plus,
  policyNow,
  REQUESTER,
  SITE,
  START_WITHIN,
  voterOf,
  type World,
} from './approval-world.ts';
import { later } from './builders.ts';

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
    case 'confirm':
      return confirmed(world, person, SITE);
    case 'confirm wrongly':
      return confirmed(world, person, 'acme-staging');
    case 'replan':
      return replanned(world);
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
    case 'redraw':
      return same({ card: world.operation });
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
  const ballot = verdict === 'deny' ? { verdict } : { verdict, shown: world.card.generation };
  const judged = castVote(toRequest(it, votes), voterOf(world, person), ballot, later(world.minute));
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
      operation: it.state === 'queued' && judged.value.becomes === 'open' ? { ...it, state: 'awaiting' } : it,
      votes: votes.map((one) =>
        one.person === person && one.generation === it.generation ? { ...one, withdrawnAt: later(world.minute) } : one,
      ),
    },
    change: judged.value,
    verdict: null,
  };
}

function confirmed(world: World, person: string, name: string): Outcome {
  const { operation: it, votes } = world;
  const given = { shown: world.card.generation, name, reason: 'the disk fills' };
  const judged = confirmRequest(toRequest(it, votes), voterOf(world, person), given, later(world.minute));
  if (!judged.ok || judged.value.kind !== 'confirm') return { world, change: null, verdict: null };
  const next = { ...it, confirmed: { typed: judged.value.typed, reason: given.reason, at: later(world.minute) } };
  const starts = judged.value.becomes === 'approved' && it.state !== 'held';
  return { world: { ...world, operation: starts ? queued(next) : next }, change: judged.value, verdict: null };
}

function replanned(world: World): Outcome {
  const { operation: it, votes } = world;
  const facts = { operation: it, votes, freezes: [], now: later(world.minute) };
  const judged = judgeReplan(facts, planOf(world.facts), () => policyNow(world));
  return { world: judged.ok && judged.value ? drifted(world, judged.value) : world, change: null, verdict: null };
}

/** What time alone brings about: windows open, deadlines pass. */
function swept(world: World): World {
  const { operation: it, votes } = world;
  const now = later(world.minute);
  if (it.state === 'held' && it.opensAt !== null && now >= it.opensAt) return opened(world);
  const undecided = hasExpired(toRequest(it, votes), now);
  const late = (it.state === 'queued' || it.state === 'held') && it.startBy !== null && now >= it.startBy;
  return undecided || late ? { ...world, operation: ended(it, 'expired') } : world;
}

/** The policy is asked again when a window opens: it may have closed meanwhile. */
function opened(world: World): World {
  const { operation: it, votes } = world;
  const asked = policyNow(world).verdict;
  const verdict = asked.kind === 'refuse' ? it.verdict : asked;
  if (verdict.kind === 'hold' && verdict.until !== null && verdict.until > later(world.minute))
    return { ...world, operation: waitAgain(world, verdict, verdict.until) };
  const { state } = toRequest({ ...it, verdict, quorum: quorumOf(verdict) }, votes);
  const next = { ...it, verdict, quorum: quorumOf(verdict) };
  return { ...world, operation: state === 'approved' ? queued(next) : { ...next, state: 'awaiting' } };
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
      return drifted(world, verdict);
    case 'reopen':
      return {
        ...world,
        operation: waitAgain(world, verdict.policy, opening(verdict.policy)),
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

const opening = (policy: WaitingVerdict) => (policy.kind === 'hold' ? policy.until : null);

/** Another plan, or another policy: a new generation that nobody has approved or confirmed. */
function drifted(world: World, drift: Drift): World {
  const { operation: it, votes } = world;
  return {
    ...world,
    operation: {
      ...waitAgain(world, drift.policy, drift.opensAt),
      plan: drift.plan,
      planHash: drift.planHash,
      generation: it.generation + 1,
      rules: drift.rules,
      requesterCounts: drift.requesterCounts,
      confirmed: null,
    },
    votes: votes.map((one) => (one.generation === it.generation ? { ...one, voidReason: 'drift' } : one)),
  };
}

function waitAgain({ operation: it, minute }: World, policy: WaitingVerdict, opensAt: Date | null): OperationRecord {
  return {
    ...it,
    state: opensAt === null && policy.kind !== 'hold' ? 'awaiting' : 'held',
    verdict: policy,
    quorum: quorumOf(policy),
    opensAt,
    decideBy: plus(latest(later(minute), opensAt), DECIDE_WITHIN),
    startBy: latest(it.startBy, opensAt === null ? null : plus(opensAt, START_WITHIN)),
  };
}
