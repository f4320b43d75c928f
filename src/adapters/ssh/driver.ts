import type { Refusal } from '../../kernel/errors.ts';
import type { Result } from '../../kernel/result.ts';
import type { HostTarget, ShellStream } from '../../shell/transport.ts';

/** What a way of speaking SSH has to be able to do; the pool and the transport above it are the same for all. */
export interface Driver<L> {
  /** Connects, checks the host's key, and authenticates. One attempt, to be given up after `timeoutMs`. */
  connect(target: HostTarget, options: ConnectOptions<L>): Promise<Result<L, ConnectFailure>>;
  /** Calls back when the link has ended; at once when it already has. */
  onEnd(link: L, listener: () => void): void;
  /** Opens a session that executes `command`. Until `begin` nothing of the caller's has reached the host. */
  open(link: L, command: string, timeoutMs: number): Promise<Result<Session, OpenFailure>>;
  /** Takes no more sessions and ends the link when the last one is over. */
  end(link: L): void;
  /** Ends the link with everything on it; resolves when nothing of it is left on this machine. */
  destroy(link: L): Promise<void>;
}

export interface ConnectOptions<L> {
  readonly timeoutMs: number;
  /** The bastion to go through, and our link to it. */
  readonly through?: { readonly link: L; readonly name: string };
}

/** Why a connection failed; `retry` when the host was only too busy to answer. */
export interface ConnectFailure {
  readonly refusal: Refusal;
  readonly retry: boolean;
  /** It was the link to the bastion that had died, perhaps long ago; nothing is known about the host behind it. */
  readonly bastionLost?: boolean;
}

/** Why no session could be opened. `full`: the host takes no more of them over this connection; nothing ran. */
export interface OpenFailure {
  readonly kind: 'full' | 'lost';
}

/** An open session whose shell waits for its text. */
export interface Session {
  /** Takes the session into use. `done` is called once, when it no longer counts. */
  begin(done: () => void): ShellStream;
  /** Sends text to the shell of a session in use; `end` is the last of it. Into a session that is over it goes nowhere. */
  send(stdin: string | Uint8Array, more: 'more' | 'end'): void;
}
