import { useId } from 'react';
import { TextObject } from '../blockkit/Mrkdwn.tsx';
import { child, type Json, plain, str } from '../blockkit/read.ts';
import { useModalDialog } from '../components/dialog.ts';

interface ConfirmDialogProps {
  readonly confirm: Json;
  readonly onConfirm: () => void;
  readonly onDeny: () => void;
}

/** The question an app puts before an action: a native dialog, so focus stays inside and Escape denies. */
export function ConfirmDialog({ confirm, onConfirm, onDeny }: ConfirmDialogProps) {
  const dialog = useModalDialog();
  const id = useId();
  const danger = str(confirm, 'style') === 'danger';
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      className="confirm"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      onCancel={(event) => {
        event.preventDefault();
        onDeny();
      }}
    >
      <h2 id={`${id}-title`}>{plain(confirm, 'title')}</h2>
      <div className="text" id={`${id}-text`}>
        <TextObject text={child(confirm, 'text')} />
      </div>
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={onDeny}>
          {plain(confirm, 'deny') || 'Cancel'}
        </button>
        <button type="button" className={`button ${danger ? 'danger' : 'primary'} solid`} onClick={onConfirm}>
          {plain(confirm, 'confirm') || 'Yes'}
        </button>
      </div>
    </dialog>
  );
}
