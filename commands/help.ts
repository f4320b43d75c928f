import { z } from 'zod';
import { didYouMean } from '../src/kernel/did-you-mean.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { type Part, text } from './contract/answer.ts';
import { type Command, question, usageOf } from './contract/command.ts';

function describe(command: Command, slash: string): Part {
  return text({ code: `${slash} ${usageOf(command)}` }, `  ${command.summary}`);
}

export const command = question({
  name: 'help',
  summary: 'Show what can be asked, or how one command is typed.',
  fields: [{ key: 'command', label: 'command', of: 'command', required: false }],
  args: z.strictObject({ command: z.string().max(60).optional() }),
  answer: async (args, { commands, config, asker }) => {
    const slash = config.slack.command;
    if (args.command !== undefined) {
      const found = commands.filter((one) => one.name === args.command || one.name.startsWith(`${args.command} `));
      if (found.length === 0) {
        const near = didYouMean(
          args.command,
          commands.map((one) => one.name),
        );
        return err(
          refusal(
            'unknown_command',
            `I do not know "${args.command}".${near ? ` Did you mean \`${slash} help ${near}\`?` : ''}`,
          ),
        );
      }
      return ok({
        summary: found.map((one) => `${slash} ${usageOf(one)}`).join(', '),
        parts: found.flatMap((one) => [
          describe(one, slash),
          text(
            one.kind === 'operation'
              ? `It changes something; risk: ${one.risk}. Add --at <time> or --at next-window to have it wait, --now <reason> if it cannot wait for its window. `
              : 'It only answers. ',
            `For: ${[...one.roles, 'admin'].join(', ')}.`,
          ),
        ]),
      });
    }
    const mine = (one: Command) =>
      asker.roles.includes('admin') || one.roles.some((role) => asker.roles.includes(role));
    return ok({
      summary: `What can be asked with ${slash}`,
      parts: [
        { kind: 'heading', text: 'Questions' },
        ...commands.filter((one) => one.kind === 'question' && mine(one)).map((one) => describe(one, slash)),
        { kind: 'heading', text: 'Operations' },
        ...commands.filter((one) => one.kind === 'operation' && mine(one)).map((one) => describe(one, slash)),
        text(
          'Leave out an argument and a form asks for it. Production changes outside working hours need two approvals.',
        ),
      ],
    });
  },
});
