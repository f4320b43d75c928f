import { sleep } from '../../kernel/clock.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { jitter } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget, StandingShell } from '../../shell/transport.ts';
import type { ConnectFailure, Driver } from './driver.ts';
import { createHandshakes } from './handshakes.ts';
import { ofBastion, unreachable } from './refusals.ts';

/** sshd allows 10 sessions a connection and frees a slot only some time after we see its end. */
const SESSIONS_PER_CONNECTION = 5;
/** Ways through a bastion are not sessions; sshd does not count them. */
const FORWARDS_PER_CONNECTION = 200;
/** Beyond so many connections to one account, callers queue. */
const CONNECTIONS_PER_TARGET = 20;
const ATTEMPTS = 6;
const CONNECT_MS = 15_000;

/** One connection and how many sessions run over it. */
export interface Connection<L> {
  readonly key: string;
  readonly ready: Promise<Result<L, ConnectFailure>>;
  sessions: number;
  /** Shells that stand idle: the host counts them as sessions, but whoever needs one takes the place of one. */
  readonly idleShells: Set<Standing>;
  /** How many sessions it takes; learned when the host takes fewer. */
  limit: number;
  dead: boolean;
  link: L | null;
  idle: NodeJS.Timeout | null;
}

/** A shell that stays open between questions. */
export interface Standing {
  /** What was executed: not every account behind a connection is the same one. */
  readonly command: string;
  lend(fresh: boolean): StandingShell;
  close(): void;
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

export interface Pool<L> {
  /** A connection with room for one more session, which `release` gives back. */
  acquire(target: HostTarget, options: AcquireOptions): Promise<Result<Connection<L>, Refusal>>;
  release(connection: Connection<L>): void;
  /** An idle shell of that account, whose session then counts as if it had been acquired. */
  claim(target: HostTarget, command: string): Standing | null;
  /** Gives a session back with its shell left open. False: there is no place for it, and nothing was given back. */
  park(connection: Connection<L>, shell: Standing): boolean;
  /** Never hand this connection out again, and close it once nobody uses it. */
  retire(connection: Connection<L>): void;
  /** Ends every connection with what runs on it. */
  close(): Promise<void>;
}

/** Connections by account, shared by all who talk to it. */
export function createPool<L>(driver: Driver<L>, options: PoolOptions): Pool<L> {
  const byTarget = new Map<string, Set<Connection<L>>>();
  const handshake = createHandshakes();
  const queues = new Map<string, (() => void)[]>();
  let closed = false;

  async function acquire(target: HostTarget, how: AcquireOptions): Promise<Result<Connection<L>, Refusal>> {
    const key = keyOf(target) + (how.forwards === true ? ' forwards' : '');
    while (!closed) {
      if (how.signal?.aborted) return err(unreachable(target, 'given up'));
      const connection = withRoom(target, key, how);
      if (connection === null) {
        if (!(await turn(key, how))) return err(unreachable(target, 'all its sessions are in use'));
        continue;
      }
      take(connection);
      const link = connection.link ? await connection.ready : await unlessAborted(connection.ready, stopOf(how));
      if (link?.ok && !connection.dead) return ok(connection);
      release(connection);
      if (link === null) return err(unreachable(target, 'no connection within the time allowed'));
      if (!link.ok) return err(link.error.refusal);
    }
    return err(unreachable(target, 'Twokey is stopping'));
  }

  function take(connection: Connection<L>): void {
    connection.sessions += 1;
    if (connection.idle !== null) clearTimeout(connection.idle);
    connection.idle = null;
  }

  function withRoom(target: HostTarget, key: string, how: AcquireOptions): Connection<L> | null {
    const all = byTarget.get(key) ?? new Set<Connection<L>>();
    byTarget.set(key, all);
    const free = [...all].filter(({ dead, sessions, limit }) => !dead && sessions < limit);
    const roomy = free.find(({ sessions, idleShells, limit }) => sessions + idleShells.size < limit);
    if (roomy) return roomy;
    const [connection] = free;
    if (connection) {
      for (const shell of [...connection.idleShells].slice(0, 1)) close(connection, shell);
      return connection;
    }
    if (all.size >= CONNECTIONS_PER_TARGET && how.urgent !== true) return null;
    return open(target, key, all, how);
  }

  function open(target: HostTarget, key: string, all: Set<Connection<L>>, how: AcquireOptions): Connection<L> {
    const connection: Connection<L> = {
      key,
      ready: connectRetrying(target, Math.min(how.timeoutMs, CONNECT_MS)).then(
        (result) => {
          if (!result.ok) drop(connection);
          else attach(connection, result.value);
          return result;
        },
        (error: unknown) => {
          drop(connection);
          throw error;
        },
      ),
      sessions: 0,
      idleShells: new Set(),
      limit: how.forwards === true ? FORWARDS_PER_CONNECTION : SESSIONS_PER_CONNECTION,
      dead: false,
      link: null,
      idle: null,
    };
    all.add(connection);
    return connection;
  }

  function attach(connection: Connection<L>, link: L): void {
    connection.link = link;
    driver.onEnd(link, () => drop(connection));
    // Whoever waited for it may have given up meanwhile, so that nobody else would end it.
    if (closed || connection.dead) retire(connection);
  }

  /** Several connections wait for one host at once, none of them for the patience of a single caller. */
  async function connectRetrying(target: HostTarget, timeoutMs: number): Promise<Result<L, ConnectFailure>> {
    for (let attempt = 1; ; attempt += 1) {
      const result = await handshake(`${target.address}:${target.port}`, () => connectOnce(target, timeoutMs));
      if (result.ok || !result.error.retry || attempt === ATTEMPTS || closed) return result;
      await sleep(50 * attempt + jitter(200 * attempt));
    }
  }

  /** The bastion's own failures name it, so that nobody looks for them at the host behind it. */
  async function connectOnce(target: HostTarget, timeoutMs: number): Promise<Result<L, ConnectFailure>> {
    const { jump } = target;
    if (jump === undefined) return driver.connect(target, { timeoutMs });
    for (let attempt = 1; ; attempt += 1) {
      const got = await acquire(jump, { timeoutMs, forwards: true });
      if (!got.ok) return err({ refusal: ofBastion(jump, target, got.error), retry: false });
      const bastion = got.value;
      if (bastion.link === null) throw new Error('a connection without a link');
      const link = await driver.connect(target, { timeoutMs, through: { link: bastion.link, name: jump.name } });
      if (link.ok) {
        driver.onEnd(link.value, () => release(bastion));
        return link;
      }
      if (link.error.bastionLost) retire(bastion);
      release(bastion);
      if (!link.error.bastionLost || attempt === ATTEMPTS) return link;
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

  function release(connection: Connection<L>): void {
    connection.sessions -= 1;
    if (connection.sessions === 0) {
      if (connection.dead) endLink(connection);
      else {
        connection.idle = setTimeout(() => retire(connection), options.idleMs);
        connection.idle.unref();
      }
    }
    queues.get(connection.key)?.shift()?.();
  }

  function claim(target: HostTarget, command: string): Standing | null {
    for (const connection of byTarget.get(keyOf(target)) ?? []) {
      for (const shell of connection.idleShells) {
        if (shell.command !== command) continue;
        connection.idleShells.delete(shell);
        take(connection);
        return shell;
      }
    }
    return null;
  }

  function park(connection: Connection<L>, shell: Standing): boolean {
    const doubled = [...connection.idleShells].some(({ command }) => command === shell.command);
    if (connection.dead || doubled) return false;
    connection.idleShells.add(shell);
    release(connection);
    return true;
  }

  function close(connection: Connection<L>, shell: Standing): void {
    connection.idleShells.delete(shell);
    shell.close();
  }

  function retire(connection: Connection<L>): void {
    drop(connection);
    if (connection.sessions === 0) endLink(connection);
  }

  function endLink({ link }: Connection<L>): void {
    if (link !== null) driver.end(link);
  }

  function drop(connection: Connection<L>): void {
    connection.dead = true;
    if (connection.idle !== null) clearTimeout(connection.idle);
    for (const shell of connection.idleShells) close(connection, shell);
    const all = byTarget.get(connection.key);
    all?.delete(connection);
    if (all?.size === 0) byTarget.delete(connection.key);
    queues.get(connection.key)?.shift()?.();
  }

  return {
    acquire,
    release,
    claim,
    park,
    retire,
    async close() {
      closed = true;
      const ending: Promise<void>[] = [];
      for (const all of byTarget.values()) {
        for (const connection of all) {
          drop(connection);
          if (connection.link !== null) ending.push(driver.destroy(connection.link));
        }
      }
      for (const queue of queues.values()) for (const go of queue.splice(0)) go();
      await Promise.all(ending);
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
  const { address, port, user, hostKeys, hostAuthorities, key, certificate, jump } = target;
  const way = [address, port, user, hostKeys, hostAuthorities ?? [], key, certificate ?? ''];
  return JSON.stringify([...way, jump === undefined ? null : keyOf(jump)]);
}
