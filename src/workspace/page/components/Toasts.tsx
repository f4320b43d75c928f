import { useEffect, useRef } from 'react';
import type { Toast } from '../state/toasts.ts';

interface ToastsProps {
  readonly toasts: readonly Toast[];
  readonly onDrop: (id: number) => void;
}

/** Failures, above everything: a popover is shown anew each time so that it also lies over an open modal. */
export function Toasts({ toasts, onDrop }: ToastsProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const popover = box.current;
    if (popover === null) return;
    if (popover.matches(':popover-open')) popover.hidePopover();
    if (toasts.length > 0) popover.showPopover();
  }, [toasts]);
  return (
    <div className="toasts" popover="manual" ref={box} role="alert" data-testid="toasts">
      {toasts.map((toast) => (
        <p key={toast.id} className="toast">
          <span>{toast.text}</span>
          <button type="button" className="close" aria-label="Dismiss notice" onClick={() => onDrop(toast.id)}>
            ✕
          </button>
        </p>
      ))}
    </div>
  );
}
