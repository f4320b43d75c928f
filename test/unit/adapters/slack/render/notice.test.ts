import { describe, expect, it } from 'vitest';
import {
  renderHead,
  renderLate,
  renderReconfirm,
  renderReminder,
  renderReset,
} from '../../../../../src/adapters/slack/render/notice.ts';
import { later, operation } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

const request = (text: string) => ({
  operation: '7k3m9q2x',
  generation: 1,
  call: 1,
  command: text,
  site: text,
  environment: text,
  requester: 'U0REQ',
  why: text,
  requesterCounts: false,
  decideBy: later(60),
  leftMs: 900_000,
  missing: 2,
  voted: [],
  card: { channel: 'C0OPS', ts: '1.2' },
});
const LINK = 'https://acme.slack.com/archives/C0OPS/p12';

describe('the daily head', () => {
  it('says the rows, the hash and how to compare them', () => {
    const message = renderHead({ day: '2026-11-21', rows: 132, head: 'ab'.repeat(32) });
    expectSlackTakes(message);
    const said = mrkdwnOf(message).join('\n');
    expect(said).toContain('Audit log on 2026-11-21');
    expect(said).toContain(`twokey audit verify --head ${'ab'.repeat(32)} --rows 132`);
  });
});

describe('a call to an approver', () => {
  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    for (const kind of ['opened', 'half'] as const) {
      const message = renderReminder(request(text), kind, LINK);
      expectSlackTakes(message);
      const tokens = [
        ...mrkdwnOf(message)
          .join('\n')
          .matchAll(/<([^>]*)>/g),
      ].map((found) => found[1]);
      expect(tokens).toEqual(['@U0REQ', expect.stringMatching(/^!date\^/), `${LINK}|Open the card`]);
    }
  });

  it('says what, who, how many more and by when', () => {
    const said = mrkdwnOf(renderReminder({ ...request('backup'), missing: 1 }, 'half', LINK)).join('\n');
    for (const words of [
      'Half of the time is over',
      'Backup backup, backup',
      'Asked by <@U0REQ>',
      'One more approval is',
    ])
      expect(said).toContain(words);
  });
});

describe('that a confirmation is void', () => {
  const asks = { kind: 'typed', reason: true } as const;
  const card = { channel: 'C0OPS', ts: '1.2' };

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    const its = operation({
      command: text,
      site: text,
      environment: text,
      reason: text.repeat(20),
      decideBy: later(60),
    });
    const message = renderReconfirm({ operation: its, asks, card }, LINK);
    expectSlackTakes(message);
    expect(foreignTokens(message)).toEqual([`${LINK}|open the card`]);
  });

  it('says what, what has changed, what to do and by when', () => {
    const reason = 'What would run is no longer what was asked for: version: 8.1.0 → 8.2.0';
    const its = operation({ command: 'demolish', reason, decideBy: later(60) });
    const said = mrkdwnOf(renderReconfirm({ operation: its, asks, card }, LINK)).join('\n');
    for (const words of [
      'your confirmation is void: *Demolish acme, production*',
      reason,
      'It waits for you to type the site’s name and give a reason',
      'press *Confirm*',
      'Without that it expires <!date^',
      its.id,
    ])
      expect(said).toContain(words);
  });
});

describe('that nobody answers', () => {
  const many = Array.from({ length: 400 }, (_, index) => `U0A${String(index).padStart(7, '0')}`);
  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('with %j… is taken by Slack', (_shown, text) => {
    for (const silent of [[], ['U0APA'], many])
      for (const reader of ['channel', 'admin'] as const)
        expectSlackTakes(renderLate(request(text), silent, reader, LINK));
  });

  it('says what, how long is left and who has not answered; an admin, what they can do', () => {
    const said = (reader: 'channel' | 'admin', silent: readonly string[]) =>
      mrkdwnOf(renderLate(request('backup'), silent, reader, LINK)).join('\n');
    for (const words of ['15 min 00 s left', 'Backup backup, backup', '2 approvals are needed', '<@U0APA>, <@U0APB>'])
      expect(said('channel', ['U0APA', 'U0APB'])).toContain(words);
    expect(said('admin', ['U0APA'])).toContain('can change who approves, or cancel it');
    expect(said('admin', [])).toContain('Nobody is left who could approve it.');
    expect(said('channel', many)).toMatch(/… and \d+ more/);
  });
});

it('a reset of codes says who, whose, and what follows', () => {
  const message = renderReset({ person: 'U0APA', by: 'U0ADM' });
  expectSlackTakes(message);
  expect(mrkdwnOf(message).join('\n')).toContain('<@U0ADM> has reset the codes for approvals of <@U0APA>');
});
