import { z } from 'zod';
import { covers, scopeInWords } from '../approvals/freezes.ts';
import { parseWhen } from '../approvals/when.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import { policyOf } from '../src/operations/site-policy.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { findScope } from './contract/find-scope.ts';

export const command = question({
  name: 'freeze',
  summary:
    'Freeze changes on all, an environment, a cluster or a site until a time: nothing disruptive starts meanwhile.',
  fields: [
    {
      key: 'scope',
      label: 'scope',
      of: 'text',
      required: true,
      hint: 'all, or the name of an environment, cluster or site',
    },
    { key: 'until', label: 'time', of: 'text', required: true, flag: true, hint: '18:00 or 2026-12-24T18:00' },
    { key: 'reason', label: 'reason', of: 'text', required: true, flag: true },
  ],
  roles: ['operator', 'approver'],
  area: 'oversight',
  risk: 'routine',
  args: z.strictObject({
    scope: z.string().max(80),
    until: z.string().max(40),
    reason: z.string().trim().min(1, 'say why').max(200),
  }),
  answer: async (args, { estate, config, freezes, book, asker }) => {
    const scope = findScope(estate, args.scope);
    if (!scope.ok) return scope;
    const sites = [...estate.sites.values()]
      .filter((site) => covers(scope.value, site))
      .map((site) => ({ site, its: policyOf(config, estate, site, []) }))
      .filter(({ its }) => its.asProduction);
    const [first] = sites;
    if (!first)
      return err(
        refusal(
          'not_supported',
          `No site of ${scopeInWords(scope.value)} is treated as production, so a freeze would change nothing.`,
        ),
      );
    const until = parseWhen(args.until, first.its.calendar?.timezone ?? 'UTC', await book.now());
    if (!until.ok) return until;
    const freeze = await freezes.begin({
      scope: scope.value,
      until: until.value,
      reason: args.reason,
      by: asker.person,
    });
    const names = sites.map(({ site }) => site.name).join(', ');
    return ok({
      summary: `Changes on ${scopeInWords(scope.value)} are frozen. Freeze ${freeze.id}.`,
      parts: [
        text(
          { strong: `Changes on ${scopeInWords(scope.value)} are frozen ` },
          'until ',
          { at: freeze.until, style: 'day-time' },
          `: ${freeze.reason}. Freeze `,
          { code: freeze.id },
          '.',
        ),
        text(
          `It holds at once for ${names}: disruptive work waits for its end, also what has been approved, and routine work needs approvals. What runs goes on. End it with `,
          { code: `${config.slack.command} unfreeze ${freeze.id}` },
          '.',
        ),
      ],
    });
  },
});
