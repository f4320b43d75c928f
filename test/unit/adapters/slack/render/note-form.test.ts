import { describe, expect, it } from 'vitest';
import { noteForm, submittedNote } from '../../../../../src/adapters/slack/render/note-form.ts';
import { parseView } from '../../../../../src/workspace/blocks/view.ts';

describe('the form for words', () => {
  const given = (value: string | null) => ({ values: { reason: { value: { value } } } });

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
    for (const action of ['deny', 'review', 'standing-deny', 'standing-revoke'] as const) {
      const form = noteForm({ action, id: '7k3m9q2x', channel: 'C0AUDIT' });
      for (const text of [form.title.text, form.submit?.text ?? '', form.close?.text ?? ''])
        expect(text.length).toBeLessThanOrEqual(24);
    }
  });
});

describe('the form behind Deny', () => {
  const given = (value: unknown) => submittedNote('deny', { values: { reason: { value: { value } } } });

  it('is one that Slack takes', () => {
    const view = noteForm({ action: 'deny', id: '7k3m9q2x', channel: 'C0OPS' });
    // Throws what Slack would answer when it does not take the view.
    const spec = parseView(JSON.parse(JSON.stringify(view)), 'modal');
    expect(spec.submit).toBe('Deny it');
    expect(JSON.stringify(spec.blocks)).toContain('7k3m9q2x');
  });

  it.each([
    ['abc', 'abc'],
    ['  too late \n', 'too late'],
    ['x'.repeat(500), 'x'.repeat(500)],
  ])('takes %j', (value, note) => {
    expect(given(value)).toEqual({ ok: true, note });
  });

  it.each([['ab'], ['   a '], [''], [null], [undefined], [7], ['x'.repeat(501)]])('asks again for %j', (value) => {
    expect(given(value).ok).toBe(false);
  });

  it('asks again when there is no such field', () => {
    expect(submittedNote('deny', {}).ok).toBe(false);
    expect(submittedNote('deny', null).ok).toBe(false);
  });
});
