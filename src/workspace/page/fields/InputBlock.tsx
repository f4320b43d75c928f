import { useId } from 'react';
import { PlainText } from '../blockkit/Mrkdwn.tsx';
import { child, flag, type Json, plain, str } from '../blockkit/read.ts';
import { type FieldValue, initialValue, selectedOf } from '../blockkit/selection.ts';
import { useSurface } from '../state/context.ts';
import { Field } from './Field.tsx';

/** An `input` block of a view: label, field, hint and what was wrong with the last submission. */
export function InputBlock({ block }: { readonly block: Json }) {
  const surface = useSurface();
  const id = useId();
  const element = child(block, 'element');
  if (element === undefined) return null;
  const blockId = str(block, 'block_id');
  const actionId = str(element, 'action_id');
  const value = surface.values?.[blockId]?.[actionId] ?? initialValue(element) ?? { type: str(element, 'type') };
  const error = surface.errors?.[blockId];
  const hint = plain(block, 'hint');
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ');

  const report = (changed: FieldValue) => {
    void surface.press({ action_id: actionId, block_id: blockId, selected: selectedOf(changed) });
  };
  const dispatches = flag(block, 'dispatch_action');
  const isText = 'value' in value;
  const change = (changed: FieldValue) => {
    surface.change?.(blockId, actionId, changed);
    if (dispatches && !isText) report(changed);
  };

  return (
    <div className="input-block" data-block-id={blockId}>
      <label htmlFor={id} id={`${id}-label`}>
        <PlainText text={plain(block, 'label')} />
        {flag(block, 'optional') && <span className="optional"> (optional)</span>}
      </label>
      <Field
        element={element}
        value={value}
        onChange={change}
        {...(dispatches && isText ? { onEnter: report } : {})}
        labels={{
          id,
          'aria-labelledby': `${id}-label`,
          'aria-invalid': error !== undefined,
          ...(described === '' ? {} : { 'aria-describedby': described }),
        }}
      />
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {hint !== '' && (
        <p className="hint" id={`${id}-hint`}>
          <PlainText text={hint} />
        </p>
      )}
    </div>
  );
}
