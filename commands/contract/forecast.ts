import { askedInWords, confirmationOf } from '../../approvals/confirmation.ts';
import type { Risk } from '../../approvals/policy.ts';
import type { ThingKind } from '../../src/estate/thing.ts';
import { type Assessment, assess, type Timing } from '../../src/operations/assess.ts';
import type { SitePolicy, Work } from '../../src/operations/site-policy.ts';
import type { Span } from './answer.ts';

/** What would become of work of a risk, as spans: start, votes, confirmation and why; for a refusal what to do instead. */
export function forecast(
  its: SitePolicy,
  risk: Risk,
  timing: Timing,
  now: Date,
  work: Work & { readonly of: ThingKind },
): readonly Span[] {
  const assessed = assess(its, risk, timing, now, work);
  if (!assessed.ok) return [{ strong: 'It would be refused. ' }, `${assessed.error.message} ${assessed.error.next}`];
  const { verdict } = assessed.value;
  return [
    ...startSpans(assessed.value, work.of),
    ` ${verdict.why}`,
    ...(verdict.warning === undefined ? [] : [' ', { strong: 'Warning: ' }, verdict.warning]),
  ];
}

function startSpans({ verdict, quorum, opensAt }: Assessment, of: ThingKind): readonly Span[] {
  const asked = confirmationOf(verdict);
  const people = [
    ...(quorum > 0 ? [`${quorum} approvals`] : []),
    ...(asked === null ? [] : [`you ${askedInWords(asked, of)}`]),
  ].join(' and ');
  if (opensAt === null)
    return [{ strong: people === '' ? 'It would start at once.' : `It would wait for ${people}, then start.` }];
  const given = [
    ...(quorum > 0 ? [`${quorum} approvals have been given`] : []),
    ...(asked === null
      ? []
      : [asked.kind === 'click' ? 'you have confirmed it' : `you have done what it asks: ${askedInWords(asked, of)}`]),
  ].join(' and ');
  return [
    { strong: 'It would be held until ' },
    { at: opensAt, style: 'day-time' },
    { strong: given === '' ? ' and start then without approvals.' : ` and start then if ${given}.` },
  ];
}
