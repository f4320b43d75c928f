import type { KnownBlock } from '@slack/types';
import { describe, expect, it } from 'vitest';
import { renderCard } from '../../../../../src/adapters/slack/render/card.ts';
import type { OperationRecord, OperationView } from '../../../../../src/operations/records.ts';
import { hasEnded, OPERATION_STATES, type OperationState, STATE_WORDS } from '../../../../../src/operations/state.ts';
import { later, plan, stepRecord, T0, view, voteRecord } from '../../../../support/builders.ts';
import { expectSlackTakes, foreignTokens, mrkdwnOf, NASTY } from '../../../../support/slack-limits.ts';

function buttonsOf(blocks: readonly KnownBlock[]) {
  return blocks
    .flatMap((block) => (block.type === 'actions' ? block.elements : []))
    .flatMap((element) => (element.type === 'button' ? [element] : []));
}

const labels = (change: Partial<OperationRecord>): string[] =>
  buttonsOf(renderCard(view(change)).blocks).map((button) => button.text.text);
const all = (its: OperationView): string => mrkdwnOf(renderCard(its)).join('\n');

describe('the buttons of a card', () => {
  const table: [OperationState, Partial<OperationRecord>, string[]][] = [
    ['awaiting', {}, ['Approve', 'Deny', 'Withdraw', 'Details', 'Cancel']],
    ['held', {}, ['Approve', 'Deny', 'Withdraw', 'Details', 'Cancel']],
    ['queued', {}, ['Withdraw', 'Deny', 'Cancel']],
    ['queued', { verdict: { kind: 'run', why: 'x' }, quorum: 0 }, ['Cancel']],
    ['held', { verdict: { kind: 'run', why: 'x' }, quorum: 0 }, ['Cancel']],
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
    const its = plan({ effects: Array.from({ length: 40 }, () => text) });
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
        verdict: { kind: 'votes', quorum: 9, typedName: false, why: text },
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
