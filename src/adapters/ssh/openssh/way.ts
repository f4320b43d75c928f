import { Duplex } from 'node:stream';

import { err, ok, type Result } from '../../../kernel/result.ts';
import type { HostTarget } from '../../../shell/transport.ts';
import type { ConnectFailure } from '../driver.ts';
import { noWayBehind } from '../refusals.ts';
import { ALIAS, plainAddress } from './config.ts';
import type { OpensshLink } from './driver.ts';
import { spawnSsh } from './program.ts';

/** The bytes to and from a host behind a bastion, over our link to the bastion, for somebody else to speak SSH through. Given up after `timeoutMs`. */
export function wayThroughLink(
  { files }: OpensshLink,
  name: string,
  target: HostTarget,
  timeoutMs: number,
): Promise<Result<Duplex, ConnectFailure>> {
  const plain = plainAddress(target);
  if (!plain.ok) return Promise.resolve(err({ refusal: plain.error, retry: false }));
  return new Promise((resolve) => {
    // Without a link, ssh would make one of its own: the way that always fails keeps it from that.
    const alone = ['-o', 'ProxyCommand=false', '-o', 'LogLevel=ERROR'];
    const way = ['-W', `[${target.address}]:${target.port}`];
    const child = spawnSsh(['-F', files.config, '-S', files.socket, ...alone, ...way, ALIAS]);
    const failed = (why: string): void => resolve(err({ refusal: noWayBehind(name, target, why), retry: false }));
    if (child === null) return failed('ssh could not be started');
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = `${said}${text}`.slice(-2_000);
    });
    const timer = setTimeout(() => {
      said ||= 'no answer in time';
      child.kill();
    }, timeoutMs);
    const fail = (): void => {
      clearTimeout(timer);
      failed(said.trim().split('\n')[0] || 'the way was closed');
    };
    child.stdin.on('error', () => undefined);
    child.once('error', fail);
    child.once('close', fail);
    // The host speaks first, with its version; until then nobody knows whether there is a way.
    child.stdout.once('readable', () => {
      if (child.stdout.readableLength === 0) return;
      clearTimeout(timer);
      const stream = Duplex.from({ readable: child.stdout, writable: child.stdin });
      stream.on('error', () => undefined);
      stream.once('close', () => child.kill());
      resolve(ok(stream));
    });
  });
}
