import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { operationId } from './contract/find-operation.ts';

export const command = question({
  name: 'cancel',
  summary: 'End an operation: at once if it has not started, else by stopping its command on the host and cleaning up.',
  fields: [{ key: 'operation', label: 'operation', of: 'operation', required: true }],
  roles: ['operator', 'approver'],
  args: z.strictObject({ operation: operationId }),
  answer: async (args, context) => {
    const done = await context.cancel(args.operation);
    if (!done.ok) return done;
    const words =
      done.value === 'ended'
        ? 'It was cancelled before it started.'
        : 'Its command on the host is being stopped; then it is cleaned up. The card shows when.';
    return ok({ summary: words, parts: [text({ code: args.operation }, ` ${words}`)] });
  },
});
