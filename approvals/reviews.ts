import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';
import type { Risk } from './policy.ts';
import type { Actor } from './request.ts';

/** What has to be looked at afterwards: work that did not wait for its window, and work that breaks the glass. */
export type ReviewKind = 'emergency' | 'break-glass';

/** A review as decisions need it. It opens with the operation itself. */
export interface Review {
  readonly operation: string;
  readonly kind: ReviewKind;
  /** Who asked for the operation. */
  readonly person: string;
  readonly openedAt: Date;
  /** True when nothing more happens to the operation by itself. */
  readonly ended: boolean;
  readonly closed: Closing | null;
}

export interface Closing {
  /** A person, or `twokey` where it closed itself. */
  readonly by: string;
  readonly at: Date;
  readonly note: string;
}

/** Somebody who wants to close a review, resolved at that moment. */
export interface Closer extends Actor {
  readonly fullMember: boolean;
  readonly approver: boolean;
  readonly admin: boolean;
}

/** Length of a note in characters. */
export const LONGEST_NOTE = 1_000;
/** How many people and reviews a refusal names. */
const MOST_NAMED = 8;

/** Whether an operation has to be reviewed, and as what; `emergency` is the reason why it could not wait, or null. */
export function reviewKind(risk: Risk, emergency: string | null): ReviewKind | null {
  if (risk === 'break-glass') return 'break-glass';
  return emergency === null ? null : 'emergency';
}

/**
 * Judges the closing of a review: once, by somebody else than the one who asked, an approver or an admin, after the
 * operation has ended, with words. Answers the note as it is kept.
 */
export function closeReview(review: Review, closer: Closer, note: string): Result<string, Refusal> {
  if (!closer.fullMember)
    return err(refusal('foreign_user', 'Guests, bots, deactivated people and other workspaces never close a review.'));
  if (closer.person === review.person)
    return err(
      refusal('self_approval', 'You asked for this, so you cannot close its review.', 'Somebody else has to close it.'),
    );
  if (!closer.approver && !closer.admin)
    return err(refusal('not_allowed', 'Only approvers and admins may close a review.'));
  if (review.closed)
    return err(
      refusal('request_closed', `This review has been closed already, ${byWhom(review.closed)}.`, 'Nothing to do.'),
    );
  if (!review.ended) return err(refusal('review_early', 'The operation has not ended, so nobody can say how it went.'));
  const kept = note.trim();
  if (kept === '') return err(refusal('bad_arguments', 'Closing a review needs a note: what you saw.'));
  if (kept.length > LONGEST_NOTE)
    return err(refusal('bad_arguments', `A note has at most ${LONGEST_NOTE} characters.`, 'Say it in fewer words.'));
  return ok(kept);
}

/** `by <@U0APA>`, or `by itself`. */
export function byWhom(closing: Closing): string {
  return closing.by === 'twokey' ? 'by itself' : `by <@${closing.by}>`;
}

/** Why a review closes itself when its operation ends; null when a person has to. What is lost may have run. */
export function closesItself(started: boolean, state: string): string | null {
  return started || state === 'lost' ? null : `It never ran: ${state} before its start.`;
}

/**
 * Whether these open reviews of a person bar the next break-glass operation of that person, and who can close them.
 * Every open one does, whatever has become of its operation, so no two break-glass operations of one person are on
 * their way at once.
 */
export function barredByReviews(open: readonly Review[], closers: readonly string[]): Refusal | null {
  const [first] = open;
  if (!first) return null;
  const others = closers.filter((one) => one !== first.person).slice(0, MOST_NAMED);
  const who = others.length === 0 ? 'Another approver or an admin' : others.map((one) => `<@${one}>`).join(' or ');
  const named = open
    .slice(0, MOST_NAMED)
    .map(({ operation, kind, ended }) => `${operation} (${kind}${ended ? '' : ', not ended yet'})`);
  const more = open.length > named.length ? ` and ${open.length - named.length} more` : '';
  return refusal(
    'review_open',
    `Break-glass is barred for you while a review of yours is open: ${named.join(', ')}${more}.`,
    `${who} can close it once the operation has ended; \`reviews\` says how. One that has not started can be cancelled, and closes itself.`,
  );
}
