import { z } from 'zod';
import { didYouMean } from '../src/kernel/did-you-mean.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { authorise } from '../src/operations/authorise.ts';
import { type Part, type Span, text } from './contract/answer.ts';
import { type Command, question, usageOf } from './contract/command.ts';

function describe(command: Command, slash: string): Part {
  return text({ code: `${slash} ${usageOf(command)}` }, `  ${command.summary}`);
}

/** From so many on, commands that share their first word are told in one line: all of them are too much for a message. */
const FAMILY = 3;

const firstWord = ({ name }: Command) => name.split(' ')[0] ?? name;

function familyPart(word: string, family: readonly Command[], slash: string): Part {
  const names = (kind: Command['kind']): readonly Span[] =>
    family.filter((one) => one.kind === kind).flatMap((one, at): Span[] => [at === 0 ? '' : ', ', { code: one.name }]);
  const [asking, changing] = [names('question'), names('operation')];
  const both = asking.length > 0 && changing.length > 0;
  return text(...asking, both ? '; operations: ' : '', ...changing, '. How: ', { code: `${slash} help ${word}` });
}

/** Everything that can be asked: families of commands in one line each, the others one by one. */
function overview(commands: readonly Command[], slash: string): readonly Part[] {
  const words = [...new Set(commands.map(firstWord))];
  const families = words.map((word) => ({ word, all: commands.filter((one) => firstWord(one) === word) }));
  const alone = families.filter(({ all }) => all.length < FAMILY).flatMap(({ all }) => all);
  return [
    { kind: 'heading', text: 'Questions' },
    ...alone.filter((one) => one.kind === 'question').map((one) => describe(one, slash)),
    { kind: 'heading', text: 'Operations' },
    ...alone.filter((one) => one.kind === 'operation').map((one) => describe(one, slash)),
    { kind: 'heading', text: 'More about one thing' },
    ...families.filter(({ all }) => all.length >= FAMILY).map(({ word, all }) => familyPart(word, all, slash)),
  ];
}

export const command = question({
  name: 'help',
  summary: 'Show what can be asked, or how one command is typed.',
  fields: [{ key: 'command', label: 'command', of: 'command', required: false }],
  about: 'nothing',
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
              ? `It changes something; risk: ${one.risk}. Add --at <time> or --at next-window to have it wait, --now <reason> if it cannot wait for its window, --dry-run to see its plan and what it would need without asking for it. `
              : 'It only answers. ',
            `For: ${[...one.roles, 'admin'].join(', ')}. To a grant it is ${one.risk} work, area ${one.area}.`,
          ),
        ]),
      });
    }
    const mine = (one: Command) => authorise(asker, one, { kind: 'somewhere' }) === null;
    return ok({
      summary: `What can be asked with ${slash}`,
      parts: [
        ...overview(commands.filter(mine), slash),
        text(
          'Leave out an argument and a form asks for it. Production changes outside working hours need two approvals.',
        ),
      ],
    });
  },
});
