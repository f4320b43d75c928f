import type { ClientChannel } from 'ssh2';

import type { ShellStream } from '../../shell/transport.ts';
import { watchChannel } from './buffers.ts';
import type { SshLink } from './connect.ts';

/** Above so many unread bytes the channel is paused; the host then stops at the end of its window. */
const QUEUE_LIMIT = 1024 * 1024;
const STDERR_KEPT = 2048;

/** Wraps an open channel. `done` is called once, when its session no longer counts. */
export function shellStream(link: SshLink, channel: ClientChannel, done: () => void): ShellStream {
  const queue: Uint8Array[] = [];
  let queued = 0;
  let ended = false;
  let closing = false;
  let code: number | null = null;
  let wake: (() => void) | null = null;
  let stderr = Buffer.alloc(0);
  const closed = Promise.withResolvers<{ code: number | null }>();

  const finish = (): void => {
    if (ended) return;
    ended = true;
    link.client.removeListener('close', finish);
    unwatch();
    closed.resolve({ code });
    wake?.();
    done();
  };

  const unwatch = watchChannel(link, channel);
  // After a lost link a channel that nobody reads never closes by itself.
  link.client.once('close', finish);
  channel.on('error', () => undefined);
  channel.stderr.on('error', () => undefined);
  channel.once('exit', (status: number | null) => {
    code = status;
  });
  channel.once('close', finish);
  // Unread stderr would fill the window that it shares with stdout, and everything would stand still.
  channel.stderr.on('data', (bytes: Buffer) => {
    stderr = Buffer.concat([stderr, bytes]).subarray(-STDERR_KEPT);
  });
  channel.on('data', (bytes: Buffer) => {
    if (closing) return;
    queue.push(bytes);
    queued += bytes.length;
    if (queued >= QUEUE_LIMIT) channel.pause();
    wake?.();
  });

  const close = (): void => {
    if (closing) return;
    closing = true;
    queue.length = 0;
    channel.resume();
    channel.close();
    wake?.();
  };

  async function* read(): AsyncGenerator<Uint8Array, void> {
    try {
      while (!closing) {
        const bytes = queue.shift();
        if (bytes !== undefined) {
          queued -= bytes.length;
          if (queued < QUEUE_LIMIT / 2 && channel.isPaused()) channel.resume();
          yield bytes;
        } else if (ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = null;
        }
      }
    } finally {
      close();
    }
  }

  return {
    stdout: read(),
    closed: closed.promise,
    diagnostics: () =>
      stderr
        .toString('utf8')
        .replaceAll(/[\p{Cc}\s]+/gu, ' ')
        .trim(),
    close,
  };
}
