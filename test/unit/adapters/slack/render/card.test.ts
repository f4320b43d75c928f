import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../../../../src/adapters/slack/render/card.ts';
import type { OperationRecord, OperationView } from '../../../../../src/operations/records.ts';
import { hasEnded, OPERATION_STATES, type OperationState, STATE_WORDS } from '../../../../../src/operations/state.ts';
import { later, plan, plannedStep, stepRecord, T0, view, voteRecord } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

function buttonsOf(blocks: readonly KnownBlock[]) {
  return blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .flatMap((element) => (element.type === 'button' ? [element] : []));
}

const TYPED = { kind: 'votes', quorum: 2, typedName: true, withReason: true, why: 'Break-glass.' } as const;
const CLICK = { kind: 'confirm', why: 'Disruptive work.' } as const;
const CONFIRMED = { at: T0, typed: true, reason: 'the <disk> dies' };
const destroying = plan({ steps: [plannedStep({ destroys: 'the database <acme>' })] });
const labels = (change: Partial<OperationRecord>): string[] =>
  buttonsOf(renderCard(view(change)).blocks).map((button) => button.text.text);
const all = (its: OperationView): string => mrkdwnOf(renderCard(its)).join('\n');

describe('the buttons of a card', () => {
  const table: [OperationState, Partial<OperationRecord>, string[]][] = [
    ['awaiting', {}, ['Approve', 'Deny', 'Withdraw', 'Details', 'Re-plan', 'Cancel']],
    ['awaiting', { verdict: TYPED }, ['Approve', 'Deny', 'Withdraw', 'Details', 'Confirm', 'Re-plan', 'Cancel']],
    ['awaiting', { verdict: CLICK, quorum: 0 }, ['Details', 'Confirm', 'Re-plan', 'Cancel']],
    [
      'awaiting',
      { verdict: TYPED, confirmed: CONFIRMED },
      ['Approve', 'Deny', 'Withdraw', 'Details', 'Re-plan', 'Cancel'],
    ],
    ['held', {}, ['Approve', 'Deny', 'Withdraw', 'Details', 'Re-plan', 'Cancel']],
    ['queued', {}, ['Withdraw', 'Deny', 'Cancel']],
    ['queued', { verdict: { kind: 'run', why: 'x' }, quorum: 0 }, ['Cancel']],
    ['held', { verdict: { kind: 'run', why: 'x' }, quorum: 0 }, ['Details', 'Re-plan', 'Cancel']],
    ['running', {}, ['Cancel']],
    ['running', { cancelRequestedBy: 'U0REQ' }, []],
    ['unreachable', {}, ['Cancel', 'Leave']],
    ['succeeded', {}, []],
    ['failed', {}, ['Retry']],
    ['cancelled', {}, ['Retry']],
    ['denied', {}, ['Retry']],
    ['expired', {}, ['Retry']],
    ['lost', {}, ['Retry', 'Leave']],
    ['lost', { seenBy: 'U0ADM' }, ['Retry']],
  ];

  it.each(table)('%s %j', (state, change, words) => {
    expect(labels({ state, ...change })).toEqual(words);
  });

  it('cover every state', () => {
    expect(new Set(table.map(([state]) => state))).toEqual(new Set(OPERATION_STATES));
  });

  it('say in their first word what they do, and carry an id and nothing else', () => {
    for (const state of OPERATION_STATES) {
      for (const button of buttonsOf(renderCard(view({ state })).blocks)) {
        expect(button.text.text.split(' ')[0]?.toLowerCase()).toBe(button.action_id);
        expect(button.value).toBe('7k3m9q2x');
        const asked = button.confirm?.confirm?.text;
        if (asked !== undefined) expect(asked.startsWith(button.text.text)).toBe(true);
      }
    }
  });
});

