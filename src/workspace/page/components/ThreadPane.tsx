import { useEffect, useRef } from 'react';
import type { UiChannel, UiMessage } from '../../protocol.ts';
import { Composer } from './Composer.tsx';
import { MessageList } from './MessageList.tsx';
import type { Shared } from './shared.ts';

interface ThreadPaneProps extends Shared {
  readonly channel: UiChannel;
  readonly thread: string;
  readonly messages: readonly UiMessage[] | undefined;
  readonly onClose: () => void;
}

/** The parent and its replies beside the channel. Escape closes it. */
export function ThreadPane({ channel, thread, messages, onClose, ...shared }: ThreadPaneProps) {
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => close.current?.focus(), []);
  return (
    <aside
      className="thread"
      aria-label="Thread"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) onClose();
      }}
    >
      <header className="pane-head">
        <h2>Thread</h2>
        <p className="topic">{channel.direct ? channel.name : `#${channel.name}`}</p>
        <button type="button" className="close" aria-label="Close thread" ref={close} onClick={onClose}>
          ✕
        </button>
      </header>
      <MessageList {...shared} messages={messages} label="Replies" />
      <Composer {...shared} channel={channel} thread={thread} />
    </aside>
  );
}
