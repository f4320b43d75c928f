import type { KnownBlock, ModalView } from '@slack/types';
import { keyInWords, readKey } from '../../../estate/thing.ts';
import { localStepByName } from '../../../operations/local.ts';
import { describeDrift, type PlannedStep } from '../../../operations/plan.ts';
import type { OperationRecord } from '../../../operations/records.ts';
import { STATE_WORDS } from '../../../operations/state.ts';
import { stepByName } from '../../../operations/steps/index.ts';
import { confirmationWords } from '../../../operations/waiting.ts';
import { quote } from '../../../shell/quote.ts';
import { preformatted } from './answer.ts';
import { clipped, code, escaped, fitted, instant, visible } from './mrkdwn.ts';
import { destroysLines, effectLines, usuallyWords, whereWords } from './plan-words.ts';

/** A view takes 100 blocks and 250,000 bytes; the rest is for the frame. */
const MOST_BLOCKS = 96;
const MOST_BYTES = 200_000;
/** Characters of one piece of a script. */
const PIECE = 2_800;
const SECTION = 2_900;

function frame(blocks: KnownBlock[]): ModalView {
  return {
    type: 'modal',
    title: { type: 'plain_text', text: 'Details' },
    close: { type: 'plain_text', text: 'Close' },
    blocks,
  };
}

function section(lines: readonly string[]): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text: fitted(lines, '\n', SECTION) } };
}

/** What stands in the modal while the details are gathered: a trigger lives three seconds, reading may take longer. */
export function detailsLoading(): ModalView {
  return frame([section(['One moment, the plan is being read…'])]);
}

/** A refusal in place of the details. */
export function detailsRefused(blocks: KnownBlock[]): ModalView {
  return frame(blocks);
}

/**
 * All that an approver needs to see before saying yes: who asked for what and why it waits, what it reads, writes and
 * destroys, how it differs from the last run, and the exact commands. Secrets are named, never shown.
 */
export function renderDetails(operation: OperationRecord, before: OperationRecord | null): ModalView {
  const { plan } = operation;
  const all: KnownBlock[] = [
    section([
      `*${escaped(clipped(operation.line, 300))}* on ${escaped(clipped(`${keyInWords(operation.site)}, ${operation.environment}`, 200))}`,
      `Asked by <@${operation.requester}> ${instant(operation.createdAt, 'day-time')} · operation ${code(operation.id)}`,
      `*Why it waits*  ${escaped(clipped(operation.verdict.why, 500))}`,
      ...confirmationLines(operation),
      `*Usually takes*  ${usuallyWords(operation.estimateMs)}`,
      `*Plan*  ${code(operation.planHash)}`,
    ]),
    section(['*What it reads, writes and destroys*', ...effectLines(plan)]),
    section(comparison(operation, before)),
    ...plan.steps.flatMap((step, index) => stepBlocks(`Step ${index + 1}`, step)),
    ...plan.cleanup.flatMap((step) => stepBlocks(cleanupLabel(step), step)),
  ];
  return frame(withinView(all, operation.id));
}

const cleanupLabel = ({ since }: PlannedStep) =>
  `Only after a failure or a cancellation${since === undefined ? '' : `, from step ${since} on`}`;

function confirmationLines(operation: OperationRecord): string[] {
  const asked = confirmationWords(operation);
  const { warning } = operation.verdict;
  return [
    ...(asked === null ? [] : [`*Confirmation*  it waits for <@${operation.requester}> ${asked}`]),
    ...(operation.confirmed === null
      ? []
      : [`*Confirmed*  ${instant(operation.confirmed.at, 'day-time')} by <@${operation.requester}>`]),
    ...(operation.confirmed?.reason == null ? [] : [`*Reason*  ${escaped(clipped(operation.confirmed.reason, 500))}`]),
    ...(warning === undefined ? [] : [`:warning: *Warning*  ${escaped(clipped(warning, 500))}`]),
  ];
}

function comparison(operation: OperationRecord, before: OperationRecord | null): string[] {
  if (before === null)
    return ['*Compared with the last run*', `It has never been run on this ${readKey(operation.site).kind} before.`];
  const head = `*Compared with the last run*  ${code(before.id)}, ${instant(before.createdAt, 'day-time')}, ${STATE_WORDS[before.state]}`;
  const changes = describeDrift(before.plan, operation.plan);
  if (changes.length === 0) return [head, 'The plan is the same, word for word.'];
  return [head, ...changes.map((change) => `• ${escaped(clipped(change, 600))}`)];
}

function stepBlocks(label: string, step: PlannedStep): KnownBlock[] {
  const secrets =
    step.secrets.length === 0
      ? 'none'
      : `${step.secrets.map((name) => code(name)).join(', ')}, on standard input; the value is not shown`;
  const local = localStepByName(step.step) !== undefined;
  const head = section([
    `*${label} · ${escaped(clipped(step.title, 300))}*`,
    ...destroysLines(step),
    ...(step.aftermath === undefined ? [] : [`*If it ends here*  ${escaped(clipped(step.aftermath, 900))}`]),
    ...(step.blanks === undefined
      ? []
      : [`*Blanked in its output*  the values of ${step.blanks.map((name) => code(name)).join(', ')}`]),
    local ? whereWords(step) : `${whereWords(step)} · secrets: ${secrets}`,
  ]);
  if (local) {
    const fields = Object.entries(step.params).map(([key, value]) => `${key} = ${visible(value).toWellFormed()}`);
    return [head, ...pieces(fields.join('\n')).map(preformatted)];
  }
  const params = Object.entries(step.params).map(([key, value]) => `P_${key}=${quote(visible(value).toWellFormed())}`);
  const body = stepByName(step.step)?.body ?? '# this step is not there any more, so the plan cannot start';
  return [head, ...pieces([...params, '', body.trim()].join('\n')).map(preformatted)];
}

/** The text in pieces, cut at ends of lines where there are any. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let rest = text; rest !== ''; ) {
    if (rest.length <= PIECE) return [...found, rest];
    const lineEnd = rest.lastIndexOf('\n', PIECE);
    let cut = lineEnd > 0 ? lineEnd : PIECE;
    if (/[\ud800-\udbff]/.test(rest.charAt(cut - 1))) cut -= 1;
    found.push(rest.slice(0, cut));
    rest = rest.slice(lineEnd > 0 ? cut + 1 : cut);
  }
  return found;
}

function withinView(all: readonly KnownBlock[], id: string): KnownBlock[] {
  const kept: KnownBlock[] = [];
  let bytes = 0;
  for (const block of all) {
    bytes += Buffer.byteLength(JSON.stringify(block));
    if (kept.length === MOST_BLOCKS || bytes > MOST_BYTES)
      return [...kept, section([`_There is more than fits here. All of it: ${code(`evidence ${id}`)}._`])];
    kept.push(block);
  }
  return kept;
}
