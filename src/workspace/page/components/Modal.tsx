import { type FormEvent, useEffect, useId, useMemo, useState } from 'react';
import type { UiView } from '../../protocol.ts';
import { Blocks } from '../blockkit/Blocks.tsx';
import { type FormValues, formValues, localErrors } from '../blockkit/selection.ts';
import { type Surface, SurfaceContext } from '../state/context.ts';
import { useModalDialog } from './dialog.ts';
import { failure, type Shared } from './shared.ts';

type Errors = Readonly<Record<string, string>>;

interface ModalProps extends Shared {
  readonly view: UiView;
  /** Another modal lies over this one; it keeps what was entered, out of sight. */
  readonly covered: boolean;
}

/** A modal of the app. What was entered survives an update of the view for the inputs that stay. */
export function Modal({ api, apply, onError, view, covered }: ModalProps) {
  const dialog = useModalDialog();
  const id = useId();
  const [entered, setEntered] = useState<FormValues>({});
  const [errors, setErrors] = useState<Errors>({});
  const [busy, setBusy] = useState(false);
  const values = useMemo(() => formValues(view.blocks, entered), [view.blocks, entered]);

  useEffect(() => {
    if (covered) return;
    dialog.current?.querySelector<HTMLElement>('.modal-body :is(input, select, textarea, button)')?.focus();
  }, [covered, dialog]);
  useEffect(() => setErrors(view.errors), [view.errors]);

  const surface: Surface = {
    values,
    errors,
    change: (block, action, value) =>
      setEntered((before) => ({ ...before, [block]: { ...before[block], [action]: value } })),
    press: async (press) => {
      const done = await api.viewClick(view.id, press, values);
      if (!done.ok) onError(failure(done.error));
      return done;
    },
  };

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const missing = localErrors(view.blocks, values);
    setErrors(missing);
    if (Object.keys(missing).length > 0) return;
    setBusy(true);
    const done = await api.viewSubmit(view.id, values);
    setBusy(false);
    if (done.ok) return;
    const refused: Errors = 'errors' in done ? (done.errors ?? {}) : {};
    setErrors(refused);
    if (Object.keys(refused).length === 0) onError(failure(done.error));
  };
  const close = async () => {
    apply({ type: 'view_closed', view_id: view.id });
    const done = await api.viewClose(view.id);
    if (!done.ok) onError(failure(done.error));
  };

  return (
    <dialog
      ref={dialog}
      className={covered ? 'modal covered' : 'modal'}
      aria-labelledby={`${id}-title`}
      data-view={view.id}
      onCancel={(event) => {
        event.preventDefault();
        if (event.target === dialog.current) void close();
      }}
    >
      <form noValidate onSubmit={(event) => void submit(event)}>
        <header className="modal-head">
          <h2 id={`${id}-title`}>{view.title}</h2>
          <button type="button" className="close" aria-label="Close dialog" onClick={() => void close()}>
            ✕
          </button>
        </header>
        <div className="modal-body">
          <SurfaceContext value={surface}>
            <Blocks blocks={view.blocks} />
          </SurfaceContext>
        </div>
        <footer className="dialog-buttons">
          <button type="button" className="button" onClick={() => void close()}>
            {view.close || 'Cancel'}
          </button>
          {view.submit !== null && (
            <button type="submit" className="button primary solid" disabled={busy} aria-busy={busy}>
              {view.submit}
            </button>
          )}
        </footer>
      </form>
    </dialog>
  );
}
