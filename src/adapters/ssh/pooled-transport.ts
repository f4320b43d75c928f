import { monotonicMs, sleep } from '../../kernel/clock.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { jitter } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ExecOptions, HostTarget, ShellStream, StandingShell, Transport } from '../../shell/transport.ts';
import type { Driver, OpenFailure, Session } from './driver.ts';
import { type Connection, createPool } from './pool.ts';
import { unreachable } from './refusals.ts';
import { standIn } from './standing.ts';

export interface PooledOptions {
  /** A connection that nobody used for so long is closed. Default 5 minutes. */
  readonly idleMs?: number;
}

export const DEFAULT_IDLE_MS = 5 * 60_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** A connection that may have died unnoticed gets so long to answer; then a new one is made. */
export const STALE_AFTER_MS = 8_000;
/** After a restart of the host each connection of the pool has to be found dead; then one has to be made. */
const MOST_LOSSES = 25;
const USER = /^[a-z_][a-z0-9_.-]{0,31}$/;

/** A transport over a way of speaking SSH, with one pool of connections for the whole process. */
export function createPooledTransport<L>(driver: Driver<L>, options: PooledOptions): Transport {
  const pool = createPool(driver, { idleMs: options.idleMs ?? DEFAULT_IDLE_MS });

  /** A new session that nothing has been sent to. */
  async function openSession(
    target: HostTarget,
    command: string,
    how: ExecOptions,
  ): Promise<Result<{ connection: Connection<L>; session: Session }, Refusal>> {
    const deadline = monotonicMs() + (how.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    // Until stdin is written nothing can have happened there, so that trying again is always safe.
    for (let attempt = 1; ; attempt += 1) {
      const left = deadline - monotonicMs();
      if (how.signal?.aborted) return err(unreachable(target, 'given up'));
      if (left <= 0) return err(unreachable(target, 'no session within the time allowed'));
      const got = await pool.acquire(target, { ...how, timeoutMs: left });
      if (!got.ok) return got;
      const connection = got.value;
      if (connection.link === null) throw new Error('a connection without a link');
      const opened = await driver.open(connection.link, command, Math.min(left, STALE_AFTER_MS));
      if (opened.ok) return ok({ connection, session: opened.value });
      giveBack(connection, opened.error);
      if (opened.error.kind === 'full') await sleep(Math.min(400, 25 * attempt) + jitter(50), how.signal);
      else if (attempt < MOST_LOSSES) await sleep(10 * attempt);
      else return err(unreachable(target, 'the link was lost'));
    }
  }

  /** A host that takes fewer sessions than we tried is believed for as long as this connection lives. */
  function giveBack(connection: Connection<L>, failure: OpenFailure): void {
    const { sessions, idleShells, limit } = connection;
    if (failure.kind === 'full') connection.limit = Math.max(1, Math.min(limit, sessions + idleShells.size - 1));
    else pool.retire(connection);
    pool.release(connection);
  }

  async function exec(
    target: HostTarget,
    stdin: string | Uint8Array,
    how: ExecOptions = {},
  ): Promise<Result<ShellStream, Refusal>> {
    const command = commandFor(target);
    if (!command.ok) return command;
    const opened = await openSession(target, command.value, how);
    if (!opened.ok) return opened;
    const { connection, session } = opened.value;
    const { signal } = how;
    const stream = session.begin(() => {
      signal?.removeEventListener('abort', stream.close);
      pool.release(connection);
    });
    session.send(signal?.aborted ? '' : stdin, 'end');
    if (signal?.aborted) stream.close();
    else signal?.addEventListener('abort', stream.close, { once: true });
    return ok(stream);
  }

  async function borrow(
    target: HostTarget,
    opening: string,
    how: ExecOptions = {},
  ): Promise<Result<StandingShell, Refusal>> {
    const command = commandFor(target);
    if (!command.ok) return command;
    const inTime = !how.signal?.aborted && (how.timeoutMs ?? DEFAULT_TIMEOUT_MS) > 0;
    const idle = inTime ? pool.claim(target, command.value) : null;
    if (idle !== null) return ok(idle.lend(false));
    const opened = await openSession(target, command.value, how);
    if (!opened.ok) return opened;
    const { connection, session } = opened.value;
    return ok(standIn(session, { pool, connection, command: command.value, opening }).lend(true));
  }

  return {
    exec,
    borrow,
    close: () => pool.close(),
  };
}

/**
 * The only two things that are ever executed on a host. They read the same in every login shell, which a longer text
 * would not.
 */
function commandFor(target: HostTarget): Result<string, Refusal> {
  if (target.sudo === undefined) return ok('exec /bin/sh -s');
  if (!USER.test(target.sudo)) {
    return err(refusal('bad_configuration', `not a user name for sudo on ${target.name}: ${target.sudo}`));
  }
  return ok(`exec sudo -n -u ${target.sudo} /bin/sh -s`);
}
