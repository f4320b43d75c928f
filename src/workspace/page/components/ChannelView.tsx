import type { UiChannel, UiMessage } from '../../protocol.ts';
import { Composer } from './Composer.tsx';
import { MessageList } from './MessageList.tsx';
import type { Shared } from './shared.ts';

interface ChannelViewProps extends Shared {
  readonly channel: UiChannel;
  readonly messages: readonly UiMessage[] | undefined;
  readonly onThread: (ts: string) => void;
}

/** A channel: its name and topic, its messages, and where to write. */
export function ChannelView({ channel, messages, onThread, ...shared }: ChannelViewProps) {
  const title = channel.direct ? channel.name : `#${channel.name}`;
  return (
    <section className="channel" aria-label={`Channel ${channel.name}`}>
      <header className="pane-head">
        <h2>{title}</h2>
        <p className="topic">{channel.topic}</p>
      </header>
      <MessageList {...shared} messages={messages} onThread={onThread} label={`Messages in ${title}`} />
      <Composer {...shared} channel={channel} />
    </section>
  );
}
