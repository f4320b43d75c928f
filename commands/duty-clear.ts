import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { ownerSpan } from './contract/duty-words.ts';
import { dutyOfSite } from './contract/find-duty.ts';

export const command = question({
  name: 'duty clear',
  summary: 'Take the owner of a duty away: nobody answers for it then.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'item', label: 'item', of: 'text', required: true, hint: 'as `duties` shows it' },
  ],
  // Whoever holds only a grant may look at a site, and this is more.
  area: 'oversight',
  roles: ['operator', 'approver'],
  args: z.strictObject({ site: name, item: z.string().trim().toLowerCase().max(60) }),
  answer: async (args, context) => {
    const duty = dutyOfSite(context, args.site, args.item);
    if (!duty.ok) return duty;
    const before = await context.duties.book.clear(args.site, args.item, context.asker.person);
    if (before === null)
      return ok({
        summary: `The duty ${args.item} of ${args.site} had no owner.`,
        parts: [text({ code: args.item }, ` of ${args.site} had no owner; nothing has changed.`)],
      });
    return ok({
      summary: `The duty ${args.item} of ${args.site} has no owner any more.`,
      parts: [
        text({ code: args.item }, ` of ${args.site} is not owned by `, ownerSpan(before), ' any more: nobody owns it.'),
      ],
    });
  },
});
