import { z } from 'zod';
import { grantInWords } from '../src/config/grants.ts';
import { PRESETS } from '../src/config/presets.ts';
import { ok } from '../src/kernel/result.ts';
import { authorise } from '../src/operations/authorise.ts';
import { type Span, text } from './contract/answer.ts';
import { question } from './contract/command.ts';

export const command = question({
  name: 'whoami',
  summary: 'Show who you are here and what you may do.',
  fields: [],
  about: 'nothing',
  args: z.strictObject({}),
  answer: async (_args, { asker, commands, config }) => {
    const mine = commands.filter((one) => authorise(asker, one, { kind: 'somewhere' }) === null);
    const held = [...asker.roles, ...asker.grants.map(grantInWords)];
    const others = (config.people[asker.person] ?? []).flatMap((person): Span[] => [', ', { person }]);
    return ok({
      summary: `You are ${asker.name}: ${held.join(', ')}.`,
      parts: [
        {
          kind: 'fields',
          rows: [
            { label: 'You', value: [{ person: asker.person }, ...others] },
            { label: 'Roles', value: [asker.roles.join(', ') || 'none'] },
            ...asker.grants.map((one) => ({
              label: 'Grant',
              value: [{ strong: grantInWords(one) }, `: ${PRESETS[one.preset].summary}`],
            })),
            { label: 'Commands', value: [mine.map((one) => one.name).join(', ')] },
          ],
        },
        ...(asker.grants.length > 0
          ? [
              text('A grant holds where it says so. To ask about one command: ', {
                code: `${config.slack.command} can <command>`,
              }),
            ]
          : []),
        text(
          asker.roles.includes('approver')
            ? 'You may approve what others ask for, never what you ask for yourself.'
            : 'You are not an approver.',
        ),
      ],
    });
  },
});
