import type { EvidenceName } from '../estate/duty.ts';
import type { Profile } from '../estate/profile.ts';
import { coverageOf } from '../estate/profile-coverage.ts';
import type { Site } from '../estate/types.ts';
import { durationInWords } from '../kernel/duration.ts';
import type { OperationRecord } from './records.ts';
import type { SitePolicy } from './site-policy.ts';

/** What Twokey knows of a site at an instant, gathered once for all its duties. */
export interface DutyFacts {
  readonly site: Site;
  readonly profile: Profile;
  readonly policy: SitePolicy;
  readonly now: Date;
  /** Its newest operations, the newest first. */
  readonly operations: readonly OperationRecord[];
  /** Everybody who may approve now. */
  readonly approvers: readonly string[];
  /** Open reviews of this site. */
  readonly openReviews: number;
}

/** The present state of a duty: nothing is guessed, and what nobody can tell is unknown. */
export interface Evidence {
  readonly state: 'ok' | 'bad' | 'unknown';
  readonly words: string;
}

const ok = (words: string): Evidence => ({ state: 'ok', words });
const bad = (words: string): Evidence => ({ state: 'bad', words });
const unknown = (words: string): Evidence => ({ state: 'unknown', words });

/** The last backup that was read back after it was made, not only written. */
function lastVerifiedBackup(operations: readonly OperationRecord[]): Date | null {
  const found = operations.find(
    (one) =>
      one.command === 'backup' &&
      one.state === 'succeeded' &&
      one.endedAt !== null &&
      one.plan.steps.some((step) => step.step === 'db.verify'),
  );
  return found?.endedAt ?? null;
}

function backupVerified({ operations, now, policy: { policy } }: DutyFacts): Evidence {
  const at = lastVerifiedBackup(operations);
  if (at === null)
    return bad(
      operations.length === 0 ? 'Twokey has made no backup' : `none among the last ${operations.length} operations`,
    );
  const age = Math.max(0, now.getTime() - at.getTime());
  const words = `the last verified one is ${durationInWords(age)} old`;
  return age <= policy.fresh_backup ? ok(words) : bad(`${words}, more than ${durationInWords(policy.fresh_backup)}`);
}

function approversPool({ approvers, policy: { policy } }: DutyFacts): Evidence {
  // Whoever asks may be one of them, and never counts unless the policy says so.
  const needed = policy.requester_counts ? policy.quorum : policy.quorum + 1;
  const words = `${approvers.length} may approve, ${policy.quorum} have to agree`;
  if (approvers.length < policy.quorum) return bad(words);
  return approvers.length < needed ? bad(`${words}: too few when one of them asks`) : ok(words);
}

function hostKeys({ site: { hostOf } }: DutyFacts): Evidence {
  if (hostOf.shell === 'none') return unknown(`Twokey never connects to ${hostOf.name}`);
  const [count, authorities] = [hostOf.host_keys.length, hostOf.host_ca.length];
  if (authorities > 0) return ok(`${authorities} authorities vouch for ${hostOf.name}`);
  return count > 0 ? ok(`${count} pinned for ${hostOf.name}`) : bad(`none is pinned for ${hostOf.name}`);
}

function backupCoverage({ profile: { datastores } }: DutyFacts): Evidence {
  const none = datastores.filter(({ backup }) => backup.none !== undefined).map((one) => one.name);
  const words = `${datastores.length - none.length} of ${datastores.length} datastores have a way of backup`;
  return ok(none.length === 0 ? words : `${words}; reasons for none: ${none.join(', ')}`);
}

function profileCommands({ profile }: DutyFacts): Evidence {
  const { notSet } = coverageOf(profile);
  if (notSet.length === 0) return ok('every command is set');
  return bad(`${notSet.length} not set: ${notSet.map(({ place }) => place.replace(/^commands\./, '')).join(', ')}`);
}

function calendarHours({ policy: { calendar, problem, asProduction } }: DutyFacts): Evidence {
  if (problem !== null) return bad(problem);
  if (calendar !== null) return ok(`a calendar holds, in ${calendar.timezone}`);
  return asProduction ? bad('no calendar holds for it') : ok('none is needed: it is not treated as production');
}

function signoffList({ profile: { signoff } }: DutyFacts): Evidence {
  return signoff.length === 0
    ? bad('the profile has no checklist')
    : unknown(`a checklist of ${signoff.length} is there; nobody records yet that it was done`);
}

function reviewsClosed({ openReviews }: DutyFacts): Evidence {
  return openReviews === 0
    ? ok('no review is open')
    : bad(openReviews === 1 ? 'one review is open' : `${openReviews} reviews are open`);
}

const JUDGEMENTS: Readonly<Record<EvidenceName, (facts: DutyFacts) => Evidence>> = {
  'approvers.pool': approversPool,
  'backup.coverage': backupCoverage,
  'backup.verified': backupVerified,
  'calendar.hours': calendarHours,
  'host.keys': hostKeys,
  'profile.commands': profileCommands,
  'reviews.closed': reviewsClosed,
  'signoff.list': signoffList,
};

/** What is known of a duty now; unknown where nothing tells Twokey. */
export function evidenceOf(name: EvidenceName | undefined, facts: DutyFacts): Evidence {
  return name === undefined ? unknown('nothing tells Twokey') : JUDGEMENTS[name](facts);
}
