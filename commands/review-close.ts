import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { operationId } from './contract/find-operation.ts';
import { splitWords } from './contract/line.ts';

export const command = question({
  name: 'review close',
  summary: 'Close the review of an emergency or a break-glass operation of somebody else, with what you saw.',
  fields: [
    { key: 'operation', label: 'operation', of: 'operation', required: true },
    { key: 'note', label: 'what you saw', of: 'line', required: true },
  ],
  roles: ['approver'],
  area: 'oversight',
  risk: 'routine',
  args: z.strictObject({
    operation: operationId,
    // The words come quoted, as they would have to be typed.
    note: z.string().transform((line) => (splitWords(line) ?? [line]).join(' ')),
  }),
  answer: async (args, { reviews }) => {
    const closed = await reviews.close(args.operation, args.note);
    if (!closed.ok) return closed;
    return ok({
      summary: `The review of operation ${args.operation} is closed.`,
      parts: [
        text(
          'The review of operation ',
          { code: args.operation },
          ' is closed. Its message shows your note, and so does the audit log.',
        ),
      ],
    });
  },
});
