import { PlainText } from '../blockkit/Mrkdwn.tsx';
import { type Json, plain, str } from '../blockkit/read.ts';
import type { Press } from '../state/context.ts';

export interface ButtonElementProps {
  readonly element: Json;
  readonly busy: boolean;
  readonly failed: boolean;
  readonly onPress: (press: Partial<Press>) => void;
}

/** A Block Kit button. One with a `url` opens it, and reports the press as Slack does. */
export function ButtonElement({ element, busy, failed, onPress }: ButtonElementProps) {
  const style = str(element, 'style');
  const value = str(element, 'value');
  const url = str(element, 'url');
  const label = str(element, 'accessibility_label');
  const press = () => {
    if (/^https?:/i.test(url)) window.open(url, '_blank', 'noopener');
    onPress(value === '' ? {} : { value });
  };
  return (
    <button
      type="button"
      className={`button ${style}`}
      disabled={busy}
      aria-busy={busy}
      data-action-id={str(element, 'action_id')}
      onClick={press}
      {...(label === '' ? {} : { 'aria-label': label })}
    >
      <PlainText text={plain(element, 'text')} />
      {failed && (
        <span className="button-failed" role="img" aria-label="The last press failed">
          ⚠
        </span>
      )}
    </button>
  );
}
