import { readFile } from 'node:fs/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Client, type ConnectConfig } from 'ssh2';

import { messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget } from '../../shell/transport.ts';
import type { ConnectFailure } from './driver.ts';
import { type HostKeys, hostKeyRefusal, isPinned, pinnedKeys } from './hostkey.ts';
import { keyUnreadable, keyUnusable, noAgent, noCommonWay, notLetIn, unreachable } from './refusals.ts';

/** A failure, with the raw key that the host presented when it was turned down. */
export interface Ssh2Failure extends ConnectFailure {
  readonly presented?: Buffer;
}

interface LinkOptions {
  /** The way to the host, when it is not a TCP connection of our own. */
  readonly via?: Duplex;
  readonly timeoutMs: number;
}

/** A client that has authenticated itself, and what it speaks through. */
export interface SshLink {
  readonly client: Client;
  readonly socket: Duplex;
}

/** How a dead peer is noticed: three unanswered questions, fifteen seconds apart. */
const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 3 } as const;

/** aes-gcm first: it is quick, and immune to the prefix truncation that strict key exchange was invented against. */
const CIPHERS: ConnectConfig['algorithms'] = {
  cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes256-ctr', 'aes128-ctr'],
  hmac: ['hmac-sha2-256', 'hmac-sha2-512'],
  kex: [
    'curve25519-sha256',
    'curve25519-sha256@libssh.org',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'diffie-hellman-group-exchange-sha256',
    'diffie-hellman-group16-sha512',
    'diffie-hellman-group14-sha256',
  ],
  compress: ['none'],
};

/** Connects, checks the host's key against the pins, and authenticates. One attempt. */
export async function connectSsh(target: HostTarget, options: LinkOptions): Promise<Result<SshLink, Ssh2Failure>> {
  const keys = pinnedKeys(target);
  if (!keys.ok) return err({ refusal: keys.error, retry: false });
  const credentials = await readCredentials(target);
  if (!credentials.ok) return err({ refusal: credentials.error, retry: false });
  const socket = options.via ? ok(options.via) : await openSocket(target, options);
  if (!socket.ok) return socket;
  return handshake(target, keys.value, credentials.value, socket.value, options);
}

/** The raw key that a host presents now, pinned or not. Every key is turned down, before anybody would authenticate. */
export async function presentedKey(target: HostTarget, options: LinkOptions): Promise<Result<Buffer, Refusal>> {
  const unpinned = { ...target, hostKeys: [] };
  const keys = pinnedKeys(unpinned);
  if (!keys.ok) return keys;
  const socket = options.via ? ok(options.via) : await openSocket(target, options);
  if (!socket.ok) return err(socket.error.refusal);
  const link = await handshake(unpinned, keys.value, { authHandler: ['none'] }, socket.value, options);
  if (!link.ok) return link.error.presented ? ok(link.error.presented) : err(link.error.refusal);
  link.value.client.end();
  return err(refusal('internal', `${target.name} was let through without a pin`));
}

async function readCredentials(target: HostTarget): Promise<Result<ConnectConfig, Refusal>> {
  if ('agent' in target.key) {
    const { agent } = target.key;
    return agent === null ? err(noAgent(target)) : ok({ agent, authHandler: ['agent'] });
  }
  const secret = await target.passphrase?.();
  if (secret?.ok === false) return secret;
  try {
    const privateKey = await readFile(target.key.file);
    const passphrase = secret?.value.reveal();
    return ok({ privateKey, authHandler: ['publickey'], ...(passphrase === undefined ? {} : { passphrase }) });
  } catch (error) {
    return err(keyUnreadable(target, error));
  }
}

/** Without Nagle's algorithm: it would make each of our small packets wait some 40 ms for an acknowledgement. */
function openSocket(target: HostTarget, options: LinkOptions): Promise<Result<Socket, Ssh2Failure>> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: target.address, port: target.port, noDelay: true });
    const timer = setTimeout(() => fail(new Error('no answer in time')), options.timeoutMs);
    const fail = (error: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(err({ refusal: unreachable(target, messageOf(error)), retry: error.code === 'ECONNRESET' }));
    };
    socket.on('error', fail);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(ok(socket));
    });
  });
}

function handshake(
  target: HostTarget,
  keys: HostKeys,
  credentials: ConnectConfig,
  socket: Duplex,
  options: LinkOptions,
): Promise<Result<SshLink, Ssh2Failure>> {
  return new Promise((resolve) => {
    const client = new Client();
    let denied: Buffer | undefined;
    const fail = (error: Error): void => {
      socket.destroy();
      resolve(err(failure(error)));
    };
    const failure = (error: Error): Ssh2Failure =>
      denied
        ? { refusal: hostKeyRefusal(target, keys, denied), retry: false, presented: denied }
        : failureOf(target, error);
    // For the whole life of the client: it may report several errors, and also after it was ready.
    client.on('error', fail);
    client.once('close', () => fail(new Error('Connection lost before handshake')));
    client.once('ready', () => {
      resolve(ok({ client, socket }));
    });
    try {
      client.connect({
        ...credentials,
        ...KEEPALIVE,
        username: target.user,
        sock: socket,
        readyTimeout: options.timeoutMs,
        algorithms: { ...CIPHERS, serverHostKey: keys.algorithms },
        hostVerifier: (presented: Buffer) => {
          if (isPinned(keys, presented)) return true;
          denied = presented;
          return false;
        },
      });
    } catch (error) {
      // Only our own key can be at fault here: it cannot be parsed, or its passphrase is wrong or missing.
      socket.destroy();
      resolve(err({ refusal: keyUnusable(target, messageOf(error)), retry: false }));
    }
  });
}

function failureOf(target: HostTarget, error: Error & { level?: string; code?: unknown }): Ssh2Failure {
  const message = messageOf(error);
  if (error.level === 'client-authentication' || error.level === 'agent') {
    return { refusal: notLetIn(target, message), retry: false };
  }
  if (message.includes('no matching')) {
    return { refusal: noCommonWay(target, message), retry: false };
  }
  const busy = error.code === 'ECONNRESET' || error.code === 'EPIPE' || message.includes('lost before handshake');
  return { refusal: unreachable(target, message), retry: busy };
}
