import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import type { Owner } from '../src/operations/duties.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { ownerSpan } from './contract/duty-words.ts';
import { dutyOfSite } from './contract/find-duty.ts';

/** A person as they are typed: an id, which has a digit somewhere, or a mention that Slack has turned into one. */
const PERSON = /^(?:<@)?@?([UW](?=[A-Z]*\d)[A-Z0-9]{3,20})(?:\|[^>]*)?>?$/;

/** What was typed with its quotes taken off, as one line. */
function plain(typed: string): string {
  return typed
    .replaceAll(/["']/g, '')
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}

function ownerOf(words: string): Owner {
  const id = PERSON.exec(words)?.[1];
  return id === undefined ? { kind: 'words', words } : { kind: 'person', id };
}

export const command = question({
  name: 'duty set',
  summary: 'Name who answers for a duty of a site: a person or a team.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    { key: 'item', label: 'item', of: 'text', required: true, hint: 'as `duties` shows it' },
    { key: 'owner', label: 'owner', of: 'line', required: true, hint: 'a member id, which is called by it, or words' },
  ],
  // Whoever holds only a grant may look at a site, and this is more.
  area: 'oversight',
  roles: ['operator', 'approver'],
  args: z.strictObject({
    site: name,
    item: z.string().trim().toLowerCase().max(60),
    owner: z.string().transform(plain).pipe(z.string().min(1, 'say who').max(80)),
  }),
  answer: async (args, context) => {
    const duty = dutyOfSite(context, args.site, args.item);
    if (!duty.ok) return duty;
    const owner = ownerOf(args.owner);
    const before = await context.duties.book.set(args.site, args.item, owner, context.asker.person);
    return ok({
      summary: `The duty ${args.item} of ${args.site} has an owner now.`,
      parts: [
        text(
          { code: args.item },
          ` of ${args.site} (${duty.value.title}) is owned by `,
          ownerSpan(owner),
          ...(before === null ? ['.'] : [', before by ', ownerSpan(before), '.']),
        ),
      ],
    });
  },
});
