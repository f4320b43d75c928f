import { str } from '../blockkit/read.ts';
import type { FieldProps } from './Field.tsx';

/** Minutes are enough for the native control: `YYYY-MM-DDTHH:mm` in the reader's zone. */
function localMinute(unixSeconds: number): string {
  const at = new Date(unixSeconds * 1000);
  const shifted = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/** A date, a time of day, or both. */
export function DateField({ element, value, onChange, labels }: FieldProps) {
  const type = str(element, 'type');
  if (type === 'datepicker') {
    return (
      <input
        {...labels}
        type="date"
        value={value.selected_date ?? ''}
        onChange={(event) => onChange({ type, selected_date: event.target.value || null })}
      />
    );
  }
  if (type === 'timepicker') {
    return (
      <input
        {...labels}
        type="time"
        value={value.selected_time ?? ''}
        onChange={(event) => onChange({ type, selected_time: event.target.value || null })}
      />
    );
  }
  const at = value.selected_date_time ?? null;
  return (
    <input
      {...labels}
      type="datetime-local"
      value={at === null ? '' : localMinute(at)}
      onChange={(event) => {
        const picked = new Date(event.target.value).getTime();
        onChange({ type, selected_date_time: Number.isNaN(picked) ? null : Math.floor(picked / 1000) });
      }}
    />
  );
}
