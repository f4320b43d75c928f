import { describe, expect, it } from 'vitest';
import { formValues, localErrors, selectedOf } from '../../../../src/workspace/page/blockkit/selection.ts';
import { toSlackText } from '../../../../src/workspace/page/components/outgoing.ts';

const option = (value: string) => ({ text: { type: 'plain_text', text: value }, value });
const input = (blockId: string, element: object, more: object = {}) => ({
  type: 'input',
  block_id: blockId,
  label: { type: 'plain_text', text: blockId },
  element: { action_id: 'v', ...element },
  ...more,
});

describe('formValues', () => {
  const blocks = [
    input('site', { type: 'static_select', options: [option('a'), option('b')], initial_option: option('a') }),
    input('why', { type: 'plain_text_input' }),
    input('kinds', { type: 'checkboxes', options: [option('x')] }),
  ];

  it('starts with what the elements say, in the shape of view.state.values', () => {
    expect(formValues(blocks, {})).toEqual({
      site: { v: { type: 'static_select', selected_option: option('a') } },
      why: { v: { type: 'plain_text_input', value: null } },
      kinds: { v: { type: 'checkboxes', selected_options: [] } },
    });
  });

  it('prefers what was entered, unless the element there is of another type now', () => {
    const entered = {
      why: { v: { type: 'plain_text_input', value: 'typed' } },
      site: { v: { type: 'datepicker', selected_date: '2026-01-01' } },
    };
    const values = formValues(blocks, entered);
    expect(values.why?.v?.value).toBe('typed');
    expect(values.site?.v?.type).toBe('static_select');
  });
});

describe('localErrors', () => {
  it('asks for what is required and minds the lengths', () => {
    const blocks = [
      input('a', { type: 'plain_text_input' }),
      input('b', { type: 'plain_text_input' }, { optional: true }),
      input('c', { type: 'plain_text_input', initial_value: 'xy', min_length: 3 }),
      input('d', { type: 'plain_text_input', initial_value: 'fine', max_length: 4 }),
    ];
    expect(Object.keys(localErrors(blocks, formValues(blocks, {})))).toEqual(['a', 'c']);
  });
});

describe('selectedOf', () => {
  it('is the bare selection', () => {
    expect(selectedOf({ type: 'datepicker', selected_date: '2026-01-01' })).toBe('2026-01-01');
    expect(selectedOf({ type: 'users_select', selected_user: null })).toBeNull();
  });
});

describe('toSlackText', () => {
  const state = {
    team: { id: 'T', name: 'T' },
    me: 'U1',
    people: [{ id: 'U2', name: 'approver-a', title: '', color: '', bot: false }],
    channels: [{ id: 'C1', name: 'audit', topic: '', direct: false }],
    commands: [],
    appConnected: true,
    home: null,
  };

  it('escapes what a person typed and turns known names into ids', () => {
    expect(toSlackText('@approver-a <b> & #audit, ops@approver-a.test @nobody @here', state)).toBe(
      '<@U2> &lt;b&gt; &amp; <#C1>, ops@approver-a.test @nobody <!here>',
    );
  });
});
