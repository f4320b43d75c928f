import type { ThingKind } from '../src/estate/thing.ts';
import type { Verdict } from './policy.ts';

/** What is asked of the requester beyond asking: one click, or the name of what it works on typed out, with a reason where that is true. */
export type Confirmation = { readonly kind: 'click' } | { readonly kind: 'typed'; readonly reason: boolean };

/** What the requester has confirmed. */
export interface Confirmed {
  /** True when the name was typed. */
  readonly typed: boolean;
  readonly reason: string | null;
}

/** What a verdict asks of the requester; null when it asks nothing. */
export function confirmationOf(verdict: Verdict): Confirmation | null {
  switch (verdict.kind) {
    case 'run':
    case 'refuse':
      return null;
    case 'confirm':
      return verdict.typedName === true ? { kind: 'typed', reason: false } : { kind: 'click' };
    case 'votes':
      return verdict.typedName ? { kind: 'typed', reason: verdict.withReason === true } : null;
    case 'hold':
      return verdict.typedName === true ? { kind: 'typed', reason: false } : null;
    default:
      return verdict satisfies never;
  }
}

/** What is left to confirm. A typed name serves for a click; a reason that is asked for now must have been given. */
export function stillAsked(asked: Confirmation | null, given: Confirmed | null): Confirmation | null {
  if (asked === null) return null;
  if (given === null) return asked;
  if (asked.kind === 'click') return null;
  return given.typed && (!asked.reason || given.reason !== null) ? null : asked;
}

/** What has to be typed: `the site’s name`, `the host’s name`. */
export function nameInWords(of: ThingKind): string {
  return `the ${of}’s name`;
}

/** What the requester has to do, as the end of a sentence: `to type the site’s name`. `of`: what the name belongs to. */
export function askedInWords(asked: Confirmation, of: ThingKind): string {
  if (asked.kind === 'click') return 'to confirm it';
  return `to type ${nameInWords(of)}${asked.reason ? ' and give a reason' : ''}`;
}
