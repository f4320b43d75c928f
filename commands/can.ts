import { z } from 'zod';
import { nameInWords } from '../approvals/confirmation.ts';
import { findSite } from '../src/estate/estate.ts';
import { type OperationTarget, targetOfKey, targetOfSite } from '../src/estate/target.ts';
import { keyInWords, keyOf } from '../src/estate/thing.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, ok, type Result } from '../src/kernel/result.ts';
import { assess } from '../src/operations/assess.ts';
import { authorise, type Target } from '../src/operations/authorise.ts';
import { policyOfTarget } from '../src/operations/site-policy.ts';
import type { Answer, Span } from './contract/answer.ts';
import { text } from './contract/answer.ts';
import {
  type Command,
  type OperationCommand,
  type QuestionContext,
  question,
  type RawArguments,
  timingOf,
} from './contract/command.ts';
import { approverSpans, forecast } from './contract/forecast.ts';
import { parseLine } from './contract/line.ts';
import { ADVANCED_FIELD } from './contract/settings.ts';
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

function siteOf(args: RawArguments, { estate }: QuestionContext): Result<OperationTarget, Refusal> {
  const site = findSite(estate, args.site ?? '');
  return site.ok ? ok(targetOfSite(estate, site.value)) : site;
}

/** What a change of the estate would work on, by the first thing of the estate that it names. */
function targetOfArguments(
  command: OperationCommand,
  args: RawArguments,
  { estate }: QuestionContext,
): Result<OperationTarget, Refusal> {
  for (const { key, of, required } of command.fields) {
    if (!required || (of !== 'site' && of !== 'host' && of !== 'cluster')) continue;
    const found = targetOfKey(estate, keyOf(of, args[key] ?? ''));
    if (found) return ok(found);
  }
  return err(
    refusal(
      'not_supported',
      `What this \`${command.name}\` would work on is not in the estate, so nobody can tell beforehand.`,
      `Its risk is ${command.risk}. Send it with \`--dry-run\` to see.`,
    ),
  );
}

/** The command's own risk; more for who says that advanced settings may change. */
function riskOfArguments({ risk }: OperationCommand, args: RawArguments): OperationCommand['risk'] {
  return risk === 'routine' && args[ADVANCED_FIELD.key] === 'yes' ? 'disruptive' : risk;
}

async function answerOperation(
  command: OperationCommand,
  raw: RawArguments,
  about: Target,
  context: QuestionContext,
): Promise<Result<Answer, Refusal>> {
  const args = command.parse(raw);
  if (!args.ok) return args;
  const found = command.on === 'estate' ? targetOfArguments(command, args.value, context) : siteOf(args.value, context);
  if (!found.ok) return found;
  const target = found.value;
  const now = await context.book.now();
  const its = policyOfTarget(context.config, target, await context.freezes.current());
  const timing = timingOf(command, raw);
  const work = { estimateMs: await context.book.estimate(target.key, command.name), destroys: false, of: target.kind };
  const risk = riskOfArguments(command, args.value);
  const assessed = assess(its, risk, timing, now, work);
  const treated = its.asProduction && target.environment !== 'production' ? ', treated as production' : '';
  const approval = assessed.ok
    ? approverSpans(
        assessed.value.quorum,
        its.policy.requester_counts,
        context.asker.person,
        assessed.value.quorum === 0 ? [] : await context.approvers(),
      )
    : ['Nothing to approve.'];
  return ok({
    summary: `If ${command.name} ${keyInWords(target.key)} were sent now.`,
    parts: [
      {
        kind: 'fields',
        rows: [
          {
            label: 'Command',
            value: [{ code: command.name }, ` on ${keyInWords(target.key)} (${target.environment}${treated})`],
          },
          { label: 'Risk', value: [risk] },
          { label: 'Role', value: await roleSpans(command, about, context) },
          { label: 'Verdict', value: forecast(its, risk, timing, now, work) },
          { label: 'Who could approve', value: approval },
        ],
      },
      text(
        `Nothing was asked for and nothing has changed; the host itself was not asked, so no plan was made. A plan that destroys something asks for ${nameInWords(target.kind)}, typed by you, as well. The same line with --dry-run shows the plan, step by step.`,
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
    const operationOf = async (id: string) => (await context.book.view(id))?.operation ?? null;
    const target = await targetOf(wanted, raw, context.estate, operationOf);
    if (wanted.kind === 'operation') return answerOperation(wanted, raw, target, context);
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
