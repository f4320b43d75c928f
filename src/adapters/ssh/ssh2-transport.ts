import type { ClientChannel } from 'ssh2';

import { monotonicMs, sleep } from '../../kernel/clock.ts';
import { messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import { jitter } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { ExecOptions, HostTarget, ShellStream, Transport } from '../../shell/transport.ts';
import { unreachable } from './connect.ts';
import { publicKeyLine } from './hostkey.ts';
import { type Connection, createPool } from './pool.ts';
import { shellStream } from './stream.ts';

export interface Ssh2Options {
  /** A connection that nobody used for so long is closed. Default 5 minutes. */
  readonly idleMs?: number;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** A connection that may have died unnoticed gets so long to answer; then a new one is made. */
const STALE_AFTER_MS = 8_000;
/** After a restart of the host each connection of the pool has to be found dead; then one has to be made. */
const MOST_LOSSES = 25;
const USER = /^[a-z_][a-z0-9_.-]{0,31}$/;

/** Why no session could be opened. `full`: the host takes no more of them over this connection; nothing ran. */
type OpenFailure = { readonly kind: 'full' } | { readonly kind: 'lost' };

/** A transport over the ssh2 library, with one pool of connections for the whole process. */
export function createSsh2Transport(options: Ssh2Options = {}): Transport {
  const pool = createPool({ idleMs: options.idleMs ?? 5 * 60_000 });

  async function exec(
    target: HostTarget,
    stdin: string | Uint8Array,
    how: ExecOptions = {},
  ): Promise<Result<ShellStream, Refusal>> {
    const command = commandFor(target);
    if (!command.ok) return command;
    const deadline = monotonicMs() + (how.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    // Until stdin is written nothing can have happened there, so that trying again is always safe.
    for (let attempt = 1; ; attempt += 1) {
      const left = deadline - monotonicMs();
      if (how.signal?.aborted) return err(unreachable(target, 'given up'));
      if (left <= 0) return err(unreachable(target, 'no session within the time allowed'));
      const got = await pool.acquire(target, { ...how, timeoutMs: left });
      if (!got.ok) return got;
      const opened = await open(got.value, command.value, Math.min(left, STALE_AFTER_MS));
      if (opened.ok) return ok(begin(got.value, opened.value, stdin, how.signal));
      giveBack(got.value, opened.error);
      if (opened.error.kind === 'full') await sleep(Math.min(400, 25 * attempt) + jitter(50), how.signal);
      else if (attempt < MOST_LOSSES) await sleep(10 * attempt);
      else return err(unreachable(target, 'the link was lost'));
    }
  }

  /** A host that takes fewer sessions than we tried is believed for as long as this connection lives. */
  function giveBack(connection: Connection, failure: OpenFailure): void {
    if (failure.kind === 'full') connection.limit = Math.max(1, Math.min(connection.limit, connection.sessions - 1));
    else pool.retire(connection);
    pool.release(connection);
  }

  function begin(
    connection: Connection,
    channel: ClientChannel,
    stdin: string | Uint8Array,
    signal: AbortSignal | undefined,
  ): ShellStream {
    if (connection.link === null) throw new Error('a channel without a link');
    const stream = shellStream(connection.link, channel, () => {
      signal?.removeEventListener('abort', stream.close);
      pool.release(connection);
    });
    if (signal?.aborted) stream.close();
    else {
      signal?.addEventListener('abort', stream.close, { once: true });
      channel.end(stdin);
    }
    return stream;
  }

  return {
    exec,
    async close() {
      pool.close();
    },
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

function open(connection: Connection, command: string, timeoutMs: number): Promise<Result<ClientChannel, OpenFailure>> {
  return new Promise((resolve) => {
    let given = false;
    const settle = (result: Result<ClientChannel, OpenFailure>): void => {
      clearTimeout(timer);
      given = true;
      resolve(result);
    };
    const timer = setTimeout(() => settle(err({ kind: 'lost' })), timeoutMs);
    try {
      connection.link?.client.exec(command, (error, channel) => {
        if (error) settle(err({ kind: isFull(error) ? 'full' : 'lost' }));
        else if (given) channel.close();
        else settle(ok(channel));
      });
    } catch {
      settle(err({ kind: 'lost' })); // ssh2 throws at once when the connection has gone
    }
  });
}

function isFull(error: Error): boolean {
  return messageOf(error).includes('Channel open failure') && 'reason' in error && error.reason !== '';
}

/** The public key line that a host presents now, pinned or not, for a person to compare before it is pinned. Ways through bastions are taken. */
export async function readHostKey(target: HostTarget, timeoutMs = 10_000): Promise<Result<string, Refusal>> {
  const pool = createPool({ idleMs: 1 });
  try {
    const presented = await pool.presented(target, timeoutMs);
    return presented.ok ? ok(publicKeyLine(presented.value)) : presented;
  } finally {
    pool.close();
  }
}
