import { useState } from 'react';
import { child, type Json, plain, str } from '../blockkit/read.ts';
import { initialValue, selectedOf } from '../blockkit/selection.ts';
import { type Press, useSurface } from '../state/context.ts';
import { ButtonElement } from './ButtonElement.tsx';
import { ConfirmDialog } from './ConfirmDialog.tsx';
import { Field } from './Field.tsx';
import { OverflowMenu } from './OverflowMenu.tsx';

/** An interactive element in an `actions` block or beside a section: pressing or choosing reports at once. */
export function ActionElement({ element, blockId }: { readonly element: Json; readonly blockId: string }) {
  const surface = useSurface();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const [asking, setAsking] = useState<Press | null>(null);
  const [chosen, setChosen] = useState(() => initialValue(element));

  const type = str(element, 'type');
  const actionId = str(element, 'action_id');
  const confirm = child(element, 'confirm');

  const send = async (press: Press) => {
    setAsking(null);
    setBusy(true);
    setFailed(false);
    const done = await surface.press(press);
    setBusy(false);
    setFailed(!done.ok);
  };
  const offer = (extra: Partial<Press>) => {
    const press: Press = { action_id: actionId, block_id: blockId, ...extra };
    if (confirm === undefined) void send(press);
    else setAsking(press);
  };
  const inForm = surface.values?.[blockId]?.[actionId];
  const value = inForm ?? chosen;

  return (
    <>
      {type === 'button' && <ButtonElement element={element} busy={busy} failed={failed} onPress={offer} />}
      {type === 'overflow' && <OverflowMenu element={element} busy={busy} onPress={offer} />}
      {type !== 'button' && type !== 'overflow' && (
        <div className="action-field">
          <Field
            element={element}
            value={value ?? { type }}
            onChange={(changed) => {
              setChosen(changed);
              surface.change?.(blockId, actionId, changed);
              offer({ selected: selectedOf(changed) });
            }}
            labels={{ 'aria-label': plain(element, 'placeholder') || actionId }}
          />
        </div>
      )}
      {asking !== null && confirm !== undefined && (
        <ConfirmDialog
          confirm={confirm}
          // The message may have been edited while the question stood: its block may have another id by now.
          onConfirm={() => void send({ ...asking, block_id: blockId })}
          onDeny={() => setAsking(null)}
        />
      )}
    </>
  );
}
