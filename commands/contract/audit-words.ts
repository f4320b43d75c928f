import { z } from 'zod';
import type { AuditRow } from '../../src/operations/audit.ts';
import type { Span } from './answer.ts';
import { shortened } from './words.ts';

/** Longest tail of a row that is told, in characters; the whole row is in an export. */
const LONGEST = 160;

const details = z.record(z.string(), z.unknown());
/** What is worth telling of a row's data, the most telling first. */
const TOLD = ['line', 'action', 'n', 'step', 'state', 'exitCode', 'becomes', 'reason', 'message', 'changes', 'changed'];

function detailWords(data: string): string {
  const read = details.safeParse(JSON.parse(data));
  if (!read.success) return '';
  const words = TOLD.flatMap((key) => {
    const value = read.data[key];
    if (value === undefined || value === null || value === '') return [];
    return [`${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`];
  }).join(', ');
  return shortened(words, LONGEST);
}

/** A row of the audit log as a line for people: number, when, who, what, what about, and what is worth telling of it. */
export function auditLine(row: AuditRow): Span[] {
  const person = /^[UW][A-Z0-9]{2,20}$/.test(row.actor);
  const words = detailWords(row.data);
  return [
    `${row.seq}  `,
    { at: new Date(`${row.at.slice(0, 23)}Z`), style: 'day-time' },
    '  ',
    person ? { person: row.actor } : row.actor,
    '  ',
    { strong: row.action },
    '  ',
    { code: row.subject },
    words === '' ? '' : `  ${words}`,
  ];
}
