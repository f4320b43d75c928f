import { type KeyboardEvent, useId, useRef, useState } from 'react';
import type { UiChannel } from '../../protocol.ts';
import { namesCommand, suggest } from './completion.ts';
import { toSlackText } from './outgoing.ts';
import { Suggestions } from './Suggestions.tsx';
import { failure, type Shared } from './shared.ts';

interface ComposerProps extends Shared {
  readonly channel: UiChannel;
  readonly thread?: string;
}

/** Where a person writes. Enter sends (or completes a command name), Shift+Enter breaks the line, Tab completes. */
export function Composer({ api, state, onError, channel, thread }: ComposerProps) {
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [active, setActive] = useState(0);
  const [closed, setClosed] = useState(false);
  const input = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const shown = closed || thread !== undefined ? [] : suggest(text, state.commands);
  const label = thread === undefined ? `Message ${channel.direct ? '' : '#'}${channel.name}` : 'Reply in thread';

  const write = (next: string) => {
    setText(next);
    setActive(0);
    setClosed(false);
  };
  const send = async () => {
    const written = text.trim();
    if (written === '' || busy) return;
    if (written.startsWith('/') && thread !== undefined) {
      onError(`${written.split(/\s/)[0]} is not supported in threads, as in Slack. Send it in the channel.`);
      return;
    }
    setBusy(true);
    const done = written.startsWith('/')
      ? await api.slash(channel.id, written)
      : await api.say(channel.id, toSlackText(written, state), thread);
    setBusy(false);
    if (done.ok) write('');
    else onError(failure(done.error));
  };
  const take = (index: number) => {
    const insert = shown[index]?.insert ?? '';
    if (insert !== '') write(insert);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const open = shown.length > 0;
    if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setActive((active + (event.key === 'ArrowDown' ? 1 : shown.length - 1)) % shown.length);
    } else if (open && event.key === 'Tab' && !event.shiftKey && shown[active]?.insert) {
      event.preventDefault();
      take(active);
    } else if (open && event.key === 'Escape') {
      event.preventDefault();
      setClosed(true);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      if (open && !namesCommand(text, state.commands)) take(active);
      else void send();
    }
  };

  return (
    <div className="composer">
      {shown.length > 0 && <Suggestions id={listId} suggestions={shown} active={active} onTake={take} />}
      <div className="composer-box">
        <textarea
          ref={input}
          rows={Math.min(6, text.split('\n').length)}
          aria-label={label}
          placeholder={thread === undefined ? `${label}, or type / for commands` : 'Reply …'}
          aria-autocomplete="list"
          aria-controls={shown.length > 0 ? listId : undefined}
          aria-activedescendant={shown.length > 0 ? `${listId}-${active}` : undefined}
          value={text}
          onChange={(event) => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        <button type="button" className="send" disabled={busy || text.trim() === ''} onClick={() => void send()}>
          Send
        </button>
      </div>
    </div>
  );
}
