import { nextOpening } from '../../approvals/openings.ts';
import type { PolicyFacts, Risk, Verdict } from '../../approvals/policy.ts';
import { parseWhen } from '../../approvals/when.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { decisionFor, type SitePolicy, type Work } from './site-policy.ts';

/** When somebody wants an operation to start: `at` is a time or `next-window`, `now` the reason of an emergency. */
export interface Timing {
  readonly at: string | null;
  readonly now: string | null;
}

/** At once, or when the policy lets it. */
export const AT_ONCE: Timing = { at: null, now: null };

/** What would become of an operation that is asked for now. */
export interface Assessment {
  readonly verdict: Exclude<Verdict, { kind: 'refuse' }>;
  /** What the verdict was made of. */
  readonly inputs: PolicyFacts;
  /** Votes that are needed. */
  readonly quorum: number;
  /** The named time, or null. */
  readonly notBefore: Date | null;
  /** Until when it is held; null when nothing but votes has to be waited for. */
  readonly opensAt: Date | null;
}

const LONGEST_REASON = 300;

/**
 * Judges when an operation may start and who has to agree, for the time that is asked for. Pure.
 * Refusals: bad_arguments for times and reasons that are none, no_window when it would wait for ever, not_allowed and
 * nothing_gained for emergencies.
 */
export function assess(
  its: SitePolicy,
  risk: Risk,
  timing: Timing,
  now: Date,
  work: Work,
): Result<Assessment, Refusal> {
  if (timing.now !== null) return assessEmergency(its, risk, timing, timing.now.trim(), now, work);
  const notBefore = startTime(its, risk, timing.at, now);
  if (!notBefore.ok) return notBefore;
  const { verdict, inputs } = decisionFor(its, risk, notBefore.value ?? now, null, work);
  if (verdict.kind === 'refuse') return err(verdict.refusal);
  const quorum = quorumOf(verdict);
  if (verdict.kind !== 'hold')
    return ok({ verdict, inputs, quorum, notBefore: notBefore.value, opensAt: notBefore.value });
  if (verdict.until === null)
    return err(
      refusal(
        'no_window',
        `${verdict.why} No window is in sight in the calendar, so it would wait for ever.`,
        'Use `--now "reason"` if it cannot wait, or ask an admin to look at the calendar.',
      ),
    );
  return ok({ verdict, inputs, quorum, notBefore: notBefore.value, opensAt: verdict.until });
}

/** The votes that a verdict asks for. */
export function quorumOf(verdict: Verdict): number {
  return verdict.kind === 'votes' || verdict.kind === 'hold' ? verdict.quorum : 0;
}

function startTime(its: SitePolicy, risk: Risk, at: string | null, now: Date): Result<Date | null, Refusal> {
  if (at === null) return ok(null);
  if (at !== 'next-window') return parseWhen(at, its.calendar?.timezone ?? 'UTC', now);
  // Outside production nothing waits for a window.
  if (!its.asProduction || its.calendar === null) return ok(null);
  const opening = nextOpening(its.calendar, now, risk);
  if (opening === null)
    return err(
      refusal('no_window', 'No window is in sight in the calendar.', 'Name a time with `--at`, or leave `--at` out.'),
    );
  return ok(opening.getTime() === now.getTime() ? null : opening);
}

function assessEmergency(
  its: SitePolicy,
  risk: Risk,
  timing: Timing,
  reason: string,
  now: Date,
  work: Work,
): Result<Assessment, Refusal> {
  if (timing.at !== null)
    return err(refusal('bad_arguments', '`--now` and `--at` contradict one another.', 'Leave one of them out.'));
  if (reason === '' || reason.length > LONGEST_REASON)
    return err(refusal('bad_arguments', `\`--now\` needs a reason of at most ${LONGEST_REASON} characters.`));
  if (!its.policy.emergency)
    return err(
      refusal(
        'not_allowed',
        'Emergencies are switched off for this environment (`policy.emergency`).',
        'Send it without `--now`, or ask an admin.',
      ),
    );
  const { verdict: without } = decisionFor(its, risk, now, null, work);
  if (without.kind !== 'hold') {
    const anyway =
      without.kind === 'votes'
        ? `it needs ${without.quorum} approvals and ${without.typedName ? 'the name of what it works on typed out' : 'nothing else'}`
        : without.kind === 'refuse'
          ? 'it would be refused'
          : without.kind === 'confirm'
            ? 'it starts once you have confirmed it'
            : 'it starts at once';
    return err(
      refusal('nothing_gained', `\`--now\` gains nothing here: without it ${anyway}.`, 'Send it without `--now`.'),
    );
  }
  const { verdict, inputs } = decisionFor(its, risk, now, reason, work);
  if (verdict.kind === 'refuse') return err(verdict.refusal);
  return ok({ verdict, inputs, quorum: quorumOf(verdict), notBefore: null, opensAt: null });
}
