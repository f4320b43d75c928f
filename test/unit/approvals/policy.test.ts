import { describe, expect, it } from 'vitest';
import type { Moment } from '../../../approvals/calendar.ts';
import { decide, type PolicyFacts, type Risk } from '../../../approvals/policy.ts';
import { assertNever } from '../../../src/kernel/result.ts';

const UNTIL = new Date('2026-03-02T17:00:00Z');
const MOMENTS = {
  working: { kind: 'working', until: UNTIL },
  outside: { kind: 'outside', until: UNTIL, never: false },
  holiday: { kind: 'holiday', name: 'Labour Day', until: UNTIL },
  freeze: { kind: 'freeze', reason: 'year end', until: UNTIL },
} as const satisfies Record<string, Moment>;

function facts(risk: Risk, moment: keyof typeof MOMENTS, asProduction: boolean, reason: string | null): PolicyFacts {
  return { risk, asProduction, moment: MOMENTS[moment], opens: UNTIL, quorum: 2, emergency: { allowed: true, reason } };
}

/** `votes 2`, `votes 2 name`, `hold 2 until 17:00`, `run`, … */
function words(its: PolicyFacts): string {
  const verdict = decide(its);
  switch (verdict.kind) {
    case 'votes':
      return `votes ${verdict.quorum}${verdict.typedName ? ' name' : ''}`;
    case 'hold':
      return `hold ${verdict.quorum} until ${verdict.until?.toISOString().slice(11, 16)}`;
    case 'refuse':
      return `refuse ${verdict.refusal.code}`;
    case 'run':
    case 'confirm':
      return verdict.kind;
    default:
      return assertNever(verdict);
  }
}

describe('production', () => {
  const HELD = 'hold 2 until 17:00';
  const table: [keyof typeof MOMENTS, string, string, string, string][] = [
    // moment, read, routine, disruptive, break-glass
    ['outside', 'run', 'votes 2', 'votes 2', 'votes 2 name'],
    ['holiday', 'run', 'votes 2', 'votes 2', 'votes 2 name'],
    ['working', 'run', 'run', HELD, 'votes 2 name'],
    ['freeze', 'run', 'votes 2', HELD, 'votes 2 name'],
  ];

  it.each(table)('%s', (moment, read, routine, disruptive, breakGlass) => {
    expect(words(facts('read', moment, true, null))).toBe(read);
    expect(words(facts('routine', moment, true, null))).toBe(routine);
    expect(words(facts('disruptive', moment, true, null))).toBe(disruptive);
    expect(words(facts('break-glass', moment, true, null))).toBe(breakGlass);
  });

  it('an emergency with a reason is not held, but needs the quorum', () => {
    for (const moment of ['working', 'freeze'] as const) {
      const verdict = decide(facts('disruptive', moment, true, 'the disk dies'));
      expect(verdict).toMatchObject({ kind: 'votes', quorum: 2, why: expect.stringContaining('the disk dies') });
    }
  });

  it('an emergency never makes anything easier outside working hours', () => {
    for (const risk of ['routine', 'disruptive', 'break-glass'] as const) {
      for (const moment of ['outside', 'holiday'] as const) {
        expect(words(facts(risk, moment, true, 'please'))).toBe(words(facts(risk, moment, true, null)));
      }
    }
  });

  it('an emergency is refused where it is switched off', () => {
    const off = { ...facts('disruptive', 'working', true, 'please'), emergency: { allowed: false, reason: 'please' } };
    expect(words(off)).toBe('refuse not_allowed');
    expect(words({ ...off, emergency: { allowed: false, reason: null } })).toBe(HELD);
  });
});

describe('elsewhere', () => {
  it.each(Object.keys(MOMENTS) as (keyof typeof MOMENTS)[])('%s', (moment) => {
    expect(words(facts('read', moment, false, null))).toBe('run');
    expect(words(facts('routine', moment, false, null))).toBe('run');
    expect(words(facts('disruptive', moment, false, null))).toBe('confirm');
    expect(words(facts('break-glass', moment, false, null))).toBe('votes 2 name');
  });
});

describe('every verdict', () => {
  it('says why, and asks for the configured quorum', () => {
    for (const risk of ['read', 'routine', 'disruptive', 'break-glass'] as const) {
      for (const moment of Object.keys(MOMENTS) as (keyof typeof MOMENTS)[]) {
        for (const asProduction of [true, false]) {
          const verdict = decide({ ...facts(risk, moment, asProduction, null), quorum: 3 });
          const why = verdict.kind === 'refuse' ? verdict.refusal.message : verdict.why;
          expect(why).toMatch(/^[A-Z].{8,}\.$/);
          if ('quorum' in verdict) expect(verdict.quorum).toBe(3);
        }
      }
    }
  });

  it('names the freeze or the holiday that it follows from', () => {
    expect(decide(facts('routine', 'freeze', true, null))).toMatchObject({ why: expect.stringContaining('year end') });
    expect(decide(facts('routine', 'holiday', true, null))).toMatchObject({ why: expect.stringContaining('Labour') });
  });
});
