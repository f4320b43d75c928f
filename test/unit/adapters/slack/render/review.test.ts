import { describe, expect, it } from 'vitest';
import { noteForm, submittedNote } from '../../../../../src/adapters/slack/render/note-form.ts';
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

describe('the form for words', () => {
  const given = (value: string | null) => ({ values: { note: { value: { value } } } });

  it.each([
    ['review', ' fine ', 'fine'],
    ['review', '  ', 'at least 1'],
    ['review', null, 'at least 1'],
    ['review', 'x'.repeat(1_001), 'At most 1000'],
    ['standing-deny', 'no', 'at least 3'],
    ['standing-revoke', 'nobody knows them', 'nobody knows them'],
  ] as const)('%s of %j: %s', (action, value, expected) => {
    const read = submittedNote(action, given(value));
    expect(read.ok ? read.note : read.problem).toContain(expected);
  });

  it('keeps titles within what Slack takes', () => {
    for (const action of ['review', 'standing-deny', 'standing-revoke'] as const) {
      const form = noteForm({ action, id: '7k3m9q2x', channel: 'C0AUDIT' });
      for (const text of [form.title.text, form.submit?.text ?? '', form.close?.text ?? ''])
        expect(text.length).toBeLessThanOrEqual(24);
    }
  });
});
