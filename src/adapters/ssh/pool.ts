import type { Duplex } from 'node:stream';
import { sleep } from '../../kernel/clock.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { jitter } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget } from '../../shell/transport.ts';
import { watchBuffers } from './buffers.ts';
import { type ConnectFailure, connectSsh, type SshLink, unreachable } from './connect.ts';

/** sshd allows 10 sessions a connection and frees a slot only some time after we see its end. */
const SESSIONS_PER_CONNECTION = 5;
/** Ways through a bastion are not sessions; sshd does not count them. */
const FORWARDS_PER_CONNECTION = 200;
/** Beyond so many connections to one account, callers queue. */
const CONNECTIONS_PER_TARGET = 20;
/** sshd begins to drop handshakes at random when 10 are unfinished. */
const HANDSHAKES_PER_ENDPOINT = 8;
const ATTEMPTS = 6;
const CONNECT_MS = 15_000;

/** One connection and how many sessions run over it. */
export interface Connection {
  readonly key: string;
  readonly ready: Promise<Result<SshLink, ConnectFailure>>;
  sessions: number;
  /** How many sessions it takes; learned when the host takes fewer. */
  limit: number;
  dead: boolean;
  link: SshLink | null;
  idle: NodeJS.Timeout | null;
}

export interface PoolOptions {
  /** A connection that nobody used for so long is closed. */
  readonly idleMs: number;
}

export interface AcquireOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly urgent?: boolean;
  /** For ways through it to other hosts, rather than for sessions. */
  readonly forwards?: boolean;
}

export interface Pool {
  /** A connection with room for one more session, which `release` gives back. */
  acquire(target: HostTarget, options: AcquireOptions): Promise<Result<Connection, Refusal>>;
  release(connection: Connection): void;
  /** Never hand this connection out again, and close it once nobody uses it. */
  retire(connection: Connection): void;
  /** The raw key that a host presents now, pinned or not. Nobody logs in. */
  presented(target: HostTarget, timeoutMs: number): Promise<Result<Buffer, Refusal>>;
  close(): void;
}

