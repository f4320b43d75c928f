import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CodeHistory, judgeCode, LOCK_MS, MOST_WRONG, NO_HISTORY, STEP_MS } from '../../../approvals/step-up.ts';

/** Six digits that differ from step to step. */
const codeAt = (step: number) => String(100_000 + (step % 900_000));
const START = 60_000_000;
/** An instant in the middle of a step. */
const inStep = (step: number) => new Date(step * STEP_MS + STEP_MS / 2);
const judge = (history: Partial<CodeHistory>, typed: string, now: Date) =>
  judgeCode({ ...NO_HISTORY, ...history }, typed, now, codeAt);

describe('which code counts', () => {
  const table: [string, number, number | null, string][] = [
    ['the present one', 0, null, 'right'],
    ['the one before, by a slow clock', -1, null, 'right'],
    ['the next one, by a fast clock', 1, null, 'right'],
    ['not the one before that', -2, null, 'wrong'],
    ['not the one after the next', 2, null, 'wrong'],
    ['not the one that was accepted last', 0, 0, 'used'],
    ['not an older one than that', -1, 0, 'used'],
    ['not the present one after the next was accepted', 0, 1, 'used'],
    ['a newer one than the last', 0, -1, 'right'],
    ['the next one after the present', 1, 0, 'right'],
  ]; // prettier-ignore

  it.each(table)('%s', (_name, typed, last, said) => {
    const history = { lastStep: last === null ? null : START + last };
    const judged = judge(history, codeAt(START + typed), inStep(START));
    expect(judged.verdict.kind).toBe(said);
    expect(judged.history.lastStep).toBe(said === 'right' ? START + typed : history.lastStep);
  });

  it('a step begins at its first millisecond and ends before the next', () => {
    const first = START * STEP_MS;
    for (const [ms, said] of [
      [first - STEP_MS - 1, 'wrong'],
      [first - STEP_MS, 'right'],
      [first + 2 * STEP_MS - 1, 'right'],
      [first + 2 * STEP_MS, 'wrong'],
    ] as const)
      expect(judge({}, codeAt(START), new Date(ms)).verdict.kind).toBe(said);
  });
});

describe('wrong codes', () => {
  const at = (minute: number) => new Date(START * STEP_MS + minute * 60_000);
  const wrongAt = (...minutes: number[]) =>
    minutes.reduce<CodeHistory>((history, minute) => judge(history, '000000', at(minute)).history, NO_HISTORY);

  it('are counted down, and the fifth within fifteen minutes locks for fifteen minutes', () => {
    expect(judge(NO_HISTORY, '000000', at(0)).verdict).toEqual({ kind: 'wrong', left: 4 });
    const fifth = judge(wrongAt(0, 3, 6, 9), '000000', at(14));
    expect(fifth.verdict).toEqual({ kind: 'locked', until: at(29), now: true });
    const right = (minute: number) => codeAt(Math.floor(at(minute).getTime() / STEP_MS));
    expect(judge(fifth.history, right(28), at(28)).verdict).toEqual({ kind: 'locked', until: at(29), now: false });
    expect(judge(fifth.history, right(29), at(29)).verdict.kind).toBe('right');
    expect(judge(fifth.history, '000000', at(29)).verdict).toEqual({ kind: 'wrong', left: 4 });
  });

  it('are forgotten after fifteen minutes, and not by a right one in between', () => {
    expect(judge(wrongAt(0, 1, 2, 3), '000000', at(15)).verdict).toEqual({ kind: 'wrong', left: 1 });
    const four = wrongAt(0, 1, 2, 3);
    const right = judge(four, codeAt(Math.floor(at(4).getTime() / STEP_MS)), at(4));
    expect(right.verdict.kind).toBe('right');
    expect(judge(right.history, '000000', at(5)).verdict.kind).toBe('locked');
  });
});

describe('whatever is typed in whatever order', () => {
  const tries = fc.array(
    fc.record({
      waits: fc.integer({ min: 0, max: 4 * STEP_MS }),
      typed: fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constant('wrong' as const)),
    }),
    { maxLength: 60 },
  );

  it('no code is accepted twice, none outside its window, and no more than five wrong ones are looked at within the span', () => {
    fc.assert(
      fc.property(tries, (all) => {
        let history = NO_HISTORY;
        let ms = START * STEP_MS;
        const accepted: number[] = [];
        const wrong: number[] = [];
        for (const { waits, typed } of all) {
          ms += waits;
          const current = Math.floor(ms / STEP_MS);
          const step = typed === 'wrong' ? null : current + typed;
          const judged = judgeCode(history, step === null ? '000000' : codeAt(step), new Date(ms), codeAt);
          history = judged.history;
          if (judged.verdict.kind === 'right') {
            expect(step).not.toBeNull();
            expect(Math.abs((step ?? 0) - current)).toBeLessThanOrEqual(1);
            accepted.push(step ?? 0);
          }
          if (judged.verdict.kind === 'wrong' || (judged.verdict.kind === 'locked' && judged.verdict.now))
            wrong.push(ms);
        }
        expect(accepted).toEqual([...new Set(accepted)].sort((left, right) => left - right));
        for (const [index, first] of wrong.entries()) {
          const next = wrong[index + MOST_WRONG];
          if (next !== undefined) expect(next - first).toBeGreaterThanOrEqual(LOCK_MS);
        }
      }),
      { numRuns: 500 },
    );
  });
});
