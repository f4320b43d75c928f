import { durationInWords } from '../../../kernel/duration.ts';
import { localStepByName } from '../../../operations/local.ts';
import type { Plan, PlannedStep } from '../../../operations/plan.ts';
import { clipped, code, escaped } from './mrkdwn.ts';

/** How long it usually takes, as the end of a sentence. */
export function usuallyWords(estimateMs: number | null): string {
  return estimateMs === null
    ? 'not known: it has never succeeded here'
    : `${durationInWords(estimateMs)}, the mean of its last successes here`;
}

/** What a plan reads, writes and destroys, a line each. */
export function effectLines({ effects }: Pick<Plan, 'effects'>): string[] {
  return effects.map((effect) => `• ${escaped(effect)}`);
}

/** The low-level name of a step and where it runs. */
export function whereWords({ step, host }: PlannedStep): string {
  return localStepByName(step) === undefined
    ? `${code(clipped(step, 100))} on ${code(clipped(host, 100))}`
    : `${code(clipped(step, 100))}, by Twokey itself, in one transaction of its database`;
}

/** What a step destroys, with a sign and in words; nothing for one that destroys nothing. */
export function destroysLines({ destroys }: PlannedStep): string[] {
  return destroys === undefined ? [] : [`:warning: *This step destroys* ${escaped(clipped(destroys, 300))}`];
}
