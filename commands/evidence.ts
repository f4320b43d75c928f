import { z } from 'zod';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { operationId } from './contract/find-operation.ts';
import { bytesInWords } from './contract/words.ts';

export const command = question({
  name: 'evidence',
  summary: 'Get the evidence of an operation as a file: who, what, plans, votes, commands, exit codes, log digests.',
  fields: [{ key: 'operation', label: 'operation', of: 'operation', required: true }],
  roles: ['operator', 'approver'],
  args: z.strictObject({ operation: operationId }),
  answer: async (args, { evidence }) => {
    const file = await evidence(args.operation);
    if (!file) return err(refusal('unknown_operation', `There is no operation "${args.operation}".`));
    const size = bytesInWords(Buffer.byteLength(file.text));
    return ok({
      summary: `Evidence of operation ${args.operation}: ${file.name}, ${size}, sha256 ${file.sha256}.`,
      parts: [
        text('Evidence of operation ', { code: args.operation }, ' is in your direct messages with me: '),
        {
          kind: 'fields',
          rows: [
            { label: 'File', value: [{ code: file.name }, `, ${size}`] },
            { label: 'sha256', value: [{ code: file.sha256 }] },
          ],
        },
        text('The sum is in the audit log, so that the file can be told from a changed one.'),
      ],
      file: { name: file.name, text: file.text },
    });
  },
});
