import { z } from 'zod';
import { cronInWords, nextRuns } from '../approvals/cron.ts';
import { hashDefinition, isLive } from '../approvals/standing.ts';
import { inZone } from '../approvals/when.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { outOfSight } from '../src/operations/authorise.ts';
import { keysSeen } from '../src/operations/targets.ts';
import { type Span, sentence } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { scheduledLine } from './contract/words.ts';

const RUNS_TOLD = 5;

export const command = question({
  name: 'standing show',
  summary: 'Show one standing approval: what it is bound to, its votes, until when it holds, the next runs.',
  fields: [{ key: 'approval', label: 'approval', of: 'text', required: true, hint: 'its id, as `standing` shows it' }],
  about: 'seen',
  args: z.strictObject({ approval: z.string().trim().toLowerCase().max(40) }),
  answer: async (args, { standing, asker, estate }) => {
    const one = await standing.find(args.approval);
    if (!one) return err(refusal('unknown_standing', `There is no standing approval "${args.approval}".`));
    const { definition, state, expiresAt, decideBy } = one;
    const seen = keysSeen(asker, estate);
    if (seen !== null && !seen.includes(definition.site)) return err(outOfSight(definition.site));
    const runs = isLive(state) ? nextRuns(definition.cron, definition.zone, one.readAt, RUNS_TOLD) : [];
    const until: Span[] = expiresAt
      ? [{ at: expiresAt, style: 'day-time' }]
      : ['not active yet; votes are taken until ', { at: decideBy, style: 'day-time' }];
    const votes = one.votes.flatMap((vote): Span[] => [
      { person: vote.person },
      ` ${vote.verdict === 'approve' ? 'approved' : 'denied'} `,
      { at: vote.at, style: 'day-time' },
      `${vote.voidReason === null ? (vote.withdrawn ? ', withdrawn' : '') : `, void: ${vote.voidReason}`}; `,
    ]);
    return ok({
      summary: `Standing approval ${one.id}: ${state}.`,
      parts: [
        { kind: 'heading', text: `Standing approval ${one.id}` },
        {
          kind: 'fields',
          rows: [
            { label: 'State', value: [state, ...(one.reason === null ? [] : [': ', ...sentence(one.reason)])] },
            { label: 'What', value: [{ code: scheduledLine(definition) }] },
            {
              label: 'When',
              value: [`${cronInWords(definition.cron)} (`, { code: definition.cron }, `, ${definition.zone})`],
            },
            { label: 'Next runs', value: [runs.map((run) => inZone(run, definition.zone)).join(' · ') || 'none'] },
            { label: 'Asked by', value: [{ person: one.requester }, ' ', { at: one.askedAt, style: 'day-time' }] },
            { label: `Votes (${one.quorum} needed)`, value: votes.length === 0 ? ['none yet'] : votes },
            { label: 'Until', value: until },
            { label: 'Definition', value: [{ code: hashDefinition(definition) }] },
          ],
        },
      ],
    });
  },
});
