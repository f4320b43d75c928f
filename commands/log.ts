import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import type { Part } from './contract/answer.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { findOperation, operationId } from './contract/find-operation.ts';
import { bytesInWords, workInWords } from './contract/words.ts';

/** How much of each step's end is shown; the whole log is in the operation's thread. */
const SHOWN_BYTES = 2_500;

export const command = question({
  name: 'log',
  summary: 'Show the end of an operation’s output, step by step; the whole of it is in its thread.',
  fields: [{ key: 'operation', label: 'operation', of: 'operation', required: true }],
  args: z.strictObject({ operation: operationId }),
  answer: async (args, { book, journal }) => {
    const found = await findOperation(book, args.operation);
    if (!found.ok) return found;
    const { operation, steps } = found.value;
    const parts: Part[] = [{ kind: 'heading', text: `Log of ${workInWords(operation)} · ${operation.id}` }];
    for (const step of steps.filter((one) => one.outputBytes > 0 && one.jid !== null)) {
      const start = Math.max(0, step.outputBytes - SHOWN_BYTES);
      const bytes = await journal.read(step.jid ?? '', start, SHOWN_BYTES);
      parts.push(
        text(
          { strong: `Step ${step.n} · ${step.title}` },
          ` (${bytesInWords(step.outputBytes)}${start > 0 ? ', the end of it' : ''})`,
        ),
      );
      parts.push({ kind: 'log', text: new TextDecoder().decode(bytes) });
    }
    if (parts.length === 1) parts.push(text('It has printed nothing yet.'));
    return ok({ summary: `Log of operation ${operation.id}.`, parts });
  },
});
