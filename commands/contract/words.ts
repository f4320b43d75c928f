import type { Moment } from '../../approvals/calendar.ts';
import { countedApprovers } from '../../approvals/machine.ts';
import type { StandingDefinition } from '../../approvals/standing.ts';
import { keyInWords, readKey } from '../../src/estate/thing.ts';
import { durationInWords } from '../../src/kernel/duration.ts';
import { assertNever } from '../../src/kernel/result.ts';
import { toRequest } from '../../src/operations/gate.ts';
import type { OperationRecord, OperationView } from '../../src/operations/records.ts';
import { stateWords } from '../../src/operations/waiting.ts';

/** `1.4 MB`: decimal units, one digit after the point from a thousand bytes on. */
export function bytesInWords(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit]}`;
}

/** The beginning of a text of more than `most` characters, without cutting one of two units in the middle. */
export function shortened(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** `backup acme`, `host edit acme-app`, `host add, cluster acme`: the command and what it works on. */
export function workInWords({ command, site }: Pick<OperationRecord, 'command' | 'site'>): string {
  const { kind, name } = readKey(site);
  return kind === 'site' || command.startsWith(`${kind} `) ? `${command} ${name}` : `${command}, ${keyInWords(site)}`;
}

/** The same as the head of a card or a message. */
export function workAsHeading(operation: Pick<OperationRecord, 'command' | 'site'>): string {
  const words = workInWords(operation);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** `backup acme`: what a standing approval is for, as it would be typed. */
export function scheduledLine({ command, args }: Pick<StandingDefinition, 'command' | 'args'>): string {
  return [command, ...Object.values(args)].join(' ');
}

/** The state as its card says it: once it has its votes, what still waits is awaiting its confirmation. */
export function stateOfView({ operation, votes }: Pick<OperationView, 'operation' | 'votes'>): string {
  const { state, quorum } = operation;
  const voted = state === 'awaiting' && countedApprovers(toRequest(operation, votes)).length >= quorum;
  return stateWords(voted ? { ...operation, quorum: 0 } : operation);
}

/** A row of a history: id, when it was asked for, what, state, how long. */
export function historyRow(operation: OperationRecord): string[] {
  const { startedAt, endedAt } = operation;
  const took = startedAt && endedAt ? durationInWords(endedAt.getTime() - startedAt.getTime()) : '';
  const when = `${operation.createdAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return [operation.id, when, workInWords(operation), stateWords(operation), took];
}

/** What a calendar says of now, as half a sentence. */
export function momentInWords(moment: Moment): string {
  switch (moment.kind) {
    case 'working':
      return 'in working hours';
    case 'outside':
      return 'outside working hours';
    case 'holiday':
      return `a holiday (${moment.name})`;
    case 'freeze':
      return `a freeze (${moment.reason})`;
    default:
      return assertNever(moment);
  }
}
