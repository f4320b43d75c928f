import type { KnownBlock } from '@slack/types';
import type { Span } from '../../../../commands/contract/answer.ts';
import { keyInWords } from '../../../estate/thing.ts';
import type { PlannedStep } from '../../../operations/plan.ts';
import type { Considered } from '../../../operations/request.ts';
import { preformatted, type Rendered } from './answer.ts';
import { clipped, code, escaped, fitted, spans } from './mrkdwn.ts';
import { destroysLines, effectLines, usuallyWords, whereWords } from './plan-words.ts';

/** A line that is longer is not repeated: cut short it would be another one. */
const LONGEST_LINE = 900;

/** What would become of it, in words. */
export interface Prospect {
  readonly verdict: readonly Span[];
  /** Who could approve; null where it would be refused. */
  readonly approvers: readonly Span[] | null;
  /** What has to be typed to ask for it. */
  readonly typed: string;
}

function section(lines: readonly string[], limit: number): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: fitted(lines, '\n', limit) } };
}

function stepLine(number: string, step: PlannedStep): string {
  const what = `${number} ${escaped(clipped(step.title, 300))} · ${whereWords(step)}`;
  return [what, ...destroysLines(step).map((line) => `        ${line}`)].join('\n');
}

/** What would be recorded and what would become of it; for the one who asked alone. */
export function renderDryRun(considered: Considered, { verdict, approvers, typed }: Prospect): Rendered {
  const { plan, planHash, target, risk, its, estimateMs } = considered;
  const treated = its.asProduction && target.environment !== 'production' ? ', treated as production' : '';
  const what = clipped(`${plan.command} on ${keyInWords(target.key)}`, 200);
  const last = 'Nothing was recorded or changed.';
  const repeat = typed.length <= LONGEST_LINE;
  const send =
    approvers === null
      ? 'Once nothing stands against it, send it without `--dry-run` to ask for it'
      : 'Send it without `--dry-run` to ask for it';
  return {
    text: clipped(escaped(`Dry run of ${what}, plan ${planHash.slice(0, 12)}. ${last}`), 3_000),
    blocks: [
      section(
        [
          `*Dry run of* ${escaped(`${what}, ${clipped(target.environment, 80)}${treated}`)}`,
          `Plan ${code(planHash.slice(0, 12))} · risk ${risk} · usual duration ${usuallyWords(estimateMs)}`,
        ],
        900,
      ),
      section(
        [`*Verdict*  ${spans(verdict)}`, ...(approvers === null ? [] : [`*Who could approve*  ${spans(approvers)}`])],
        2_000,
      ),
      section(['*What it would do*', ...effectLines(plan)], 2_000),
      section(
        plan.steps.length === 0 ? ['_No steps._'] : plan.steps.map((step, index) => stepLine(`${index + 1}.`, step)),
        2_900,
      ),
      ...(plan.cleanup.length === 0
        ? []
        : [
            section(
              ['*Only after a failure or a cancellation*', ...plan.cleanup.map((step) => stepLine('•', step))],
              1_200,
            ),
          ]),
      section([repeat ? `${last} ${send}:` : `${last} ${send}.`], 300),
      ...(repeat ? [preformatted(typed)] : []),
    ],
  };
}
