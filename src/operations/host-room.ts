import { sameMachine } from '../estate/estate.ts';
import { keyInWords } from '../estate/thing.ts';
import type { HostDocument } from '../estate/types.ts';
import { hostsOf } from './plan.ts';
import type { ClaimVerdict } from './ports.ts';
import type { OperationRecord } from './records.ts';

/** An operation that takes up room on its hosts: it is disruptive or break-glass, and runs or waits for a host that does not answer. */
export interface Occupant extends Pick<OperationRecord, 'id' | 'command' | 'site'> {
  readonly hosts: readonly string[];
}

/** What decides whether there is room for an operation. */
export interface RoomFacts {
  /** Every other operation that takes up room now. */
  readonly occupants: readonly Occupant[];
  /** The hosts of its plan, and all hosts of the estate that are the same machines. */
  readonly hosts: readonly Pick<HostDocument, 'name' | 'address' | 'port' | 'disruptive_at_once'>[];
}

/** For work that needs no room. */
export const NO_ROOM_NEEDED: RoomFacts = { occupants: [], hosts: [] };

/** So many operations or hosts are named, and the rest is counted: a card has room for that. */
const MOST_NAMED = 3;

/** True for what disturbs its hosts. The risk is the one that people were asked about; where nobody wrote it down, it may. */
export function takesRoom({ rules }: Pick<OperationRecord, 'rules'>): boolean {
  return rules?.risk !== 'routine';
}

/**
 * The gate's verdict, unless it is a start for which there is no room: on each machine that the plan uses, fewer than
 * `disruptive_at_once` others have to run. Where several hosts of the estate are one machine, the smallest of their numbers
 * holds. Whatever else the gate says stands, so that nothing that may not start waits for room.
 */
export function whenRoom(
  verdict: ClaimVerdict,
  { plan }: Pick<OperationRecord, 'plan'>,
  { occupants, hosts }: RoomFacts,
): ClaimVerdict {
  if (verdict.kind !== 'start') return verdict;
  const full = hostsOf(plan).flatMap((name) => {
    const known = hosts.find((host) => host.name === name);
    const machine = known === undefined ? [] : hosts.filter((host) => sameMachine(host, known));
    const names = new Set([name, ...machine.map((host) => host.name)]);
    const atOnce = Math.min(...machine.map((host) => host.disruptive_at_once));
    const there = occupants.filter((one) => one.hosts.some((host) => names.has(host)));
    return there.length >= atOnce ? [{ name, atOnce, there }] : [];
  });
  const [first, ...others] = full;
  if (first === undefined) return verdict;
  const more = others.length === 0 ? '' : ` ${listed(others.map((one) => one.name))}: no room either.`;
  const behind = [...new Set(full.flatMap(({ there }) => there.map((one) => one.id)))];
  return { kind: 'wait', reason: `${inWords(first)}${more}`, behind };
}

function inWords(full: {
  readonly name: string;
  readonly atOnce: number;
  readonly there: readonly Occupant[];
}): string {
  const { name, atOnce, there } = full;
  const many = atOnce === 1 ? 'one disruptive operation may run' : `${atOnce} disruptive operations may run`;
  const now = there.map(({ id, command, site }) => `operation ${id} (${command} ${keyInWords(site)})`);
  return `It waits for room on the host ${name}, where ${many} at a time. Now: ${listed(now)}.`;
}

function listed(words: readonly string[]): string {
  const rest = words.length - MOST_NAMED;
  return [...words.slice(0, MOST_NAMED), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}
