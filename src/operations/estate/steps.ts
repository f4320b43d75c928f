import { applyEdit, subjectOf } from '../../estate/edit.ts';
import { findThing } from '../../estate/thing.ts';
import { refusal } from '../../kernel/errors.ts';
import { err, ok } from '../../kernel/result.ts';
import type { LocalStep } from '../local.ts';
import { describeEdit } from './describe.ts';
import { readEdit } from './encode.ts';
import { allowed } from './plan-edit.ts';

/** Judges the edit once more on the rows themselves, and writes it: nobody else changes the estate meanwhile. */
const run: LocalStep['run'] = async (tools, planned) => {
  const edit = readEdit(planned);
  if (edit === null) return err(refusal('internal', `the step ${planned.step} holds no edit`));
  const document = await tools.estate.document();
  const objection = allowed(document, edit, await tools.estate.uses());
  if (objection) return err(objection);
  const after = applyEdit(document, edit);
  if (!after.ok) return after;
  const { kind, name } = subjectOf(edit);
  const before = findThing(document, kind, name);
  if (edit.act === 'restore' && !(await tools.estate.reopen(edit.removal)))
    return err(refusal('drift', `The ${kind} ${name} has been put back already.`, 'Nothing to do.'));
  await tools.estate.write({ kind, name, before, after: findThing(after.value, kind, name) });
  const next = planned.params.next ?? '';
  return ok({ changed: describeEdit(before, edit).join('; '), ...(next === '' ? {} : { next }) });
};

export const ESTATE_STEPS: readonly LocalStep[] = ['estate.put', 'estate.remove', 'estate.restore'].map((step) => ({
  name: step,
  run,
}));
