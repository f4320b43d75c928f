import { type RefObject, useLayoutEffect, useRef } from 'react';

/** Opens a native dialog over the page while its component is mounted, and gives the focus back afterwards. */
export function useModalDialog(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return dialog;
}
