import { useRef } from 'react';
import { PlainText } from '../blockkit/Mrkdwn.tsx';
import { type Json, list, plain, str } from '../blockkit/read.ts';
import type { Press } from '../state/context.ts';

interface OverflowMenuProps {
  readonly element: Json;
  readonly busy: boolean;
  readonly onPress: (press: Partial<Press>) => void;
}

/** The three dots that hold more actions. */
export function OverflowMenu({ element, busy, onPress }: OverflowMenuProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const pick = (option: Json) => {
    if (menu.current !== null) menu.current.open = false;
    onPress({ selected: option });
  };
  return (
    <details className="overflow" ref={menu}>
      <summary className="button" aria-label="More actions">
        ⋯
      </summary>
      <div className="overflow-menu">
        {list(element, 'options').map((option) => (
          <button key={str(option, 'value')} type="button" disabled={busy} onClick={() => pick(option)}>
            <PlainText text={plain(option, 'text')} />
          </button>
        ))}
      </div>
    </details>
  );
}
