import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { assertNever } from '../src/kernel/result.ts';
import type { Moment } from './calendar.ts';

/** How much harm an operation can do; the columns of the policy table. */
export type Risk = 'read' | 'routine' | 'disruptive' | 'break-glass';

/** All that the policy looks at. Gathered by the caller, so that the verdict can be shown and decided again. */
export interface PolicyFacts {
  readonly risk: Risk;
  /** True for production, and for a site that shares its host or its PostgreSQL cluster with production. */
  readonly asProduction: boolean;
  readonly moment: Moment;
  /** When disruptive work finds its window; null when none is in sight. */
  readonly opens: Date | null;
  readonly quorum: number;
  readonly emergency: { readonly allowed: boolean; readonly reason: string | null };
}

/** A sentence for people; it goes onto the card and into the audit log. `warning` says what the policy could not know. */
interface Said {
  readonly why: string;
  readonly warning?: string;
}

/** What must happen before an operation may start. */
export type Verdict =
  | ({ readonly kind: 'run' } & Said)
  | ({ readonly kind: 'confirm' } & Said)
  | ({ readonly kind: 'votes'; readonly quorum: number; readonly typedName: boolean } & Said)
  | ({ readonly kind: 'hold'; readonly quorum: number; readonly until: Date | null } & Said)
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** A verdict with all that it was made of, so that it can be made again. */
export interface Decision {
  readonly verdict: Verdict;
  readonly inputs: PolicyFacts;
}

/** Says what must happen before an operation may start. Pure: the same facts give the same verdict. */
export function decide(facts: PolicyFacts): Verdict {
  const verdict = decideByTable(facts);
  const { moment } = facts;
  const year = moment.kind === 'working' || moment.kind === 'outside' ? moment.unknownYear : undefined;
  if (year === undefined || verdict.kind === 'refuse' || verdict.kind === 'run' || verdict.kind === 'confirm')
    return verdict;
  return { ...verdict, warning: `Nobody knows the holidays of ${year}: give the calendar its dates.` };
}

function decideByTable(facts: PolicyFacts): Verdict {
  if (facts.risk === 'read') return { kind: 'run', why: 'It only reads.' };
  if (!facts.asProduction) return decideElsewhere(facts);
  const { moment, risk, quorum } = facts;
  if (risk === 'break-glass') {
    return { kind: 'votes', quorum, typedName: true, why: 'A break-glass step on production always needs the quorum.' };
  }
  switch (moment.kind) {
    case 'working':
      if (risk === 'disruptive') return heldOrEmergency(facts, 'Disruptive work waits until working hours are over.');
      return moment.unknownYear === undefined
        ? { kind: 'run', why: 'Routine work in working hours runs at once and is recorded.' }
        : { kind: 'votes', quorum, typedName: false, why: 'Today may be a holiday.' };
    case 'freeze':
      return risk === 'routine'
        ? { kind: 'votes', quorum, typedName: false, why: `Changes are frozen (${moment.reason}).` }
        : heldOrEmergency(facts, `Changes are frozen (${moment.reason}).`);
    case 'holiday':
      return { kind: 'votes', quorum, typedName: false, why: `Today is a holiday (${moment.name}).` };
    case 'outside':
      return {
        kind: 'votes',
        quorum,
        typedName: false,
        why: `This is outside working hours.${moment.never ? ' The calendar has no working hours at all, so every change is approved first.' : ''}`,
      };
    default:
      return assertNever(moment);
  }
}

function decideElsewhere(facts: PolicyFacts): Verdict {
  switch (facts.risk) {
    case 'break-glass':
      return {
        kind: 'votes',
        quorum: facts.quorum,
        typedName: true,
        why: 'A break-glass step needs the quorum everywhere.',
      };
    case 'disruptive':
      return { kind: 'confirm', why: 'Disruptive work outside production needs one confirmation.' };
    case 'routine':
    case 'read':
      return { kind: 'run', why: 'This is not production.' };
    default:
      return assertNever(facts.risk);
  }
}

function heldOrEmergency(facts: PolicyFacts, why: string): Verdict {
  const { emergency, quorum } = facts;
  if (emergency.reason === null) return { kind: 'hold', quorum, until: facts.opens, why };
  if (!emergency.allowed) {
    return { kind: 'refuse', refusal: refusal('not_allowed', 'Emergencies are switched off for this environment.') };
  }
  return { kind: 'votes', quorum, typedName: false, why: `Emergency: ${emergency.reason}` };
}
