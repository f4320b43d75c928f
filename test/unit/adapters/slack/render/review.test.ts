import { describe, expect, it } from 'vitest';
import { renderReview, renderStillOpen } from '../../../../../src/adapters/slack/render/review.ts';
import type { ReviewRecord } from '../../../../../src/operations/reviews.ts';
import { later, T0 } from '../../../../support/builders.ts';
import { expectSlackTakes, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const review = (change: Partial<ReviewRecord> = {}): ReviewRecord => ({
  operation: '7k3m9q2x',
  kind: 'break-glass',
  person: 'U0REQ',
  openedAt: T0,
  ended: true,
  closed: null,
  line: 'demolish acme',
  site: 'acme',
  environment: 'production',
  why: 'the disk dies',
  quorum: 2,
  state: 'succeeded',
  ...change,
});
const said = (message: Parameters<typeof mrkdwnOf>[0]) => mrkdwnOf(message).join('\n');

describe('the post of a review', () => {
  it('says who, what, where, why, who has to close it and how', () => {
    const message = renderReview(review(), '/ops');
    for (const words of [
      'Break-glass on production',
      '<@U0REQ> asked for `demolish acme` on acme',
      'the disk dies',
      'Somebody else than <@U0REQ> has to close this',
      '`/ops review close 7k3m9q2x &lt;note&gt;`',
    ])
      expect(said(message)).toContain(words);
    expect(JSON.stringify(message.blocks)).toContain('"action_id":"review"');
  });

  it('says by whom it was closed, and offers no button any more', () => {
    const closed = { by: 'U0APA', at: later(3), note: 'compared <both> hosts' };
    const message = renderReview(review({ closed }), '/ops');
    expect(said(message)).toContain('*Closed* by <@U0APA>');
    expect(JSON.stringify(message.blocks)).toContain('compared <both> hosts');
    expect(JSON.stringify(message.blocks)).not.toContain('action_id');
    expect(said(renderReview(review({ closed: { ...closed, by: 'twokey' } }), '/ops'))).toContain('*Closed* by itself');
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    const its = { line: text, site: text, environment: text, why: text };
    const closed = { by: 'U0APA', at: later(3), note: text.slice(0, 1_000) };
    for (const message of [
      renderReview(review(its), '/ops'),
      renderReview(review({ ...its, closed }), '/ops'),
      renderStillOpen(review({ ...its, kind: 'emergency' }), '/ops'),
    ])
      expectSlackTakes(message);
  });
});
