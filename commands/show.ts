import { z } from 'zod';
import { durationInWords } from '../src/kernel/duration.ts';
import { ok } from '../src/kernel/result.ts';
import type { StepRecord, VoteRecord } from '../src/operations/records.ts';
import type { Span } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { findOperation, operationId } from './contract/find-operation.ts';
import { bytesInWords, stateOfView, workInWords } from './contract/words.ts';

function stepRow(step: StepRecord): string[] {
  const { startedAt, endedAt } = step;
  const took = startedAt && endedAt ? durationInWords(endedAt.getTime() - startedAt.getTime()) : '';
  const exit = step.exitCode === null ? '' : String(step.exitCode);
  return [String(step.n), step.step, step.state, exit, took, bytesInWords(step.outputBytes)];
}

function voteSpans(votes: readonly VoteRecord[]): Span[] {
  if (votes.length === 0) return ['none'];
  return votes.flatMap((vote): Span[] => [
    { person: vote.person },
    ` ${vote.verdict}${vote.withdrawnAt ? ' (withdrawn)' : ''}${vote.voidReason ? ` (void: ${vote.voidReason})` : ''} `,
  ]);
}

export const command = question({
  name: 'show',
  summary: 'Show everything about one operation: who, what, plan, votes, steps, outcome.',
  fields: [{ key: 'operation', label: 'operation', of: 'operation', required: true }],
  args: z.strictObject({ operation: operationId }),
  answer: async (args, { book }) => {
    const found = await findOperation(book, args.operation);
    if (!found.ok) return found;
    const { operation, steps, votes } = found.value;
    const result = Object.entries(operation.result ?? {}).map(([key, value]) => `${key} ${value}`);
    return ok({
      summary: `Operation ${operation.id}: ${workInWords(operation)}, ${stateOfView(found.value)}.`,
      parts: [
        {
          kind: 'heading',
          text: `${workInWords(operation)} (${operation.environment}) · ${operation.id}`,
        },
        {
          kind: 'fields',
          rows: [
            {
              label: 'State',
              value: [{ strong: stateOfView(found.value) }, operation.reason ? `: ${operation.reason}` : ''],
            },
            {
              label: 'Asked',
              value: [{ person: operation.requester }, ' ', { at: operation.createdAt, style: 'day-time' }],
            },
            { label: 'Why so', value: [operation.verdict.why] },
            { label: 'Votes', value: voteSpans(votes) },
            {
              label: 'Plan',
              value: [{ code: operation.planHash.slice(0, 16) }, ` generation ${operation.generation}`],
            },
            { label: 'Result', value: [result.join(', ') || 'none yet'] },
          ],
        },
        { kind: 'table', head: ['#', 'Step', 'State', 'Exit', 'Took', 'Output'], rows: steps.map(stepRow) },
      ],
    });
  },
});
