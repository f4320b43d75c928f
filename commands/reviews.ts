import { z } from 'zod';
import { byWhom } from '../approvals/reviews.ts';
import { keyInWords } from '../src/estate/thing.ts';
import { ok } from '../src/kernel/result.ts';
import type { ReviewRecord } from '../src/operations/reviews.ts';
import { STATE_WORDS } from '../src/operations/state.ts';
import { keysSeen } from '../src/operations/targets.ts';
import { type Part, type Span, text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { shortened } from './contract/words.ts';

const SHOWN = 20;

function head({ person, kind, line, operation, site, openedAt }: ReviewRecord): Span[] {
  return [
    { strong: kind },
    ' ',
    { code: operation },
    '  ',
    { person },
    ' asked for ',
    { code: shortened(line, 200) },
    ` on ${keyInWords(site)} `,
    { at: openedAt, style: 'day-time' },
  ];
}

function openPart(review: ReviewRecord, slash: string): Part {
  const { state, ended, operation, person } = review;
  const how = ended
    ? ['Somebody else than ', { person }, ' closes it: ', { code: `${slash} review close ${operation} <note>` }]
    : ['It can be closed when the operation has ended.'];
  return text(...head(review), `\nThe operation: ${STATE_WORDS[state]}. `, ...how);
}

function closedPart(review: ReviewRecord): Part {
  const { closed } = review;
  if (!closed) return text(...head(review));
  const who: Span = closed.by === 'twokey' ? byWhom(closed) : { person: closed.by };
  return text(
    ...head(review),
    '\nClosed ',
    who,
    ' ',
    { at: closed.at, style: 'day-time' },
    `: ${shortened(closed.note, 300)}`,
  );
}

export const command = question({
  name: 'reviews',
  summary: 'Show which emergencies and break-glass operations nobody has reviewed yet, or with --all closed ones too.',
  fields: [{ key: 'all', label: 'closed ones too', of: 'text', required: false, flag: true, bare: true }],
  about: 'seen',
  args: z.strictObject({ all: z.string().max(20).optional() }),
  answer: async (args, { reviews, config, asker, estate }) => {
    const filter = { sites: keysSeen(asker, estate), limit: SHOWN };
    const open = await reviews.list('open', filter);
    const closed = args.all === undefined ? [] : await reviews.list('closed', filter);
    const summary = open.length === 0 ? 'No review is open.' : `${open.length} reviews are open.`;
    const parts: Part[] = [{ kind: 'heading', text: 'Open reviews' }];
    if (open.length === 0)
      parts.push(text('None: every emergency and every break-glass operation has been looked at.'));
    parts.push(...open.map((review) => openPart(review, config.slack.command)));
    if (open.length > 0) {
      const people = (await reviews.closers()).flatMap((person): Span[] => [' ', { person }]);
      parts.push(text('Who may close reviews, but never their own:', ...people.slice(0, 40)));
    }
    if (args.all !== undefined) {
      parts.push({ kind: 'heading', text: 'Closed last' }, ...closed.map(closedPart));
      if (closed.length === 0) parts.push(text('None yet.'));
    }
    return ok({ summary, parts });
  },
});
