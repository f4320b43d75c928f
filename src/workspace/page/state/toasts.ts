import { useCallback, useRef, useState } from 'react';

const SHOWN_MS = 9_000;

export interface Toast {
  readonly id: number;
  readonly text: string;
}

/** Short messages about what failed; each goes by itself after some seconds. The same text is shown once. */
export function useToasts(): readonly [readonly Toast[], (text: string) => void, (id: number) => void] {
  const [toasts, setToasts] = useState<readonly Toast[]>([]);
  const next = useRef(0);
  const drop = useCallback((id: number) => setToasts((shown) => shown.filter((toast) => toast.id !== id)), []);
  const add = useCallback(
    (text: string) => {
      next.current += 1;
      const id = next.current;
      setToasts((shown) => [...shown.filter((toast) => toast.text !== text), { id, text }]);
      window.setTimeout(() => drop(id), SHOWN_MS);
    },
    [drop],
  );
  return [toasts, add, drop];
}
