import { type CalendarRules, kindAt, momentAt } from './calendar.ts';
import type { Risk } from './policy.ts';

/** Changes that are looked at before a calendar is said to open or close no window; two weeks have far fewer. */
const MOST_CHANGES = 200;

/**
 * The first instant from `at` on at which work of this risk finds its window: working hours for routine work, which
 * runs without votes then; everything but working hours and freezes for disruptive work. Null when none comes in sight.
 */
export function nextOpening(rules: CalendarRules, at: Date, risk: Risk): Date | null {
  let instant: Date | null = at;
  for (let n = 0; n < MOST_CHANGES && instant !== null; n += 1) {
    if (isOpen(kindAt(rules, instant), risk)) return instant;
    instant = momentAt(rules, instant).until;
  }
  return null;
}

/** When a window closes, and what begins then. */
export interface Closing {
  readonly at: Date;
  readonly into: 'working hours' | 'a freeze';
}

/** The first instant from `at` on that is no window for disruptive work any more; null when none comes in sight. */
export function nextClosing(rules: CalendarRules, at: Date): Closing | null {
  let instant: Date | null = at;
  for (let n = 0; n < MOST_CHANGES && instant !== null; n += 1) {
    const kind = kindAt(rules, instant);
    if (!isOpen(kind, 'disruptive')) return { at: instant, into: kind === 'freeze' ? 'a freeze' : 'working hours' };
    instant = momentAt(rules, instant).until;
  }
  return null;
}

function isOpen(kind: ReturnType<typeof kindAt>, risk: Risk): boolean {
  switch (risk) {
    case 'routine':
      return kind === 'working';
    case 'disruptive':
      return kind === 'outside' || kind === 'holiday';
    case 'read':
    case 'break-glass':
      return true;
    default:
      return risk satisfies never;
  }
}
