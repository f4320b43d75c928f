import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { BlockList, isIPv6, Socket } from 'node:net';

/**
 * Loaded into a bot before anything else: writes down every address that it tries to reach and every name that it looks
 * up, so that a test can say that it needs no Internet (R15). Programs that a bot starts are not seen.
 */
const noted = process.env.TWOKEY_TEST_EGRESS;
if (noted !== undefined)
  subscribe('net.client.socket', (message) => {
    const socket: unknown =
      typeof message === 'object' && message !== null && 'socket' in message ? message.socket : null;
    if (!(socket instanceof Socket)) return;
    const note = (what: string) => appendFileSync(noted, `${what}\n`);
    socket.on('connectionAttempt', (ip) => note(ip));
    socket.on('lookup', (_error, address, _family, name) => note(name === address ? name : `${name} ${address}`));
  });

/** What a lab consists of: this machine, networks that a test made, and addresses for documentation (RFC 5737). */
const OURS = new BlockList();
for (const [net, bits] of [
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['192.0.2.0', 24],
] as const)
  OURS.addSubnet(net, bits);
OURS.addAddress('::1', 'ipv6');
const NAMES = /^(?:localhost|.*\.(?:example|invalid|test|localhost))$/;

/** Which lines of such a note are neither the lab's own addresses, nor sockets in folders, nor names that exist nowhere. */
export function beyond(note: string): string[] {
  const isOurs = (one: string) =>
    OURS.check(one, isIPv6(one) ? 'ipv6' : 'ipv4') || NAMES.test(one) || one.startsWith('/') || one === 'undefined';
  return [...new Set(note.split('\n'))].filter((line) => line !== '' && !line.split(' ').every(isOurs));
}
