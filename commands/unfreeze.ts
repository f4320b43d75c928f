import { z } from 'zod';
import { type Freeze, scopeInWords } from '../approvals/freezes.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { type Asker, question } from './contract/command.ts';

/** Who declared a freeze may end it, and admins may end every one. */
function mayLift(asker: Asker): (freeze: Freeze) => Refusal | null {
  return (freeze) =>
    freeze.by === asker.person || asker.roles.includes('admin')
      ? null
      : refusal(
          'not_allowed',
          'Only the person who began this freeze, or an admin, may end it.',
          `Ask <@${freeze.by}> or an admin.`,
        );
}

export const command = question({
  name: 'unfreeze',
  summary: 'End a freeze before its time; those who began it and admins may.',
  fields: [{ key: 'freeze', label: 'freeze', of: 'text', required: true, hint: 'its id, as `window` shows it' }],
  roles: ['operator', 'approver'],
  area: 'oversight',
  risk: 'routine',
  args: z.strictObject({ freeze: z.string().trim().toLowerCase().max(80) }),
  answer: async (args, { freezes, asker }) => {
    // One that holds may also be named by what it holds for, as long as that is one.
    const named = (await freezes.current()).filter(
      ({ id, scope }) => id === args.freeze || (scope.kind === 'all' ? 'all' : scope.name) === args.freeze,
    );
    const [one] = named;
    if (!one) return err(refusal('unknown_freeze', `No freeze "${args.freeze}" holds.`));
    if (named.length > 1)
      return err(
        refusal(
          'bad_arguments',
          `${named.length} freezes hold for "${args.freeze}".`,
          `Name one: ${named.map(({ id }) => id).join(', ')}.`,
        ),
      );
    const lifted = await freezes.lift(one.id, asker.person, mayLift(asker));
    if (!lifted.ok) return lifted;
    const words = `The freeze of ${scopeInWords(lifted.value.scope)} is over.`;
    return ok({ summary: words, parts: [text(`${words} What it held is asked about again now.`)] });
  },
});