describe('the button Confirm', () => {
  const confirm = (change: Partial<OperationRecord>) =>
    buttonsOf(renderCard(view(change)).blocks).find((button) => button.text.text === 'Confirm');

  it('asks once more for a click, and opens a form for a name', () => {
    expect(confirm({ verdict: CLICK, quorum: 0 })).toMatchObject({
      action_id: 'confirm',
      confirm: { confirm: { text: 'Confirm' } },
    });
    expect(confirm({ verdict: TYPED })).toMatchObject({ action_id: 'confirm-typed', value: '7k3m9q2x' });
    expect(confirm({ verdict: TYPED })).not.toHaveProperty('confirm');
  });
});

describe('what a card says of the confirmation and of what is destroyed', () => {
  it('names the confirmation until it is done', () => {
    expect(all(view({ verdict: TYPED }))).toContain(
      '<@U0REQ> presses *Confirm* and types the site’s name and a reason.',
    );
    expect(all(view({ verdict: CLICK, quorum: 0, decideBy: later(3600) }))).toMatch(
      /\*awaiting confirmation\*: Disruptive work\.\n\*Next:\* <@U0REQ> presses \*Confirm\*\. Without that it expires <!date/,
    );
    const done = all(view({ verdict: TYPED, confirmed: CONFIRMED }));
    expect(done).not.toContain('presses *Confirm*');
    expect(done).toMatch(
      /\*Confirmed\* by <@U0REQ> .*, with the site’s name typed out\.\n\*Reason\* {2}the &lt;disk&gt; dies/,
    );
  });

  it('keeps the deadline while only the confirmation is missing', () => {
    const votes = [voteRecord('U0APA'), voteRecord('U0APB')];
    expect(all(view({}, { votes }))).not.toContain('expires');
    expect(all(view({ verdict: TYPED }, { votes: votes.slice(1) }))).toContain('*awaiting approval*');
    expect(all(view({ verdict: TYPED }, { votes }))).toMatch(
      /\*awaiting confirmation\*: 2 of 2 approvals\. Break-glass\.\n\*Next:\* <@U0REQ> presses \*Confirm\* .* it expires/,
    );
  });

  it('says in words, with a sign, what is destroyed, on the card and before a vote', () => {
    const card = renderCard(view({ plan: destroying }));
    expect(mrkdwnOf(card).join('\n')).toContain(
      ':warning: *It destroys, and nothing brings it back by itself:*\n• the database &lt;acme&gt;',
    );
    const approve = buttonsOf(card.blocks).find((button) => button.action_id === 'approve');
    expect(approve?.confirm?.text?.text).toMatch(/^Warning: it destroys the database <acme>\. Plan [0-9a-f]{12}\./);
    expect(all(view({ plan: destroying, state: 'succeeded' }))).not.toContain('destroys');
    expect(all(view())).not.toContain('destroys');
  });

  it('shows a warning of the policy until it has ended', () => {
    const verdict = { ...TYPED, warning: 'It usually takes 9 h 00 min.' };
    expect(all(view({ verdict, state: 'running', startedAt: T0 }))).toContain(':warning: *Warning:* It usually takes');
    expect(all(view({ verdict, state: 'succeeded', startedAt: T0 }))).not.toContain('usually takes');
  });
});

