import type { KnownBlock, ModalView } from '@slack/types';
import { describe, expect, it } from 'vitest';
import {
  confirmationProblems,
  confirmForm,
  confirmLoading,
  confirmMemory,
  submittedConfirmation,
} from '../../../../../src/adapters/slack/render/confirm.ts';
import { parseView } from '../../../../../src/workspace/blocks/view.ts';
import { operation, plan, plannedStep } from '../../../../support/builders.ts';
import { foreignTokens, NASTY } from '../../../../support/slack-limits.ts';

const MEMORY = { operation: '7k3m9q2x', channel: 'C0OPS', generation: 3, name: 'acme', reason: true };
/** Throws what Slack would answer when it does not take the view. */
const taken = (view: ModalView) => parseView(JSON.parse(JSON.stringify(view)), 'modal');
const isKnown = (block: ModalView['blocks'][number]): block is KnownBlock => block.type !== '';
const fields = (view: ModalView) => view.blocks.flatMap((block) => (block.type === 'input' ? [block.block_id] : []));

describe('the form behind Confirm', () => {
  it('asks for the name, for a reason only where one is needed, and lists what is destroyed', () => {
    const its = operation({ plan: plan({ steps: [plannedStep({ destroys: 'the database acme' })] }) });
    const view = confirmForm(its, MEMORY);
    taken(view);
    expect(fields(view)).toEqual(['name', 'reason']);
    expect(JSON.stringify(view.blocks)).toMatch(/:warning: \*It destroys.*the database acme/);
    const plain = confirmForm(operation(), { ...MEMORY, reason: false });
    expect(fields(plain)).toEqual(['name']);
    expect(JSON.stringify(plain.blocks)).not.toContain('destroys');
    expect(confirmMemory.parse(JSON.parse(view.private_metadata ?? ''))).toEqual(MEMORY);
  });

  it.each(NASTY.map((text) => [text.slice(0, 24), text] as const))('of the greatest size with %j…', (_shown, text) => {
    const steps = Array.from({ length: 60 }, (_, n) => plannedStep({ destroys: `${n} ${text}` }));
    const its = operation({ plan: plan({ steps }), line: text, site: text.slice(0, 60), environment: text });
    const view = confirmForm(its, MEMORY);
    taken(view);
    const sections = view.blocks.filter(isKnown).filter((one) => one.type === 'section');
    expect(foreignTokens({ text: 'x', blocks: sections })).toEqual([]);
  });

  it('opens at once with nothing in it yet', () => {
    taken(confirmLoading());
  });
});

describe('what comes back', () => {
  const state = (name: unknown, reason?: unknown) => ({
    values: {
      name: { value: { value: name } },
      ...(reason === undefined ? {} : { reason: { value: { value: reason } } }),
    },
  });

  it('is taken just as it was typed', () => {
    expect(submittedConfirmation(state(' acme ', ' why not '))).toEqual({ name: ' acme ', reason: 'why not' });
    expect(submittedConfirmation(state('acme', '  '))).toEqual({ name: 'acme', reason: null });
    expect(submittedConfirmation(state('acme'))).toEqual({ name: 'acme', reason: null });
    for (const broken of [null, {}, state(7), state(null, 7)])
      expect(submittedConfirmation(broken)).toEqual({ name: '', reason: null });
  });

  it.each([
    ['acme', 'because', null],
    ['Acme', 'because', ['name']],
    ['acme ', 'because', ['name']],
    ['', null, ['name', 'reason']],
    ['acme', 'no', ['reason']],
    ['acme', 'x'.repeat(501), ['reason']],
  ])('%j with the reason %j: problems at %j', (name, reason, at) => {
    const problems = confirmationProblems(MEMORY, { name, reason });
    expect(problems && Object.keys(problems)).toEqual(at);
  });

  it('needs no reason where none is asked for', () => {
    expect(confirmationProblems({ ...MEMORY, reason: false }, { name: 'acme', reason: null })).toBeNull();
  });
});
