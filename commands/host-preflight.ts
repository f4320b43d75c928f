import { z } from 'zod';
import { findHost } from '../src/estate/estate.ts';
import { systemFacts } from '../src/estate/introspection/facts.ts';
import { judgeHost, type PreflightRow, type PreflightState } from '../src/estate/introspection/preflight.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { lookAtHost } from '../src/operations/host-facts.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

const STATES: readonly PreflightState[] = ['CRIT', 'WARN', 'UNKNOWN', 'OK'];

/** Seconds that the host's clock lies outside the time that passed here between the question and the answer; 0 within. */
export function clockOffset(clock: number | null, asked: Date, answered: Date): number | null {
  if (clock === null) return null;
  // The host tells whole seconds, cut off.
  const early = Math.floor(asked.getTime() / 1000);
  const late = Math.floor(answered.getTime() / 1000);
  return clock < early ? clock - early : clock > late ? clock - late : 0;
}

export const command = question({
  name: 'host preflight',
  summary:
    'Check whether a host has what a site needs: system, kernel, processors, memory, engine, disks, open ports, clock.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }],
  roles: ['operator'],
  area: 'host',
  args: z.strictObject({ host: name }),
  answer: async (args, context) => {
    const host = findHost(context.estate, args.host);
    if (!host.ok) return host;
    const asked = await context.book.now();
    const look = await lookAtHost(context.hosts, host.value, 'host');
    if (!look.ok) return look;
    const { system } = look.value;
    const rows = judgeHost(system, clockOffset(system.clock, asked, await context.book.now()));
    await context.hostFacts.note(host.value.name, systemFacts(system), context.asker.person);
    const count = (state: PreflightState) => rows.filter((row) => row.state === state).length;
    const summary = `${args.host}: ${STATES.map((state) => `${count(state)} ${state}`).join(', ')}.`;
    const sorted = rows.toSorted((left, right) => STATES.indexOf(left.state) - STATES.indexOf(right.state));
    const line = (row: PreflightRow) => [row.state, row.check, row.found, row.wanted];
    return ok({
      summary,
      parts: [
        text(summary),
        { kind: 'table', head: ['State', 'Check', 'Found', 'Wanted'], rows: sorted.map(line) },
        text(`What is wanted comes from: ${[...new Set(rows.map((row) => row.source))].join('; ')}.`),
      ],
    });
  },
});
