import type { Risk } from '../../approvals/policy.ts';
import { type Assessment, assess, type Timing } from '../../src/operations/assess.ts';
import type { SitePolicy } from '../../src/operations/site-policy.ts';
import type { Span } from './answer.ts';

/** What would become of work of a risk, as spans: start, votes and why; for a refusal what to do instead. */
export function forecast(its: SitePolicy, risk: Risk, timing: Timing, now: Date): readonly Span[] {
  const assessed = assess(its, risk, timing, now);
  if (!assessed.ok) return [{ strong: 'It would be refused. ' }, `${assessed.error.message} ${assessed.error.next}`];
  const { verdict } = assessed.value;
  return [
    ...startSpans(assessed.value),
    ` ${verdict.why}`,
    ...(verdict.warning === undefined ? [] : [' ', { strong: 'Warning: ' }, verdict.warning]),
  ];
}

function startSpans({ verdict, quorum, opensAt }: Assessment): readonly Span[] {
  const votes =
    verdict.kind === 'votes' && verdict.typedName ? `${quorum} approvals and the typed name` : `${quorum} approvals`;
  if (opensAt === null)
    return [{ strong: quorum > 0 ? `It would wait for ${votes}, then start.` : 'It would start at once.' }];
  return [
    { strong: 'It would be held until ' },
    { at: opensAt, style: 'day-time' },
    { strong: quorum > 0 ? ` and start then if ${votes} have been given.` : ' and start then without approvals.' },
  ];
}
