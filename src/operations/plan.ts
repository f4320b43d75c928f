import { sha256 } from '../kernel/ids.ts';

/** One low-level step of a plan, as data: what runs is looked up by `step` when the time comes. */
export interface PlannedStep {
  /** Name of a file in steps/, for example `db.dump`. */
  readonly step: string;
  /** What a person reads on the card. */
  readonly title: string;
  readonly host: string;
  readonly params: Readonly<Record<string, string>>;
  /** Names of secrets the step needs; their values never enter the plan. */
  readonly secrets: readonly string[];
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

/** JSON with sorted keys, so that equal plans have equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${canonicalJson(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** The hash to which approvals are bound: lower-case hexadecimal SHA-256 of the canonical JSON. */
export function hashPlan(plan: Plan): string {
  return sha256(canonicalJson(plan));
}

/** How two plans differ, one sentence a difference, for the people who have to approve again. */
export function describeDrift(before: Plan, after: Plan): string[] {
  const changes: string[] = [];
  const flatten = (plan: Plan) =>
    new Map<string, string>([
      ['steps', plan.steps.map((step) => step.step).join(', ')],
      ...[...plan.steps, ...plan.cleanup].flatMap((step, index) =>
        [...Object.entries(step.params), ['host', step.host] as const].map(([key, value]): [string, string] => [
          `step ${index + 1} ${step.step} ${key}`,
          value,
        ]),
      ),
    ]);
  const old = flatten(before);
  const fresh = flatten(after);
  for (const [key, value] of fresh) {
    if (old.get(key) !== value) changes.push(`${key}: ${old.get(key) ?? '(absent)'} → ${value}`);
  }
  for (const [key, value] of old) if (!fresh.has(key)) changes.push(`${key}: ${value} → (absent)`);
  return changes;
}
