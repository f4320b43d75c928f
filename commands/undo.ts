import { z } from 'zod';
import { describeFields } from '../src/estate/diff.ts';
import { findThing, hashThing } from '../src/estate/thing.ts';
import { canonicalJson } from '../src/kernel/canonical.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import { operationId } from './contract/find-operation.ts';

export const command = estateOperation({
  name: 'undo',
  summary: 'Take back an edit of the estate: the fields become what they were before that operation.',
  fields: [{ key: 'operation', label: 'operation', of: 'operation', required: true }],
  risk: 'routine',
  args: z.strictObject({ operation: operationId }),
  plan: (facts, args) => {
    const [change] = facts.changes;
    const { before, after } = change ?? { before: null, after: null };
    if (!before || !after || before.kind === 'cluster')
      return err(
        refusal(
          'not_supported',
          `Operation ${args.operation} is no edit that could be taken back.`,
          'What was added can be removed, and what was removed restored.',
        ),
      );
    const { kind, name } = after;
    if (
      before.kind === 'host' &&
      after.kind === 'host' &&
      canonicalJson(before.document.host_keys) !== canonicalJson(after.document.host_keys)
    )
      return err(refusal('not_supported', 'A key is not trusted again by an undo.', `Use \`host rekey ${name}\`.`));
    if (hashThing(findThing(facts.document, kind, name)) !== hashThing(after))
      return err(
        refusal(
          'drift',
          `The ${kind} ${name} has been changed since.`,
          `Take back the later change first, or use \`${kind} edit ${name}\`.`,
        ),
      );
    return planEdit(facts, {
      command: 'undo',
      args,
      edit: { act: 'put', before: hashThing(after), thing: before },
      effects: [
        `Takes back what operation ${args.operation} changed of the ${kind} ${name}:`,
        ...describeFields(after.document, before.document),
        'Only the estate is changed; nothing is run on the host.',
      ],
      next:
        kind === 'site'
          ? `See how it answers with \`status ${name}\`.`
          : `Check the way there with \`host test ${name}\`.`,
    });
  },
});
