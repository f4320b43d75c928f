import { Fragment, useEffect, useRef } from 'react';
import type { UiMessage } from '../../protocol.ts';
import { slackDate } from '../blockkit/date.ts';
import { Message } from './Message.tsx';
import type { Shared } from './shared.ts';

interface MessageListProps extends Shared {
  readonly messages: readonly UiMessage[] | undefined;
  readonly label: string;
  /** Absent inside a thread. */
  readonly onThread?: (ts: string) => void;
}

const NEAR_END_PX = 60;
const TOGETHER_S = 300;

function day(message: UiMessage): string {
  return new Date(Number(message.ts) * 1000).toDateString();
}

function together(before: UiMessage | undefined, message: UiMessage): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    before.ephemeral === message.ephemeral &&
    before.reply_count === 0 &&
    message.blocks.length === 0 &&
    Number(message.ts) - Number(before.ts) < TOGETHER_S
  );
}

/** Messages, oldest first. Stays at the end while the reader is there, also when a message above grows. */
export function MessageList({ messages, label, onThread, ...shared }: MessageListProps) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);

  useEffect(() => {
    const outer = box.current;
    const inner = content.current;
    if (outer === null || inner === null) return undefined;
    const follow = new ResizeObserver(() => {
      if (atEnd.current) outer.scrollTop = outer.scrollHeight;
    });
    follow.observe(inner);
    follow.observe(outer);
    return () => follow.disconnect();
  }, []);

  const onScroll = () => {
    const outer = box.current;
    if (outer === null) return;
    atEnd.current = outer.scrollHeight - outer.scrollTop - outer.clientHeight < NEAR_END_PX;
  };

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable with the keyboard
    <div className="messages" ref={box} onScroll={onScroll} role="log" aria-label={label} tabIndex={0}>
      <div ref={content} className="messages-inner">
        {messages === undefined && <p className="empty">Reading …</p>}
        {messages?.length === 0 && <p className="empty">Nothing has been said here yet.</p>}
        {messages?.map((message, index) => {
          const before = messages[index - 1];
          const newDay = onThread !== undefined && (before === undefined || day(before) !== day(message));
          return (
            <Fragment key={message.ts}>
              {newDay && (
                <div className="day">
                  <span>{slackDate(Number(message.ts), '{day_divider_pretty}', message.ts)}</span>
                </div>
              )}
              <Message
                {...shared}
                message={message}
                compact={!newDay && together(before, message)}
                {...(onThread === undefined ? {} : { onThread })}
              />
            </Fragment>
          );
        })}
      </div>
    </div>
  );
}
