import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';

import { messageOf } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget } from '../../shell/transport.ts';
import { watchBuffers, watchChannel } from './buffers.ts';
import { connectSsh, type SshLink } from './connect.ts';
import type { ConnectFailure, Driver, OpenFailure, Session } from './driver.ts';
import { noWayBehind } from './refusals.ts';
import { shellStream } from './stream.ts';

/** Speaks SSH with the ssh2 library, inside this process. */
export const ssh2Driver: Driver<SshLink> = {
  async connect(target, { timeoutMs, through }) {
    const way = through === undefined ? null : await forward(through.link, through.name, target, timeoutMs);
    if (way !== null && !way.ok) return way;
    const link = await connectSsh(target, way === null ? { timeoutMs } : { timeoutMs, via: way.value });
    if (!link.ok) return link;
    watchBuffers(link.value);
    link.value.client.setMaxListeners(0); // a bastion has one listener for each host behind it
    return link;
  },
  onEnd(link, listener) {
    if (link.socket.destroyed) listener();
    else link.client.once('close', listener);
  },
  open,
  end(link) {
    link.client.end();
  },
  async destroy(link) {
    link.client.end();
    link.socket.destroy();
  },
};

/** A way through a bastion to the host behind it; given up after `timeoutMs`. */
export function forward(
  bastion: SshLink,
  name: string,
  target: HostTarget,
  timeoutMs: number,
): Promise<Result<Duplex, ConnectFailure>> {
  return new Promise((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      resolve(err({ refusal: noWayBehind(name, target, 'no answer in time'), retry: false }));
    }, timeoutMs);
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      const why = messageOf(error);
      const bastionLost = !why.includes('Channel open failure');
      resolve(err({ refusal: noWayBehind(name, target, why), retry: false, bastionLost }));
    };
    try {
      bastion.client.forwardOut('127.0.0.1', 0, target.address, target.port, (error, stream) => {
        if (error) return fail(error);
        clearTimeout(timer);
        stream.on('error', () => undefined);
        if (late) stream.destroy();
        else resolve(ok(stream));
      });
    } catch (error) {
      fail(error);
    }
  });
}

function open(link: SshLink, command: string, timeoutMs: number): Promise<Result<Session, OpenFailure>> {
  return new Promise((resolve) => {
    let given = false;
    const settle = (result: Result<Session, OpenFailure>): void => {
      clearTimeout(timer);
      given = true;
      resolve(result);
    };
    const timer = setTimeout(() => settle(err({ kind: 'lost' })), timeoutMs);
    try {
      link.client.exec(command, (error, channel) => {
        if (error) settle(err({ kind: isFull(error) ? 'full' : 'lost' }));
        else if (given) channel.close();
        else settle(ok(sessionOf(link, channel)));
      });
    } catch {
      settle(err({ kind: 'lost' })); // ssh2 throws at once when the connection has gone
    }
  });
}

function sessionOf(link: SshLink, channel: ClientChannel): Session {
  return {
    begin(done) {
      const unwatch = watchChannel(link, channel);
      return shellStream(
        {
          stdout: channel,
          stderr: channel.stderr,
          onEnd(listener) {
            let code: number | null = null;
            const finish = (): void => {
              link.client.removeListener('close', finish);
              unwatch();
              listener(code);
            };
            channel.once('exit', (status: number | null) => {
              code = status;
            });
            channel.once('close', finish);
            // After a lost link a channel that nobody reads never closes by itself.
            link.client.once('close', finish);
          },
          close: () => channel.close(),
        },
        done,
      );
    },
    send(stdin, more) {
      if (more === 'end') channel.end(stdin);
      else channel.write(stdin);
    },
  };
}

function isFull(error: Error): boolean {
  return messageOf(error).includes('Channel open failure') && 'reason' in error && error.reason !== '';
}
