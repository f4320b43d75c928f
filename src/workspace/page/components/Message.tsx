import { useMemo } from 'react';
import type { UiMessage } from '../../protocol.ts';
import { Blocks } from '../blockkit/Blocks.tsx';
import { Instant } from '../blockkit/Mrkdwn.tsx';
import { type Surface, SurfaceContext } from '../state/context.ts';
import { Avatar } from './Avatar.tsx';
import { FileCard } from './FileCard.tsx';
import { failure, type Shared } from './shared.ts';

interface MessageProps extends Shared {
  readonly message: UiMessage;
  /** Follows one of the same author: no avatar, no name. */
  readonly compact: boolean;
  readonly onThread?: (ts: string) => void;
}

function Replies({ message, onThread }: { readonly message: UiMessage; onThread: (ts: string) => void }) {
  if (message.reply_count === 0) return null;
  return (
    <button type="button" className="replies" onClick={() => onThread(message.ts)}>
      <b>
        {message.reply_count} {message.reply_count === 1 ? 'reply' : 'replies'}
      </b>
      {message.latest_reply !== undefined && (
        <span className="faint">
          Last reply <Instant unix={Number(message.latest_reply)} pattern="{date_short_pretty} at {time}" fallback="" />
        </span>
      )}
    </button>
  );
}

/** One message with everything that hangs on it. */
export function Message({ message, compact, onThread, api, state, apply, onError }: MessageProps) {
  const author = state.people.find((person) => person.id === message.user);
  const name = author?.name ?? message.user;
  const surface = useMemo<Surface>(
    () => ({
      press: async (press) => {
        const done = await api.click(message, press);
        if (!done.ok) onError(failure(done.error));
        return done;
      },
    }),
    [api, message, onError],
  );
  const classes = ['message', compact && 'compact', message.ephemeral && 'ephemeral'].filter(Boolean).join(' ');
  return (
    <article className={classes} data-ts={message.ts} data-testid="message" aria-label={`Message from ${name}`}>
      {message.ephemeral && (
        <p className="only-you">
          <span aria-hidden="true">◉ </span>Only visible to you
          <button
            type="button"
            className="text-button"
            onClick={() => apply({ type: 'deleted', channel: message.channel, ts: message.ts })}
          >
            Dismiss
          </button>
        </p>
      )}
      <div className="message-side">
        {compact ? (
          <span className="compact-time">
            <Instant unix={Number(message.ts)} pattern="{time}" fallback="" />
          </span>
        ) : (
          <Avatar person={author} size="large" />
        )}
      </div>
      <div className="message-body">
        {!compact && (
          <p className="byline">
            <b>{name}</b>
            {author?.bot && <span className="app-mark">APP</span>}
            <span className="faint">
              <Instant unix={Number(message.ts)} pattern="{time}" fallback="" />
            </span>
          </p>
        )}
        <SurfaceContext value={surface}>
          <Blocks blocks={message.blocks} text={message.text} />
        </SurfaceContext>
        {message.edited && <span className="edited">(edited)</span>}
        {message.files.map((file) => (
          <FileCard key={file.id} file={file} onError={onError} />
        ))}
        {onThread && <Replies message={message} onThread={onThread} />}
      </div>
      {onThread && !message.ephemeral && (
        <button type="button" className="reply-button" onClick={() => onThread(message.ts)}>
          Reply in thread
        </button>
      )}
    </article>
  );
}
