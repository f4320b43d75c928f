import { z } from 'zod';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { authorise, naming } from '../src/operations/authorise.ts';
import { text } from './contract/answer.ts';
import { isDryRun, question, timingOf } from './contract/command.ts';
import { parseLine } from './contract/line.ts';
import { targetOf } from './contract/target.ts';

export const command = question({
  name: 'standing request',
  summary:
    'Ask that every run of a schedule be approved once, for a time: when as a cron expression, then the command.',
  fields: [
    { key: 'cron', label: 'cron', of: 'text', required: true, hint: 'five fields in quotes: "30 2 * * *"' },
    { key: 'command', label: 'command', of: 'line', required: true, hint: 'as it would be typed: backup acme' },
  ],
  roles: ['operator'],
  // Who may ask for the command itself may ask for it as a schedule; that is judged when it is known which one.
  about: 'nothing',
  args: z.strictObject({ cron: z.string().min(1).max(200), command: z.string().min(1).max(1_500) }),
  answer: async (args, { commands, config, asker, estate, standing, whoMay }) => {
    const slash = config.slack.command;
    const parsed = parseLine(args.command, commands, slash);
    if (!parsed.ok) return parsed;
    const { command: wanted, args: raw, kind } = parsed.value;
    if (wanted.kind !== 'operation')
      return err(
        refusal('not_supported', `\`${wanted.name}\` only answers, so it needs no approval.`, 'Nothing to do.'),
      );
    if (kind === 'incomplete')
      return err(refusal('bad_arguments', `\`${wanted.name}\` needs ${parsed.value.missing.join(' and ')}.`));
    if (wanted.fields.some((field) => field.unwritten))
      return err(
        refusal(
          'not_supported',
          `\`${wanted.name}\` is never scheduled: what is typed there may be a secret, and only its plan tells.`,
          'Send it when it is wanted.',
        ),
      );
    const timing = timingOf(wanted, raw);
    if (timing.at !== null || timing.now !== null)
      return err(refusal('bad_arguments', 'A schedule has its own times.', 'Leave out `--at` and `--now`.'));
    if (isDryRun(wanted, raw))
      return err(
        refusal(
          'bad_arguments',
          'A schedule cannot be tried.',
          `Leave out \`--dry-run\`, or see what one run would be: \`${slash} ${args.command}\`.`,
        ),
      );
    const checked = wanted.parse(raw);
    if (!checked.ok) return checked;
    const target = await targetOf(wanted, checked.value, estate, () => Promise.resolve(null));
    const denied = authorise(asker, wanted, target);
    if (denied) return err(naming(denied, await whoMay(wanted, target)));
    const asked = await standing.ask({ command: wanted, args: checked.value, cron: args.cron });
    if (!asked.ok) return asked;
    const { id, quorum, decideBy } = asked.value;
    return ok({
      summary: `Standing approval ${id} is asked for. It needs ${quorum} approvals.`,
      parts: [
        text(
          'Standing approval ',
          { code: id },
          ` is asked for. It needs ${quorum} approvals, by `,
          { at: decideBy, style: 'time' },
          '. Its message is in the operations channel.',
        ),
      ],
    });
  },
});