/** Connections by account, shared by all who talk to it. */
export function createPool(options: PoolOptions): Pool {
  const byTarget = new Map<string, Set<Connection>>();
  const handshakes = new Map<string, { running: number; waiting: (() => void)[] }>();
  const queues = new Map<string, (() => void)[]>();
  let closed = false;

  async function acquire(target: HostTarget, how: AcquireOptions): Promise<Result<Connection, Refusal>> {
    const key = keyOf(target) + (how.forwards === true ? ' forwards' : '');
    while (!closed) {
      if (how.signal?.aborted) return err(unreachable(target, 'given up'));
      const connection = withRoom(target, key, how);
      if (connection === null) {
        if (!(await turn(key, how))) return err(unreachable(target, 'all its sessions are in use'));
        continue;
      }
      connection.sessions += 1;
      if (connection.idle !== null) clearTimeout(connection.idle);
      connection.idle = null;
      const link = connection.link ? await connection.ready : await unlessAborted(connection.ready, stopOf(how));
      if (link?.ok && !connection.dead) return ok(connection);
      release(connection);
      if (link === null) return err(unreachable(target, 'no connection within the time allowed'));
      if (!link.ok) return err(link.error.refusal);
    }
    return err(unreachable(target, 'Twokey is stopping'));
  }

  function withRoom(target: HostTarget, key: string, how: AcquireOptions): Connection | null {
    const all = byTarget.get(key) ?? new Set<Connection>();
    byTarget.set(key, all);
    for (const connection of all) {
      if (!connection.dead && connection.sessions < connection.limit) return connection;
    }
    if (all.size >= CONNECTIONS_PER_TARGET && how.urgent !== true) return null;
    return open(target, key, all, how);
  }

  function open(target: HostTarget, key: string, all: Set<Connection>, how: AcquireOptions): Connection {
    const connection: Connection = {
      key,
      ready: connectRetrying(target, Math.min(how.timeoutMs, CONNECT_MS)).then((result) => {
        if (!result.ok) drop(connection);
        else attach(connection, result.value);
        return result;
      }),
      sessions: 0,
      limit: how.forwards === true ? FORWARDS_PER_CONNECTION : SESSIONS_PER_CONNECTION,
      dead: false,
      link: null,
      idle: null,
    };
    all.add(connection);
    return connection;
  }

  function attach(connection: Connection, link: SshLink): void {
    connection.link = link;
    watchBuffers(link);
    link.client.setMaxListeners(0); // a bastion has one listener for each host behind it
    link.client.once('close', () => drop(connection));
    if (closed || link.socket.destroyed) drop(connection);
  }

  /** Several connections wait for one host at once, none of them for the patience of a single caller. */
  async function connectRetrying(target: HostTarget, timeoutMs: number): Promise<Result<SshLink, ConnectFailure>> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await limited(`${target.address}:${target.port}`, () => connectOnce(target, timeoutMs));
      if (result.ok || !result.error.retry || attempt === ATTEMPTS || closed) return result;
      await sleep(50 * attempt + jitter(200 * attempt));
    }
  }

  async function connectOnce(target: HostTarget, timeoutMs: number): Promise<Result<SshLink, ConnectFailure>> {
    if (target.jump === undefined) return connectSsh(target, { timeoutMs });
    const way = await through(target.jump, target, timeoutMs);
    if (!way.ok) return err({ refusal: way.error, retry: false });
    const link = await connectSsh(target, { timeoutMs, via: way.value.stream });
    if (link.ok) link.value.client.once('close', () => release(way.value.bastion));
    else release(way.value.bastion);
    return link;
  }

  async function presented(target: HostTarget, timeoutMs: number): Promise<Result<Buffer, Refusal>> {
    // Without a pin every key is turned down, before anybody would authenticate.
    const link = await connectOnce({ ...target, hostKeys: [] }, timeoutMs);
    if (!link.ok) return link.error.presented ? ok(link.error.presented) : err(link.error.refusal);
    link.value.client.end();
    return err(refusal('internal', `${target.name} was let through without a pin`));
  }

  /** A way through the bastion. Its own failures name it, so that nobody looks for them at the host behind it. */
  async function through(
    jump: HostTarget,
    target: HostTarget,
    timeoutMs: number,
  ): Promise<Result<{ readonly stream: Duplex; readonly bastion: Connection }, Refusal>> {
    const said = (refused: Refusal): Refusal => ({
      ...refused,
      message: `the bastion of ${target.name}: ${refused.message}`,
    });
    const got = await acquire(jump, { timeoutMs, forwards: true });
    if (!got.ok) return err(said(got.error));
    const bastion = got.value;
    return new Promise((resolve) => {
      const fail = (why: string): void => {
        release(bastion);
        resolve(err(unreachable(target, `the bastion ${jump.name} finds no way to it: ${why}`)));
      };
      try {
        bastion.link?.client.forwardOut('127.0.0.1', 0, target.address, target.port, (error, stream) => {
          if (error) return fail(error.message);
          stream.on('error', () => undefined);
          resolve(ok({ stream, bastion }));
        });
      } catch (error) {
        fail(error instanceof Error ? error.message : String(error));
      }
    });
  }

  async function limited<T>(endpoint: string, work: () => Promise<T>): Promise<T> {
    const gate = handshakes.get(endpoint) ?? { running: 0, waiting: [] };
    handshakes.set(endpoint, gate);
    if (gate.running >= HANDSHAKES_PER_ENDPOINT) await new Promise<void>((go) => gate.waiting.push(go));
    else gate.running += 1;
    try {
      return await work();
    } finally {
      const next = gate.waiting.shift();
      if (next) next();
      else gate.running -= 1;
      if (gate.running === 0) handshakes.delete(endpoint);
    }
  }

  async function turn(key: string, how: AcquireOptions): Promise<boolean> {
    const queue = queues.get(key) ?? [];
    queues.set(key, queue);
    const stop = stopOf(how);
    return new Promise((resolve) => {
      const go = (): void => resolve(true);
      queue.push(go);
      stop.addEventListener('abort', () => {
        const at = queue.indexOf(go);
        if (at >= 0) queue.splice(at, 1);
        resolve(false);
      });
    });
  }

  function release(connection: Connection): void {
    connection.sessions -= 1;
    if (connection.sessions === 0) {
      if (connection.dead) connection.link?.client.end();
      else {
        connection.idle = setTimeout(() => retire(connection), options.idleMs);
        connection.idle.unref();
      }
    }
    queues.get(connection.key)?.shift()?.();
  }

  function retire(connection: Connection): void {
    drop(connection);
    if (connection.sessions === 0) connection.link?.client.end();
  }

  function drop(connection: Connection): void {
    connection.dead = true;
    if (connection.idle !== null) clearTimeout(connection.idle);
    const all = byTarget.get(connection.key);
    all?.delete(connection);
    if (all?.size === 0) byTarget.delete(connection.key);
    queues.get(connection.key)?.shift()?.();
  }

  return {
    acquire,
    release,
    retire,
    presented,
    close() {
      closed = true;
      for (const all of byTarget.values()) {
        for (const connection of all) {
          drop(connection);
          connection.link?.client.end();
          connection.link?.socket.destroy();
        }
      }
      for (const queue of queues.values()) for (const go of queue.splice(0)) go();
    },
  };
}

function stopOf(how: AcquireOptions): AbortSignal {
  const timeout = AbortSignal.timeout(Math.ceil(how.timeoutMs));
  return how.signal ? AbortSignal.any([how.signal, timeout]) : timeout;
}

/** What the promise gives, or null as soon as the signal aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(null);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** One pool entry per account and way to it. Pins belong to it: a changed pin must not find the old connection. */
function keyOf(target: HostTarget): string {
  const { address, port, user, hostKeys, key, jump } = target;
  return JSON.stringify([address, port, user, hostKeys, key, jump === undefined ? null : keyOf(jump)]);
}
