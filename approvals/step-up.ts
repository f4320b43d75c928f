/** Length of a time step in milliseconds: RFC 6238, section 5.2, and what authenticator apps support. */
export const STEP_MS = 30_000;
/** How many steps a phone's clock may be off, to either side. */
const WINDOW = 1;
/** So many wrong codes within the span lock for the span. */
export const MOST_WRONG = 5;
export const LOCK_MS = 15 * 60_000;

/** The name of the bound rule that approvals need a code of the voter's authenticator app. */
export const CODES_RULE = 'codes with approvals';

/** Whether these rules take approvals only with a code; null for what is older than bound rules. */
export function codesRequired(rules: Readonly<Record<string, string>> | null): boolean {
  return rules?.[CODES_RULE] === 'required';
}

/** What is known of the codes that a person has typed. */
export interface CodeHistory {
  /** The step of the last code that was accepted: neither it nor an older one is accepted again. Null before the first. */
  readonly lastStep: number | null;
  /** When wrong codes were typed. */
  readonly wrong: readonly Date[];
  readonly lockedUntil: Date | null;
}

export const NO_HISTORY: CodeHistory = { lastStep: null, wrong: [], lockedUntil: null };

/** `used`: it was right, and has been accepted before. */
export type CodeVerdict =
  | { readonly kind: 'right' }
  | { readonly kind: 'used' }
  | { readonly kind: 'wrong'; readonly left: number }
  | { readonly kind: 'locked'; readonly until: Date; readonly now: boolean };

/**
 * Judges a typed code at the database's time. `codeAt` gives the right code of a step. Answers the verdict and the
 * history to keep. An accepted code takes no wrong one back, so that nobody guesses on between two right ones.
 */
export function judgeCode(
  history: CodeHistory,
  typed: string,
  now: Date,
  codeAt: (step: number) => string,
): { readonly verdict: CodeVerdict; readonly history: CodeHistory } {
  if (history.lockedUntil !== null && now < history.lockedUntil)
    return { verdict: { kind: 'locked', until: history.lockedUntil, now: false }, history };
  const current = Math.floor(now.getTime() / STEP_MS);
  const matching = Array.from({ length: 2 * WINDOW + 1 }, (_, index) => current - WINDOW + index).filter(
    (step) => step >= 0 && codeAt(step) === typed,
  );
  const newest = matching.at(-1);
  if (newest !== undefined && (history.lastStep === null || newest > history.lastStep))
    return { verdict: { kind: 'right' }, history: { ...history, lastStep: newest, lockedUntil: null } };
  if (newest !== undefined) return { verdict: { kind: 'used' }, history };
  const wrong = [...history.wrong.filter((at) => now.getTime() - at.getTime() < LOCK_MS), now];
  if (wrong.length < MOST_WRONG)
    return {
      verdict: { kind: 'wrong', left: MOST_WRONG - wrong.length },
      history: { ...history, wrong, lockedUntil: null },
    };
  const until = new Date(now.getTime() + LOCK_MS);
  return { verdict: { kind: 'locked', until, now: true }, history: { ...history, wrong: [], lockedUntil: until } };
}
