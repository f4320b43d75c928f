import { describeDifferences } from '../../approvals/differences.ts';
import type { Risk } from '../../approvals/policy.ts';
import { canonicalJson } from '../kernel/canonical.ts';
import { sha256 } from '../kernel/ids.ts';

/** One low-level step of a plan, as data: what runs is looked up by `step` when the time comes. */
export interface PlannedStep {
  /** Name of a file in steps/, for example `db.dump`. */
  readonly step: string;
  /** What a person reads on the card. */
  readonly title: string;
  /** Where it runs; empty for a step that Twokey does itself. */
  readonly host: string;
  readonly params: Readonly<Record<string, string>>;
  /** Names of secrets the step needs; their values never enter the plan. */
  readonly secrets: readonly string[];
  /** What is destroyed, in words: `the database app on db1`. Absent when the step destroys nothing. */
  readonly destroys?: string;
  /** Names of secrets that the step is not given, but that its output may show: they are blanked there. */
  readonly blanks?: readonly string[];
  /** What holds when the run ends here badly, and the way back; said on the card. Absent when there is nothing to say. */
  readonly aftermath?: string;
  /** For a step of cleaning up: it runs only when the run came to the step of this number, counting from 1. */
  readonly since?: number;
  /** When the step is riskier than the command that plans it. */
  readonly risk?: 'disruptive';
}

/** The frozen list of steps that a command resolves to. Everything in it is hashed, so nothing in it may change by itself. */
export interface Plan {
  readonly version: 1;
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly site: string;
  readonly environment: string;
  /** Name under which the operation holds the site's lock on the host. */
  readonly lock: string;
  readonly steps: readonly PlannedStep[];
  /** Steps that put things back after a failure or a cancellation. */
  readonly cleanup: readonly PlannedStep[];
  /** Sentences for the approver: what is read, written and destroyed. */
  readonly effects: readonly string[];
}

/** The hash to which approvals are bound: lower-case hexadecimal SHA-256 of the canonical JSON. */
export function hashPlan(plan: Plan): string {
  return sha256(canonicalJson(plan));
}

/** All that a plan destroys, in words, each once; cleaning up counts as well. */
export function destroyedBy(plan: Plan): string[] {
  const all = [...plan.steps, ...plan.cleanup].map((step) => step.destroys).filter((one) => one !== undefined);
  return [...new Set(all)];
}

/** The hosts on which a plan runs anything, each once; cleaning up counts as well. A step that Twokey does itself has none. */
export function hostsOf(plan: Pick<Plan, 'steps' | 'cleanup'>): string[] {
  return [...new Set([...plan.steps, ...plan.cleanup].map((step) => step.host))].filter((host) => host !== '');
}

/** The risk of what a plan really does: its command's, or what one of its steps says when that is more. */
export function riskOf(command: Exclude<Risk, 'read'>, plan: Pick<Plan, 'steps'>): Exclude<Risk, 'read'> {
  return command === 'routine' && plan.steps.some((step) => step.risk === 'disruptive') ? 'disruptive' : command;
}

/** A plan's fields by the words in which a difference is told. Everything that is hashed appears here. */
function fieldsOf(plan: Plan): Readonly<Record<string, string>> {
  const { steps, cleanup, args, effects, ...plain } = plan;
  const list = (name: string, planned: readonly PlannedStep[], from: number): [string, string][] => [
    [name, planned.map((step) => step.step).join(', ')],
    ...planned.flatMap(({ step, params, secrets, blanks = [], ...rest }, index): [string, string][] => {
      const own = Object.entries({ ...rest, ...params, secrets: secrets.join(', '), blanks: blanks.join(', ') });
      return own.map(([key, value]) => [`step ${from + index} ${step} ${key}`, String(value)]);
    }),
  ];
  return Object.fromEntries([
    ...Object.entries(plain).map(([key, value]): [string, string] => [key, String(value)]),
    ...Object.entries(args).map(([key, value]): [string, string] => [`argument ${key}`, value]),
    ...list('steps', steps, 1),
    ...list('cleanup', cleanup, steps.length + 1),
    ['effects', effects.join(' ')],
  ]);
}

/** How two plans differ, one sentence a difference, for the people who have to approve again. */
export function describeDrift(before: Plan, after: Plan): string[] {
  const shown = (value: string | undefined) => (value === undefined ? '(absent)' : value === '' ? '(empty)' : value);
  return describeDifferences(fieldsOf(before), fieldsOf(after), shown);
}
