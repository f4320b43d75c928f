import { askedInWords, confirmationOf } from '../../approvals/confirmation.ts';
import type { Risk } from '../../approvals/policy.ts';
import { poolFor, unreachable } from '../../approvals/pool.ts';
import type { ThingKind } from '../../src/estate/thing.ts';
import type { Refusal } from '../../src/kernel/errors.ts';
import type { Result } from '../../src/kernel/result.ts';
import { type Assessment, assess, type Timing } from '../../src/operations/assess.ts';
import type { SitePolicy, Work } from '../../src/operations/site-policy.ts';
import { type Span, sentence } from './answer.ts';

/** What would become of work of a risk, as spans: start, votes, confirmation and why; for a refusal what to do instead. */
export function forecast(
  its: SitePolicy,
  risk: Risk,
  timing: Timing,
  now: Date,
  work: Work & { readonly of: ThingKind },
): readonly Span[] {
  return verdictSpans(assess(its, risk, timing, now, work), work.of);
}

/** The same of what has been assessed already; `of`: what kind of thing it works on. */
export function verdictSpans(assessed: Result<Assessment, Refusal>, of: ThingKind): readonly Span[] {
  if (!assessed.ok)
    return [{ strong: 'It would be refused. ' }, ...sentence(`${assessed.error.message} ${assessed.error.next}`)];
  const { verdict } = assessed.value;
  return [
    ...startSpans(assessed.value, of),
    ` ${verdict.why}`,
    ...(verdict.warning === undefined ? [] : [' ', { strong: 'Warning: ' }, verdict.warning]),
  ];
}

/** How many of whom would have to approve; `active`: everybody who may approve now. */
export function approverSpans(
  quorum: number,
  requesterCounts: boolean,
  requester: string,
  active: readonly string[],
): readonly Span[] {
  if (quorum === 0) return ['Nobody has to approve.'];
  const objection = unreachable(active, requester, quorum, requesterCounts);
  if (objection) return [{ strong: 'It would be refused. ' }, ...sentence(objection.message)];
  const others = poolFor(active, requester, requesterCounts);
  return [
    `${quorum} of `,
    ...others.flatMap((person, index): Span[] => (index === 0 ? [{ person }] : [', ', { person }])),
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
