import { useId } from 'react';
import { PlainText, TextObject } from '../blockkit/Mrkdwn.tsx';
import { child, type Json, str } from '../blockkit/read.ts';
import { allOptions } from '../blockkit/selection.ts';
import { useDirectory } from '../state/context.ts';
import type { FieldProps } from './Field.tsx';

interface ChoiceProps {
  readonly kind: 'radio' | 'checkbox';
  readonly name: string;
  readonly option: Json;
  readonly checked: boolean;
  readonly onPick: (checked: boolean) => void;
}

function Choice({ kind, name, option, checked, onPick }: ChoiceProps) {
  const description = child(option, 'description');
  return (
    <label className="choice">
      <input type={kind} name={name} checked={checked} onChange={(event) => onPick(event.target.checked)} />
      <span>
        <TextObject text={child(option, 'text')} />
        {description && (
          <small>
            <TextObject text={description} />
          </small>
        )}
      </span>
    </label>
  );
}

/** Radio buttons, checkboxes and the selects that take many. */
export function ChoiceField({ element, value, onChange, labels }: FieldProps) {
  const name = useId();
  const type = str(element, 'type');
  const radio = type === 'radio_buttons';
  const picked = radio ? (value.selected_option ? [value.selected_option] : []) : (value.selected_options ?? []);
  const isPicked = (option: Json) => picked.some((one) => str(one, 'value') === str(option, 'value'));
  const pick = (option: Json, checked: boolean) => {
    if (radio) onChange({ type, selected_option: option });
    else {
      const wanted = allOptions(element).filter((one) => (one === option ? checked : isPicked(one)));
      onChange({ type, selected_options: wanted });
    }
  };
  return (
    <fieldset className="choices" role={radio ? 'radiogroup' : undefined} {...labels}>
      {allOptions(element).map((option) => (
        <Choice
          key={str(option, 'value')}
          kind={radio ? 'radio' : 'checkbox'}
          name={name}
          option={option}
          checked={isPicked(option)}
          onPick={(checked) => pick(option, checked)}
        />
      ))}
    </fieldset>
  );
}

/** Many people. */
export function PeopleField({ element, value, onChange, labels }: FieldProps) {
  const { people } = useDirectory();
  const type = str(element, 'type');
  const picked = value.selected_users ?? [];
  return (
    <fieldset className="choices" {...labels}>
      {people.map((person) => (
        <label key={person.id} className="choice">
          <input
            type="checkbox"
            checked={picked.includes(person.id)}
            onChange={(event) => {
              const others = picked.filter((id) => id !== person.id);
              onChange({ type, selected_users: event.target.checked ? [...others, person.id] : others });
            }}
          />
          <span>
            <PlainText text={person.name} />
          </span>
        </label>
      ))}
    </fieldset>
  );
}
