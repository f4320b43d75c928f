import { coverInWords, type DutyRow, type Owner } from '../../src/operations/duties.ts';
import type { Span } from './answer.ts';

const STATES = { ok: 'OK', bad: 'NOT OK', unknown: 'UNKNOWN' } as const;

/** An owner as people read it: a mention, or the words that were given. */
export function ownerSpan(owner: Owner): Span {
  return owner.kind === 'person' ? { person: owner.id } : owner.words;
}

/** A duty in two lines: what it is and who owns it; how it stands and what covers it. */
export function dutyLines({ duty, owned, hasOwner, evidence }: DutyRow): Span[] {
  const who: Span[] = hasOwner
    ? ['owned by ', owned === null ? 'the vendor' : ownerSpan(owned.owner)]
    : [{ strong: 'nobody owns this' }, duty.accountable === 'nobody' ? '' : ` (accountable: ${duty.accountable})`];
  const covers = duty.covers.map(coverInWords).join(', ') || 'nothing';
  return [
    hasOwner ? '' : ':red_circle: ',
    { code: duty.item },
    ` ${duty.title}: `,
    ...who,
    `\n      ${STATES[evidence.state]}: ${evidence.words}. Covered by ${covers}.`,
    duty.note === undefined ? '' : ` ${duty.note}`,
  ];
}

/** The same without markup, for a file. */
export function dutyText(row: DutyRow): string {
  return dutyLines(row)
    .map((span) =>
      typeof span === 'string'
        ? span.replace(':red_circle: ', '(!) ')
        : 'code' in span
          ? span.code
          : 'strong' in span
            ? span.strong
            : 'person' in span
              ? span.person
              : '',
    )
    .join('');
}
