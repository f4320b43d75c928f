import { z } from 'zod';
import type { Edit } from '../../estate/edit.ts';
import { flatten, unflatten } from '../../estate/flat.ts';
import { ABSENT, THING_KINDS, type Thing, thingSchema } from '../../estate/thing.ts';
import { name } from '../../estate/types.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import { WRITE_STEP } from '../settings/plan-settings.ts';

/** Steps that edit the estate, by what they do. */
const STEP_OF = { put: 'estate.put', remove: 'estate.remove', restore: 'estate.restore' } as const;
const TITLE_OF = { put: 'Write', remove: 'Remove', restore: 'Put back' } as const;
/** Parameters that are not fields of the thing itself. */
const OWN = ['kind', 'name', 'cluster', 'before', 'removal', 'next'];

/**
 * An edit as a step of a plan: each field of the document is a parameter of its own, so that a plan that drifts says
 * which field did. `next` is what to do afterwards, for the operation's result; `risk` is said when it is more than the
 * command's.
 */
export function editStep(edit: Edit, next: string, risk?: 'disruptive'): PlannedStep {
  const { kind, name: thingName } = edit.act === 'remove' ? edit : edit.thing;
  const title = `${TITLE_OF[edit.act]} the ${kind} ${thingName}`;
  const common = { kind, name: thingName, next };
  const params =
    edit.act === 'remove'
      ? { ...common, before: edit.before }
      : { ...common, ...stateOf(edit), cluster: edit.thing.cluster, ...flatten(contentOf(edit.thing)) };
  return { step: STEP_OF[edit.act], title, host: '', params, secrets: [], ...(risk === undefined ? {} : { risk }) };
}

function stateOf(edit: Exclude<Edit, { act: 'remove' }>): Record<string, string> {
  return edit.act === 'put' ? { before: edit.before } : { removal: edit.removal };
}

function contentOf(thing: Thing): Record<string, unknown> {
  return thing.kind === 'cluster' ? { document: thing.document, hosts: thing.hosts } : { document: thing.document };
}

const common = z.object({ kind: z.enum(THING_KINDS), name });

/** The edit of a planned step, or null when the step is another one. Throws when a plan in the database makes no sense. */
export function readEdit({ step, params }: PlannedStep): Edit | null {
  const act = (['put', 'remove', 'restore'] as const).find((one) => STEP_OF[one] === step);
  if (act === undefined) return null;
  const { kind, name: thingName } = common.parse(params);
  if (act === 'remove') return { act, kind, name: thingName, before: params.before ?? '' };
  const fields = Object.fromEntries(Object.entries(params).filter(([key]) => !OWN.includes(key)));
  const thing = thingSchema.parse({ kind, name: thingName, cluster: params.cluster, ...unflatten(fields) });
  return act === 'put' ? { act, before: params.before ?? '', thing } : { act, removal: params.removal ?? '', thing };
}

/** True for an edit or a version of settings that an undo can take back: what was there before is known, and it is no matter of trust. */
export function isUndoable(plan: Pick<Plan, 'command' | 'steps'>): boolean {
  const [step, ...more] = plan.steps;
  if (step?.step === WRITE_STEP) return more.length === 0;
  return (
    step?.step === STEP_OF.put && more.length === 0 && step.params.before !== ABSENT && plan.command !== 'host rekey'
  );
}
