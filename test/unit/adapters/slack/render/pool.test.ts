import { describe, expect, it } from 'vitest';
import { renderPool } from '../../../../../src/adapters/slack/render/pool.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const left = ['U0APA', 'U0APB'];

describe('the words about the pool of approvers', () => {
  it('say where, how many, who is left and what to do', () => {
    const message = renderPool({ short: [{ environment: 'production', quorum: 3, left }], mended: ['staging'] });
    const said = mrkdwnOf(message).join('\n');
    expect(said).toContain('*production* needs 3 approvals, but only <@U0APA>, <@U0APB> can still approve.');
    expect(said).toContain('There are enough approvers again for: staging.');
    expect(said).toContain('*Next:* an admin names more approvers');
    expect(mrkdwnOf(renderPool({ short: [{ environment: 'a', quorum: 1, left: [] }], mended: [] })).join()).toContain(
      'nobody is left who can approve',
    );
  });

  it('say that it is mended, and ask for nothing', () => {
    const said = mrkdwnOf(renderPool({ short: [], mended: ['production'] })).join('\n');
    expect(said).toContain('There are enough approvers again for: production.');
    expect(said).not.toContain('Next');
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… are taken by Slack', (_shown, text) => {
    const nine = Array.from({ length: 8 }, (_, n) => `U0${'X'.repeat(17)}${n}`);
    const short = Array.from({ length: 40 }, () => ({ environment: text, quorum: 9, left: nine }));
    const message = renderPool({ short, mended: Array.from({ length: 40 }, () => text) });
    expectSlackTakes(message);
    expect(foreignTokens(message)).toEqual([]);
    expect(mrkdwnOf(message).join('\n')).toContain('*Next:*');
  });
});
