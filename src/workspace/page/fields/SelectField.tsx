import { type Json, list, plain, str } from '../blockkit/read.ts';
import { allOptions, type FieldValue } from '../blockkit/selection.ts';
import { type Directory, useDirectory } from '../state/context.ts';
import type { FieldProps } from './Field.tsx';

interface Choice {
  readonly value: string;
  readonly label: string;
}

const KEYS = {
  users_select: 'selected_user',
  channels_select: 'selected_channel',
  conversations_select: 'selected_conversation',
} as const;

function choice(option: Json): Choice {
  return { value: str(option, 'value'), label: plain(option, 'text') };
}

function directoryChoices(type: string, directory: Directory): readonly Choice[] {
  if (type === 'users_select') {
    return directory.people.map((person) => ({ value: person.id, label: `${person.name} (${person.title})` }));
  }
  return directory.channels.map((channel) => ({ value: channel.id, label: `#${channel.name}` }));
}

function current(value: FieldValue): string {
  if (value.selected_option) return str(value.selected_option, 'value');
  return value.selected_user ?? value.selected_channel ?? value.selected_conversation ?? '';
}

/** One of many: options that the app wrote, people or channels. */
export function SelectField({ element, value, onChange, labels }: FieldProps) {
  const directory = useDirectory();
  const type = str(element, 'type');
  const pick = (picked: string) => {
    if (type === 'users_select' || type === 'channels_select' || type === 'conversations_select') {
      onChange({ type, [KEYS[type]]: picked === '' ? null : picked });
      return;
    }
    const option = allOptions(element).find((known) => str(known, 'value') === picked);
    onChange({ type, selected_option: option ?? null });
  };
  const groups = list(element, 'option_groups');
  const flat = type === 'static_select' ? list(element, 'options').map(choice) : directoryChoices(type, directory);
  const options = (choices: readonly Choice[]) =>
    choices.map((one) => (
      <option key={one.value} value={one.value}>
        {one.label}
      </option>
    ));
  return (
    <select {...labels} value={current(value)} onChange={(event) => pick(event.target.value)}>
      <option value="">{plain(element, 'placeholder') || 'Choose one'}</option>
      {groups.length === 0
        ? options(flat)
        : groups.map((group) => (
            <optgroup key={plain(group, 'label')} label={plain(group, 'label')}>
              {options(list(group, 'options').map(choice))}
            </optgroup>
          ))}
    </select>
  );
}
