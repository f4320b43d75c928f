import type { Readable } from 'node:stream';

import type { ShellStream } from '../../shell/transport.ts';

/** Above so many unread bytes the channel is paused; the host then stops at the end of its window. */
const QUEUE_LIMIT = 1024 * 1024;
const STDERR_KEPT = 2048;

/** What an open session gives, whoever speaks SSH. */
export interface SessionEnds {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Calls back when the session has ended or its link was lost, with the exit code or null. Once or more often. */
  onEnd(listener: (code: number | null) => void): void;
  /** Asks for the end. */
  close(): void;
}

/** Wraps an open session. `done` is called once, when it no longer counts. */
export function shellStream(session: SessionEnds, done: () => void): ShellStream {
  const { stdout, stderr } = session;
  const queue: Uint8Array[] = [];
  let queued = 0;
  let ended = false;
  let closing = false;
  let wake: (() => void) | null = null;
  let said = Buffer.alloc(0);
  const closed = Promise.withResolvers<{ code: number | null }>();

  session.onEnd((code) => {
    if (ended) return;
    ended = true;
    closed.resolve({ code });
    wake?.();
    done();
  });

  stdout.on('error', () => undefined);
  stderr.on('error', () => undefined);
  // Unread stderr would fill the window that it shares with stdout, and everything would stand still.
  stderr.on('data', (bytes: Buffer) => {
    said = Buffer.concat([said, bytes]).subarray(-STDERR_KEPT);
  });
  stdout.on('data', (bytes: Buffer) => {
    if (closing) return;
    queue.push(bytes);
    queued += bytes.length;
    if (queued >= QUEUE_LIMIT) stdout.pause();
    wake?.();
  });

  const close = (): void => {
    if (closing) return;
    closing = true;
    queue.length = 0;
    stdout.resume();
    session.close();
    wake?.();
  };

  async function* read(): AsyncGenerator<Uint8Array, void> {
    try {
      while (!closing) {
        const bytes = queue.shift();
        if (bytes !== undefined) {
          queued -= bytes.length;
          if (queued < QUEUE_LIMIT / 2 && stdout.isPaused()) stdout.resume();
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
      said
        .toString('utf8')
        .replaceAll(/[\p{Cc}\s]+/gu, ' ')
        .trim(),
    close,
  };
}
