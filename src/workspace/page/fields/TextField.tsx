import type { KeyboardEvent } from 'react';
import { flag, type Json, num, plain, str } from '../blockkit/read.ts';
import type { FieldProps } from './Field.tsx';

const INPUT_TYPES: Readonly<Record<string, string>> = {
  plain_text_input: 'text',
  email_text_input: 'email',
  url_text_input: 'url',
  number_input: 'text',
};

function limits(element: Json): { readonly maxLength?: number } {
  const maxLength = num(element, 'max_length');
  return maxLength === undefined ? {} : { maxLength };
}

/** Single-line and multi-line text. Enter in a single line reports to `onEnter`, if there is one. */
export function TextField({ element, value, onChange, labels, onEnter }: FieldProps) {
  const type = str(element, 'type');
  const shared = {
    ...labels,
    ...limits(element),
    value: value.value ?? '',
    placeholder: plain(element, 'placeholder'),
    onChange: (event: { readonly target: { readonly value: string } }) =>
      onChange({ type, value: event.target.value === '' ? null : event.target.value }),
  };
  if (flag(element, 'multiline')) return <textarea {...shared} rows={4} />;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || onEnter === undefined) return;
    event.preventDefault();
    onEnter(value);
  };
  return (
    <input
      {...shared}
      type={INPUT_TYPES[type] ?? 'text'}
      inputMode={type === 'number_input' ? 'decimal' : undefined}
      autoComplete="off"
      onKeyDown={onKeyDown}
    />
  );
}