describe('what a card that waits says comes next', () => {
  const next = (its: OperationView) => /\*Next:\* (.*)/.exec(all(its))?.[1]?.replace(/ Without that .*/, '');

  it.each<[string, Partial<OperationRecord>, string[], string]>([
    ['nobody has voted', {}, [], '2 approvers other than <@U0REQ> press *Approve*.'],
    ['one has voted', {}, ['U0APA'], '1 more approver other than <@U0REQ> presses *Approve*.'],
    ['a quorum of one', { quorum: 1 }, [], '1 approver other than <@U0REQ> presses *Approve*.'],
    [
      'the requester may be one of them',
      { requesterCounts: true },
      [],
      '2 approvers press *Approve*; <@U0REQ> may be one of them.',
    ],
    [
      'the requester may be the last',
      { requesterCounts: true },
      ['U0APA'],
      '1 more approver presses *Approve*; <@U0REQ> may be that one.',
    ],
    ['the requester was the first', { requesterCounts: true }, ['U0REQ'], '1 more approver presses *Approve*.'],
    [
      'votes and the name are missing',
      { verdict: { ...TYPED, withReason: false } },
      ['U0APA'],
      '1 more approver other than <@U0REQ> presses *Approve*. <@U0REQ> presses *Confirm* and types the site’s name.',
    ],
    [
      'a host is worked on',
      { quorum: 0, site: 'host:acme-app', verdict: { kind: 'confirm', typedName: true, why: 'x' } },
      [],
      '<@U0REQ> presses *Confirm* and types the host’s name.',
    ],
    ['held, with its votes', { state: 'held', opensAt: later(9) }, ['U0APA', 'U0APB'], 'nobody has to do anything.'],
  ])('%s', (_name, change, voters, words) => {
    expect(next(view(change, { votes: voters.map((person) => voteRecord(person)) }))).toBe(words);
  });

  it('names what the opening of the window still depends on', () => {
    const held = { state: 'held', opensAt: later(9) } as const;
    const votes = [voteRecord('U0APA'), voteRecord('U0APB')];
    expect(all(view({ ...held, verdict: TYPED }))).toContain(
      ' by itself, if it is approved and confirmed by then or after.',
    );
    expect(all(view({ ...held, verdict: TYPED }, { votes }))).toContain(
      ' by itself, if it is confirmed by then or after.',
    );
    expect(all(view(held, { votes }))).toMatch(/it starts <!date\S* .*> by itself\. 2 of 2 approvals\./);
  });

  it('says of what needed no votes why, once it no longer waits', () => {
    const run = { quorum: 0, verdict: { kind: 'run', why: 'This is <not> production.' } } as const;
    expect(all(view({ ...run, state: 'succeeded' }))).toContain(
      '*Votes*  none needed. This is &lt;not&gt; production.',
    );
    expect(all(view({ ...run, state: 'held', opensAt: later(9) }))).not.toContain('none needed');
    expect(all(view({ state: 'succeeded' }))).not.toContain('none needed');
  });

  it('says once why it waits, though it was reopened for that', () => {
    const reopened = {
      reason: 'Frozen. 2 more to approve.',
      next: 'Approve it again.',
      verdict: { ...TYPED, why: 'Frozen.' },
    };
    const blocks = mrkdwnOf(renderCard(view(reopened)))
      .slice(1)
      .join('\n');
    expect(blocks.match(/Frozen/g)).toHaveLength(1);
    expect(blocks.match(/\*Next:\*/g)).toHaveLength(1);
    expect(all(view({ ...reopened, reason: 'A vote no longer counts.' }))).toContain('A vote no longer counts.');
  });
});

