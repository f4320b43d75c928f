import { z } from 'zod';
import { poolFor } from '../approvals/pool.ts';
import { findSite } from '../src/estate/estate.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';
import { assess } from '../src/operations/assess.ts';
import { authorise, type Target } from '../src/operations/authorise.ts';
import { unreachable } from '../src/operations/request.ts';
import { policyOf } from '../src/operations/site-policy.ts';
import type { Answer, Span } from './contract/answer.ts';
import { text } from './contract/answer.ts';
import { type Command, type OperationCommand, type QuestionContext, question, timingOf } from './contract/command.ts';
import { forecast } from './contract/forecast.ts';
import { parseLine } from './contract/line.ts';
import { targetOf } from './contract/target.ts';

async function roleSpans(command: Command, target: Target, context: QuestionContext): Promise<readonly Span[]> {
  const denied = authorise(context.asker, command, target);
  if (denied === null)
    return [`You may: it is for ${[...command.roles, 'admin'].join(', ')}, and for those who are granted it.`];
  const able = await context.whoMay(command, target);
  const others = able.flatMap((person, index): Span[] =>
    index === 0 ? [' Who may: ', { person }] : [', ', { person }],
  );
  return [{ strong: 'You may not: ' }, denied.message, ...others];
}

async function approverSpans(
  quorum: number,
  requesterCounts: boolean,
  { asker, approvers }: QuestionContext,
): Promise<readonly Span[]> {
  if (quorum === 0) return ['Nobody has to approve.'];
  const active = await approvers();
  const objection = unreachable(active, asker.person, quorum, requesterCounts);
  if (objection) return [{ strong: 'It would be refused. ' }, objection.message];
  const others = poolFor(active, asker.person, requesterCounts);
  return [
    `${quorum} of `,
    ...others.flatMap((person, index): Span[] => (index === 0 ? [{ person }] : [', ', { person }])),
  ];
}

async function answerOperation(
  command: OperationCommand,
  raw: Readonly<Record<string, string>>,
  context: QuestionContext,
): Promise<Result<Answer, ReturnType<typeof refusal>>> {
  const args = command.parse(raw);
  if (!args.ok) return args;
  const site = findSite(context.estate, args.value.site ?? '');
  if (!site.ok) return site;
  const now = await context.book.now();
  const its = policyOf(context.config, context.estate, site.value, await context.freezes.current());
  const timing = timingOf(command, raw);
  const work = { estimateMs: await context.book.estimate(site.value.name, command.name), destroys: false };
  const assessed = assess(its, command.risk, timing, now, work);
  const treated = its.asProduction && site.value.environment !== 'production' ? ', treated as production' : '';
  const approval = assessed.ok
    ? await approverSpans(assessed.value.quorum, its.policy.requester_counts, context)
    : ['Nothing to approve.'];
  return ok({
    summary: `If ${command.name} ${site.value.name} were sent now.`,
    parts: [
      {
        kind: 'fields',
        rows: [
          {
            label: 'Command',
            value: [{ code: command.name }, ` on ${site.value.name} (${site.value.environment}${treated})`],
          },
          { label: 'Risk', value: [command.risk] },
          { label: 'Role', value: await roleSpans(command, { kind: 'site', site: site.value, hosts: null }, context) },
          { label: 'Verdict', value: forecast(its, command.risk, timing, now, work) },
          { label: 'Who could approve', value: approval },
        ],
      },
      text(
        'Nothing was asked for and nothing has changed; the host itself was not asked, so no plan was made. A plan that destroys something asks for the site’s name, typed by you, as well.',
      ),
    ],
  });
}

export const command = question({
  name: 'can',
  summary: 'Say what a command would need if it were sent now, and why, without sending it.',
  fields: [{ key: 'command', label: 'command', of: 'line', required: true }],
  about: 'nothing',
  args: z.strictObject({ command: z.string().min(1).max(2_000) }),
  answer: async (args, context) => {
    const parsed = parseLine(args.command, context.commands, context.config.slack.command);
    if (!parsed.ok) return parsed;
    const { command: wanted, args: raw, kind } = parsed.value;
    if (kind === 'incomplete')
      return err(refusal('bad_arguments', `\`${wanted.name}\` needs ${parsed.value.missing.join(' and ')}.`));
    if (wanted.kind === 'operation') return answerOperation(wanted, raw, context);
    const operationOf = async (id: string) => (await context.book.view(id))?.operation ?? null;
    const target = await targetOf(wanted, raw, context.estate, operationOf);
    return ok({
      summary: `${wanted.name} only answers.`,
      parts: [
        text(
          { code: wanted.name },
          ' only answers and needs no approval. ',
          ...(await roleSpans(wanted, target, context)),
        ),
      ],
    });
  },
});
