import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

export const command = question({
  name: 'whoami',
  summary: 'Show who you are here and what you may do.',
  fields: [],
  args: z.strictObject({}),
  answer: async (_args, { asker, commands }) => {
    const mine = commands.filter(
      (one) => asker.roles.includes('admin') || one.roles.some((role) => asker.roles.includes(role)),
    );
    return ok({
      summary: `You are ${asker.name}: ${asker.roles.join(', ')}.`,
      parts: [
        {
          kind: 'fields',
          rows: [
            { label: 'You', value: [{ person: asker.person }] },
            { label: 'Roles', value: [asker.roles.join(', ')] },
            { label: 'Commands', value: [mine.map((one) => one.name).join(', ')] },
          ],
        },
        text(
          asker.roles.includes('approver')
            ? 'You may approve what others ask for, never what you ask for yourself.'
            : 'You are not an approver.',
        ),
      ],
    });
  },
});