describe('the state of a card', () => {
  it('is written, in the message and in the notification, and not only coloured', () => {
    for (const state of OPERATION_STATES) {
      const card = renderCard(view({ state }));
      expect(card.text, state).toContain(STATE_WORDS[state]);
      expect(mrkdwnOf(card).slice(1).join(' '), state).toContain(`*${STATE_WORDS[state]}*`);
    }
  });

  it('counts the approvals that count', () => {
    const votes = [
      voteRecord('U0APA'),
      voteRecord('U0APB', { withdrawnAt: later(2) }),
      voteRecord('U0APC', { generation: 0 }),
      voteRecord('U0REQ'),
    ];
    const said = all(view({}, { votes }));
    expect(said).toContain('1 of 2 approvals');
    expect(said).toMatch(/<@U0APB> approved .*, withdrawn/);
    expect(said).not.toContain('<@U0APC>');
  });

  it('shows steps with their numbers, states and times', () => {
    const steps = [
      stepRecord(1, { state: 'succeeded', startedAt: T0, endedAt: later(3) }),
      stepRecord(2, { state: 'running', startedAt: later(3), progress: '3.1 MB written' }),
      stepRecord(3, { state: 'failed', startedAt: later(3), endedAt: later(4), detail: 'The disk is full.' }),
      stepRecord(4),
    ];
    const said = all(view({ state: 'running', startedAt: T0 }, { steps }));
    expect(said).toContain('1. Dump the database: done · 3 min 00 s');
    expect(said).toContain('2. Dump the database: running · 2 min 00 s · 3.1 MB written');
    expect(said).toContain('3. Dump the database: failed · 1 min 00 s\n        The disk is full.');
    expect(said).toContain('4. Dump the database: waiting');
  });

  it('shows the plan’s hash, what it does while it waits, and the result when it succeeded', () => {
    const waiting = view();
    expect(all(waiting)).toContain(waiting.operation.planHash.slice(0, 12));
    expect(all(waiting)).toContain('• Reads the database.');
    const done = all(view({ state: 'succeeded', result: { path: '/srv/a', bytes: '2500000', tables: '7' } }));
    for (const words of ['`/srv/a`', '2.5 MB', '*tables*  7']) expect(done).toContain(words);
    expect(done).not.toContain('Reads the database');
  });

  it('gives every time a written fallback', () => {
    const dates = all(view({}, { votes: [voteRecord('U0APA')] })).match(/<!date[^>]*>/g) ?? [];
    expect(dates.length).toBeGreaterThanOrEqual(3);
    for (const date of dates) expect(date).toMatch(/^<!date\^\d{10}\^\{[^|]+\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>$/);
  });
});

describe('a card whose approvers do not suffice', () => {
  it('warns while it waits, with who is left and what to do', () => {
    const warned = all(view({ approversLeft: ['U0APA'] }));
    expect(warned).toContain('*Warning:* it needs 2 approvals, but only <@U0APA> can approve it. Ask an admin');
    expect(all(view({ approversLeft: [] }))).toContain('nobody can approve it');
    expect(all(view({ approversLeft: ['U0APA'], state: 'denied' }))).not.toContain('Warning');
  });
});

describe('a card of the greatest size', () => {
  const cases = NASTY.flatMap((text) => OPERATION_STATES.map((state) => [state, text.slice(0, 24), text] as const));

  it.each(cases)('%s with %j… is taken by Slack, and nothing in it has a meaning', (state, _shown, text) => {
    const short = text.slice(0, 60);
    const destroyed = Array.from({ length: 30 }, (_, n) => plannedStep({ destroys: `${n} ${text}` }));
    const its = plan({ effects: Array.from({ length: 40 }, () => text), steps: destroyed });
    const result = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`key_${n}_${short}`, text]));
    const step = (n: number) =>
      stepRecord(n, { title: text, detail: text, progress: text, state: n % 2 ? 'running' : 'failed', startedAt: T0 });
    const card = renderCard({
      ...view({
        state,
        plan: its,
        command: text,
        site: text,
        environment: text,
        reason: text,
        next: text,
        result: { path: text, bytes: '1', sha256: text, ...result },
        verdict: { kind: 'votes', quorum: 9, typedName: true, why: text, warning: text.slice(0, 400) },
        confirmed: state === 'awaiting' ? null : { at: T0, typed: true, reason: text.slice(0, 500) },
        startedAt: T0,
        cancelRequestedBy: hasEnded(state) ? 'U0REQ' : null,
        estimateMs: 1_000,
        generation: 3,
        approversLeft: Array.from({ length: 8 }, (_, n) => `U0${'X'.repeat(17)}${n}`),
      }),
      steps: Array.from({ length: 80 }, (_, n) => step(n + 1)),
      votes: Array.from({ length: 60 }, (_, n) =>
        voteRecord(`U0${n}`, { generation: 3, voidReason: n % 2 ? text : null }),
      ),
    });
    expectSlackTakes(card);
    expect(foreignTokens(card)).toEqual([]);
  });

  it('says how much it does not show', () => {
    const steps = Array.from({ length: 80 }, (_, n) => stepRecord(n + 1));
    expect(all(view({}, { steps }))).toMatch(/… and \d+ more/);
  });
});
