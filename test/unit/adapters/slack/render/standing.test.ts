import { describe, expect, it } from 'vitest';
import type { StandingRecord } from '../../../../../approvals/ports.ts';
import type { StandingState } from '../../../../../approvals/standing.ts';
import { renderRemark, renderStanding } from '../../../../../src/adapters/slack/render/standing.ts';
import { later, T0 } from '../../../../support/builders.ts';
import { expectSlackTakes, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const standing = (change: Partial<StandingRecord> = {}): StandingRecord => ({
  id: '7k3m9q2x',
  definition: { command: 'backup', args: { site: 'acme' }, site: 'acme', cron: '30 2 * * *', zone: 'Europe/Berlin' },
  rules: {},
  requester: 'U0REQ',
  requesterCounts: false,
  quorum: 2,
  state: 'open',
  decideBy: later(60),
  expiresAt: null,
  activeAt: null,
  askedAt: T0,
  endedAt: null,
  reason: null,
  readAt: T0,
  revision: 1,
  votes: [],
  ...change,
});
const vote = (person: string, voidReason: string | null = null) =>
  ({
    person,
    verdict: 'approve',
    withdrawn: voidReason !== null,
    steppedUp: false,
    at: later(1),
    reason: null,
    voidReason,
  }) as const;
const said = (its: StandingRecord) => mrkdwnOf(renderStanding(its)).join('\n');
const labels = (its: StandingRecord) =>
  [...JSON.stringify(renderStanding(its).blocks).matchAll(/"action_id":"standing-(\w+)"/g)].map((found) => found[1]);

describe('the message of a standing approval', () => {
  it('says what, when in words, the next three runs, who asked, the votes', () => {
    const words = said(standing({ votes: [vote('U0APA')] }));
    for (const part of [
      '`backup acme` on acme',
      'At 02:30, every day (`30 2 * * *`, Europe/Berlin)',
      'Tue 2026-03-03 02:30 · Wed 2026-03-04 02:30 · Thu 2026-03-05 02:30',
      'Asked by <@U0REQ>',
      '*awaiting approval*: 1 of 2 approvals. Decide by',
      '<@U0APA> approved',
    ])
      expect(words).toContain(part);
  });

  it.each<[StandingState, string[]]>([
    ['open', ['approve', 'deny', 'withdraw']],
    ['active', ['withdraw', 'revoke']],
    ['suspended', ['approve', 'deny', 'withdraw', 'revoke']],
    ['denied', []],
    ['expired', []],
    ['void', []],
    ['revoked', []],
  ])('%s offers %j', (state, expected) => {
    expect(labels(standing({ state, expiresAt: later(100) }))).toEqual(expected);
  });

  it('names the people in its reason, and why a vote is void', () => {
    const reason = '<@U0APB> may not approve any more, so 1 more to approve.';
    const words = said(
      standing({ state: 'suspended', reason, expiresAt: later(9), votes: [vote('U0APB', 'no longer an approver')] }),
    );
    expect(words).toContain(reason);
    expect(words).toContain('void: no longer an approver');
    expect(mrkdwnOf(renderRemark(standing(), `is suspended. ${reason}`)).join('\n')).toContain(
      `is suspended. ${reason}`,
    );
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    const definition = {
      command: text,
      args: { site: text, note: text },
      site: text,
      cron: '*/5 9-17 * * 1-5',
      zone: 'UTC',
    };
    const votes = Array.from({ length: 60 }, (_, n) => vote(`U0AP${n}`, text.slice(0, 200)));
    for (const state of ['open', 'active', 'suspended', 'void'] as const)
      expectSlackTakes(renderStanding(standing({ definition, state, reason: text, expiresAt: later(9), votes })));
    expectSlackTakes(renderRemark(standing({ definition }), text));
  });
});
