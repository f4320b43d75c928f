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
  return {
    risk,
    asProduction,
    moment: MOMENTS[moment],
    opens: UNTIL,
    closes: null,
    estimateMs: null,
    destroys: false,
    quorum: 2,
    emergency: { allowed: true, reason },
  };
}

/** `votes 2`, `votes 2 name`, `votes 2 name reason`, `hold 2 until 17:00`, `run`, … */
function words(its: PolicyFacts): string {
  const verdict = decide(its);
  switch (verdict.kind) {
    case 'votes':
      return `votes ${verdict.quorum}${verdict.typedName ? ' name' : ''}${verdict.withReason === true ? ' reason' : ''}`;
    case 'hold':
      return `hold ${verdict.quorum} until ${verdict.until?.toISOString().slice(11, 16)}${verdict.typedName === true ? ' name' : ''}`;
    case 'refuse':
      return `refuse ${verdict.refusal.code}`;
    case 'confirm':
      return verdict.typedName === true ? 'confirm name' : 'confirm';
    case 'run':
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
    ['working', 'run', 'run', HELD, 'votes 2 name reason'],
    ['freeze', 'run', 'votes 2', HELD, 'votes 2 name reason'],
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
      expect(verdict).toMatchObject({
        kind: 'votes',
        quorum: 2,
        why: expect.stringContaining('An emergency does not wait'),
      });
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

describe('a plan that destroys something', () => {
  const destroying = (risk: Risk, moment: keyof typeof MOMENTS, asProduction: boolean, reason: string | null = null) =>
    words({ ...facts(risk, moment, asProduction, reason), destroys: true });

  it.each<[Risk, keyof typeof MOMENTS, boolean, string]>([
    ['routine', 'working', true, 'confirm name'],
    ['routine', 'outside', true, 'votes 2 name'],
    ['disruptive', 'outside', true, 'votes 2 name'],
    ['disruptive', 'working', true, 'hold 2 until 17:00 name'],
    ['break-glass', 'working', true, 'votes 2 name reason'],
    ['break-glass', 'outside', true, 'votes 2 name'],
    ['routine', 'working', false, 'confirm name'],
    ['disruptive', 'outside', false, 'confirm name'],
    ['break-glass', 'outside', false, 'votes 2 name'],
  ])('%s, %s, production %s: the site’s name is typed, once', (risk, moment, asProduction, expected) => {
    expect(destroying(risk, moment, asProduction)).toBe(expected);
  });

  it('also in an emergency, whose reason is given already', () => {
    expect(destroying('disruptive', 'working', true, 'the disk dies')).toBe('votes 2 name');
  });
});

describe('work that would usually run on', () => {
  const HOUR = 3_600_000;
  const closing = (hours: number, into: 'working hours' | 'a freeze' = 'working hours') => ({
    at: new Date(UNTIL.getTime() + hours * HOUR),
    into,
  });
  const warning = (its: Partial<PolicyFacts>, moment: keyof typeof MOMENTS = 'outside', risk: Risk = 'disruptive') => {
    const verdict = decide({ ...facts(risk, moment, true, null), estimateMs: 2 * HOUR, closes: closing(1), ...its });
    return verdict.kind === 'refuse' ? undefined : verdict.warning;
  };

  it('into working hours or a freeze is told, and blocks nothing', () => {
    expect(warning({})).toBe(
      'It usually takes 2 h 00 min, but working hours begin 1 h 00 min after its earliest start.',
    );
    expect(warning({ closes: closing(1, 'a freeze') })).toContain('a freeze begins 1 h 00 min after');
    expect(warning({}, 'working')).toContain('working hours begin');
    expect(warning({}, 'holiday', 'break-glass')).toContain('working hours begin');
    expect(words({ ...facts('disruptive', 'outside', true, null), estimateMs: 2 * HOUR, closes: closing(1) })).toBe(
      'votes 2',
    );
  });

  it('is not told when it fits, when nobody knows, and where it does not matter', () => {
    expect(warning({ closes: closing(2) })).toBeUndefined();
    expect(warning({ closes: null })).toBeUndefined();
    expect(warning({ estimateMs: null })).toBeUndefined();
    expect(warning({ opens: null })).toBeUndefined();
    expect(warning({}, 'outside', 'routine')).toBeUndefined();
    expect(warning({ asProduction: false })).toBeUndefined();
    expect(warning({ emergency: { allowed: true, reason: 'x' } }, 'working')).toBeUndefined();
    expect(warning({}, 'working', 'break-glass')).toBeUndefined();
  });

  it('stands beside the warning of unknown holidays', () => {
    const moment: Moment = { kind: 'outside', until: UNTIL, never: false, unknownYear: 2031 };
    expect(warning({ moment })).toMatch(/holidays of 2031.*It usually takes/);
  });
});
