import type { ClientChannel } from 'ssh2';

import type { SshLink } from './connect.ts';

/** An honest host stays within the 2 MiB window of a channel; one that sends on regardless is cut off. */
const BUFFERED_LIMIT = 8 * 1024 * 1024;

const watched = new WeakMap<SshLink, Set<ClientChannel>>();

/** From now on, cuts the link as soon as one of its channels has been sent more than anybody allowed. */
export function watchBuffers(link: SshLink): void {
  const channels = new Set<ClientChannel>();
  watched.set(link, channels);
  link.socket.on('data', () => {
    for (const channel of channels) {
      if (channel.readableLength + channel.stderr.readableLength > BUFFERED_LIMIT) link.socket.destroy();
    }
  });
}

/** Puts a channel under that watch; gives the way to end it. */
export function watchChannel(link: SshLink, channel: ClientChannel): () => void {
  const channels = watched.get(link);
  channels?.add(channel);
  return () => {
    channels?.delete(channel);
  };
}
