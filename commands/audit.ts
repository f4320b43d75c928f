import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { type Part, type Span, text } from './contract/answer.ts';
import { auditLine } from './contract/audit-words.ts';
import { question } from './contract/command.ts';

/** How many rows are shown; the rest is for an export. */
const SHOWN = 24;
/** Rows in one paragraph, so that none is cut. */
const TOGETHER = 3;

const since = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], 'a date looks like 2026-11-21')
  .transform((day) => new Date(day));
const about = z
  .string()
  .trim()
  .max(100)
  .transform((typed) => /^<@([UW][A-Z0-9]+)(?:\|[^>]*)?>$/.exec(typed)?.[1] ?? typed);

export const command = question({
  name: 'audit',
  summary: 'Show the last rows of the audit log, of all or of one operation, person or kind of event.',
  fields: [
    { key: 'subject', label: 'operation or person', of: 'text', required: false, flag: true },
    { key: 'action', label: 'beginning of an action', of: 'text', required: false, flag: true, hint: 'vote' },
    { key: 'since', label: 'date', of: 'text', required: false, flag: true, hint: '2026-11-21' },
  ],
  roles: ['approver'],
  area: 'oversight',
  args: z.strictObject({
    subject: about.optional(),
    action: z.string().trim().max(60).optional(),
    since: since.optional(),
  }),
  answer: async (args, { audit }) => {
    const rows = await audit.last({
      about: args.subject ?? null,
      action: args.action ?? null,
      since: args.since ?? null,
      limit: SHOWN,
    });
    if (rows.length === 0)
      return ok({ summary: 'No row of the audit log fits that.', parts: [text('No row of the audit log fits that.')] });
    const parts: Part[] = [{ kind: 'heading', text: `Audit log: the last ${rows.length} rows that fit` }];
    for (let from = 0; from < rows.length; from += TOGETHER) {
      const lines = rows.slice(from, from + TOGETHER).map(auditLine);
      parts.push(text(...lines.flatMap((line, index): Span[] => (index === 0 ? line : ['\n', ...line]))));
    }
    parts.push(
      text('All of it: ', { code: 'twokey audit export FILE' }, ', checked by ', { code: 'twokey audit verify' }),
    );
    return ok({ summary: `The last ${rows.length} rows of the audit log.`, parts });
  },
});
