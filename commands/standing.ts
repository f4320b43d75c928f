import { z } from 'zod';
import { cronInWords } from '../approvals/cron.ts';
import { standingApprovers } from '../approvals/standing.ts';
import { ok } from '../src/kernel/result.ts';
import { keysSeen } from '../src/operations/targets.ts';
import { type Part, text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { scheduledLine, shortened } from './contract/words.ts';

const SHOWN = 25;

export const command = question({
  name: 'standing',
  summary: 'Show the standing approvals of schedules that hold or wait for votes.',
  fields: [],
  about: 'seen',
  args: z.strictObject({}),
  answer: async (_args, { standing, config, asker, estate }) => {
    const seen = keysSeen(asker, estate);
    const all = await standing.list('live');
    const live = all.filter(({ definition }) => seen === null || seen.includes(definition.site));
    const slash = config.slack.command;
    const ask = { code: `${slash} standing request "30 2 * * *" backup <site>` };
    if (live.length === 0)
      return ok({
        summary: 'There is no standing approval.',
        parts: [text('There is no standing approval. One is asked for with ', ask, '.')],
      });
    const parts: Part[] = live.slice(0, SHOWN).map((one) => {
      const { id, definition, state, quorum, expiresAt } = one;
      return text(
        { code: id },
        '  ',
        { strong: state },
        '  ',
        { code: shortened(scheduledLine(definition), 200) },
        `  ${cronInWords(definition.cron)} (${definition.zone})  `,
        ...(state === 'active' && expiresAt
          ? ['until ', { at: expiresAt, style: 'day-time' } as const]
          : [`${standingApprovers(one).length} of ${quorum} approvals`]),
      );
    });
    const more = live.length > SHOWN ? [text(`… and ${live.length - SHOWN} more`)] : [];
    return ok({
      summary: `${live.length} standing approvals.`,
      parts: [
        { kind: 'heading', text: 'Standing approvals' },
        ...parts,
        ...more,
        text('All about one: ', { code: `${slash} standing show <approval>` }),
      ],
    });
  },
});
