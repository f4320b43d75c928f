import { readFile } from 'node:fs/promises';
import ssh2, { type ServerChannel } from 'ssh2';
import { expect, it } from 'vitest';
import { createSsh2Transport } from '../../../src/adapters/ssh/ssh2-transport.ts';
import { startSshd } from '../../support/sshd.ts';

/** Sends on although the other side has allowed no more; the library's own server offers no way to do that. */
function sendRegardless(channel: ServerChannel, bytes: Buffer): void {
  const client: unknown = Reflect.get(channel, '_client');
  const outgoing: unknown = Reflect.get(channel, 'outgoing');
  if (!isObject(client) || !isObject(outgoing)) throw new Error('the library has changed');
  const protocol: unknown = Reflect.get(client, '_protocol');
  if (!isObject(protocol)) throw new Error('the library has changed');
  Reflect.apply(Reflect.get(protocol, 'channelData'), protocol, [Reflect.get(outgoing, 'id'), bytes]);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

it('cuts off a host that sends more than it was allowed to', async () => {
  await using keys = await startSshd(); // for its key files only
  const hostKey = await readFile(`${keys.dir}/host_key`);
  let sent = 0;
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => attempt.accept());
    client.on('session', (accept) => {
      accept().on('exec', (acceptExec) => {
        const channel = acceptExec();
        channel.on('error', () => undefined);
        // No multiple of it is the size of the window: the library stops only at exactly zero.
        const piece = Buffer.alloc(30_000);
        const flood = (): void => {
          for (let round = 0; round < 50; round += 1) sendRegardless(channel, piece);
          sent += 50 * piece.length;
          if (sent < 300 * 2 ** 20 && !gone) setImmediate(flood);
        };
        flood();
      });
    });
    let gone = false;
    client.on('close', () => {
      gone = true;
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { port } = address;
  const transport = createSsh2Transport();

  const opened = await transport.exec({ ...keys.target, port }, 'true\n');
  if (!opened.ok) throw new Error(opened.error.message);

  // Nobody reads. An honest host would wait; this one is cut off long before it has sent all it wants.
  expect(await opened.value.closed).toEqual({ code: null });
  expect(sent).toBeLessThan(150 * 2 ** 20);
  await transport.close();
  server.close();
});
