import { describe, expect, it } from 'vitest';
import { renderRecorded } from '../../../../../src/adapters/slack/render/recorded.ts';
import { later, operation } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const TYPED = { kind: 'votes', quorum: 2, typedName: true, withReason: true, why: 'Break-glass.' } as const;

describe('the answer to who has asked for an operation', () => {
  it('says what comes next and what they have to do themselves', () => {
    const said = mrkdwnOf(renderRecorded(operation({ verdict: TYPED }), 'C0OPS')).join('\n');
    expect(said).toContain('It waits for 2 approvals. Break-glass.');
    expect(said).toContain('type the site’s name, acme, with a reason; it does not start before.');
    expect(said).toContain('Its card is in <#C0OPS>.');
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    const verdict = { ...TYPED, why: text, warning: text };
    const its = operation({ state: 'held', opensAt: later(9), verdict, line: text, environment: text });
    const message = renderRecorded(its, 'C0OPS');
    expectSlackTakes(message);
    expect(foreignTokens(message)).toEqual([]);
    expect(mrkdwnOf(message).join('\n')).toContain('Its card is in <#C0OPS>.');
  });
});
