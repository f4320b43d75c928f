import { type Json, str } from '../blockkit/read.ts';
import type { FieldValue } from '../blockkit/selection.ts';
import { ChoiceField, PeopleField } from './ChoiceField.tsx';
import { DateField } from './DateField.tsx';
import { FileField } from './FileField.tsx';
import { SelectField } from './SelectField.tsx';
import { TextField } from './TextField.tsx';

export interface FieldLabels {
  readonly id?: string;
  readonly 'aria-label'?: string;
  readonly 'aria-labelledby'?: string;
  readonly 'aria-describedby'?: string;
  readonly 'aria-invalid'?: boolean;
}

export interface FieldProps {
  readonly element: Json;
  readonly value: FieldValue;
  readonly labels: FieldLabels;
  readonly onChange: (value: FieldValue) => void;
  /** Enter was pressed in a single line of text. */
  readonly onEnter?: (value: FieldValue) => void;
}

/** Any element that takes input, controlled by `value`. */
export function Field(props: FieldProps) {
  const type = str(props.element, 'type');
  switch (type) {
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return <TextField {...props} />;
    case 'static_select':
    case 'users_select':
    case 'channels_select':
    case 'conversations_select':
      return <SelectField {...props} />;
    case 'radio_buttons':
    case 'checkboxes':
    case 'multi_static_select':
      return <ChoiceField {...props} />;
    case 'multi_users_select':
      return <PeopleField {...props} />;
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return <DateField {...props} />;
    case 'file_input':
      return <FileField {...props} />;
    default:
      return <p className="not-drawn">The local workspace has no “{type}”.</p>;
  }
}
