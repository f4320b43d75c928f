import { durationInWords } from '../src/kernel/duration.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { assertNever } from '../src/kernel/result.ts';
import type { Moment } from './calendar.ts';
import type { Closing } from './openings.ts';

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
  /** When that window closes again; null when that is not in sight. */
  readonly closes: Closing | null;
  /** How long such work usually takes on this site, in milliseconds; null when nobody knows. */
  readonly estimateMs: number | null;
  /** True when the plan has a step that destroys something. */
  readonly destroys: boolean;
  readonly quorum: number;
  readonly emergency: { readonly allowed: boolean; readonly reason: string | null };
}

/** A sentence for people; it goes onto the card and into the audit log. `warning` says what the policy could not know. */
interface Said {
  readonly why: string;
  readonly warning?: string;
}

/**
 * What must happen before an operation may start. `confirm` and `typedName` are for the requester: one click, or the
 * site's name typed out, `withReason` with a reason; see confirmation.ts.
 */
export type Verdict =
  | ({ readonly kind: 'run' } & Said)
  | ({ readonly kind: 'confirm'; readonly typedName?: boolean } & Said)
  | ({
      readonly kind: 'votes';
      readonly quorum: number;
      readonly typedName: boolean;
      readonly withReason?: boolean;
    } & Said)
  | ({
      readonly kind: 'hold';
      readonly quorum: number;
      readonly until: Date | null;
      readonly typedName?: boolean;
    } & Said)
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** A verdict with all that it was made of, so that it can be made again. */
export interface Decision {
  readonly verdict: Verdict;
  readonly inputs: PolicyFacts;
}

/** Says what must happen before an operation may start. Pure: the same facts give the same verdict. */
export function decide(facts: PolicyFacts): Verdict {
  const verdict = withDestruction(decideByTable(facts), facts);
  if (verdict.kind === 'refuse') return verdict;
  const warnings = [unknownHolidays(facts, verdict), overrun(facts, verdict)].filter((one) => one !== null);
  return warnings.length === 0 ? verdict : { ...verdict, warning: warnings.join(' ') };
}

/** What destroys something needs the name of what it works on, typed by the requester, whatever else it needs. */
function withDestruction(verdict: Verdict, { destroys }: PolicyFacts): Verdict {
  if (!destroys || verdict.kind === 'refuse') return verdict;
  if (verdict.kind !== 'run') return { ...verdict, typedName: true };
  return { ...verdict, kind: 'confirm', typedName: true, why: 'It destroys something, so it has to be confirmed.' };
}

function unknownHolidays({ moment }: PolicyFacts, verdict: Verdict): string | null {
  const year = moment.kind === 'working' || moment.kind === 'outside' ? moment.unknownYear : undefined;
  if (year === undefined || (verdict.kind !== 'votes' && verdict.kind !== 'hold')) return null;
  return `Nobody knows the holidays of ${year}: give the calendar its dates.`;
}

/** Says when work that belongs outside working hours would usually run on into them, or into a freeze. It never blocks. */
function overrun(facts: PolicyFacts, verdict: Verdict): string | null {
  const { asProduction, risk, moment, opens, closes, estimateMs } = facts;
  if (!asProduction || (risk !== 'disruptive' && risk !== 'break-glass')) return null;
  const inWindow = moment.kind === 'outside' || moment.kind === 'holiday';
  const waits = verdict.kind === 'hold' || (verdict.kind === 'votes' && inWindow);
  if (!waits || opens === null || closes === null || estimateMs === null) return null;
  const room = closes.at.getTime() - opens.getTime();
  if (estimateMs <= room) return null;
  const begin = closes.into === 'working hours' ? 'working hours begin' : 'a freeze begins';
  return `It usually takes ${durationInWords(estimateMs)}, but ${begin} ${durationInWords(room)} after its earliest start.`;
}

function decideByTable(facts: PolicyFacts): Verdict {
  if (facts.risk === 'read') return { kind: 'run', why: 'It only reads.' };
  if (!facts.asProduction) return decideElsewhere(facts);
  const { moment, risk, quorum } = facts;
  if (risk === 'break-glass') {
    // A freeze lies above working hours, so it asks for no less.
    const withReason = moment.kind === 'working' || moment.kind === 'freeze';
    const why = 'A break-glass step on production always needs the quorum.';
    return { kind: 'votes', quorum, typedName: true, ...(withReason ? { withReason } : {}), why };
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
  return {
    kind: 'votes',
    quorum,
    typedName: false,
    why: 'An emergency does not wait for its window, but needs the quorum.',
  };
}
