import type { Refusal } from '../kernel/errors.ts';
import type { Result } from '../kernel/result.ts';
import type { Secret } from '../kernel/secret.ts';

/** How to reach one account on one host. */
export interface HostTarget {
  /** The host's name in the estate; every message names it. */
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** The pinned keys as OpenSSH public key lines, `ssh-ed25519 AAAA...`. None pinned = refused. */
  readonly hostKeys: readonly string[];
  /** Our own key: a private key file, or the socket of an ssh-agent; null = there is to be one, and there is none. */
  readonly key: { readonly file: string } | { readonly agent: string | null };
  /** Opens the key file; read again for every connection and kept nowhere. */
  readonly passphrase?: () => Promise<Result<Secret, Refusal>>;
  /** Our certificate for that key, a file. The ssh2 library has no certificates. */
  readonly certificate?: string;
  /** Authorities that may vouch for the host's key, as public key lines; the address has to stand in its certificate. */
  readonly hostAuthorities?: readonly string[];
  /** Who speaks SSH for us; the default is `ssh2`. A bastion that needs the system's client brings the whole way to it. */
  readonly transport?: 'ssh2' | 'openssh';
  /** Run everything as this user, with `sudo -n`. */
  readonly sudo?: string;
  /** Absolute directory on the host that holds the jobs. */
  readonly base: string;
  /** The bastion to go through; its key is pinned as well. */
  readonly jump?: HostTarget;
}

/** A running shell on a host. Read `stdout` to its end or call `close`: what nobody reads holds the other side up. */
export interface ShellStream {
  readonly stdout: AsyncIterable<Uint8Array>;
  /** The exit code; null = the link was lost or the shell was killed: nobody knows how it ended. Never rejects. */
  readonly closed: Promise<{ readonly code: number | null }>;
  /** The last bytes of stderr, for messages. */
  diagnostics(): string;
  readonly close: () => void;
}

/** A shell that stays open between questions. Whoever has borrowed it is the only one to speak to it. */
export interface StandingShell extends Omit<ShellStream, 'stdout'> {
  /** It was opened just now; one that is not may have died without anybody having noticed. */
  readonly fresh: boolean;
  readonly write: (text: string) => void;
  /** The next bytes that it prints; null when it has ended or was closed. */
  readonly read: () => Promise<Uint8Array | null>;
  /** Gives it back. Everything that was asked of it has to be answered, and the answer read; else `close` it. */
  readonly keep: () => void;
  /** Closes it and sees to it that nobody is given its link again. */
  readonly giveUpLink: () => void;
}

export interface ExecOptions {
  /** Abandons the attempt, and closes the stream once it is open. */
  readonly signal?: AbortSignal;
  /** The longest time to get the session open, connecting included. Default 30,000. */
  readonly timeoutMs?: number;
  /** For stopping things: does not queue behind followers when all sessions are taken. */
  readonly urgent?: boolean;
}

/** Runs `/bin/sh -s` on hosts. Everything that is to happen there stands in what is sent to its stdin. */
export interface Transport {
  exec(target: HostTarget, stdin: string | Uint8Array, options?: ExecOptions): Promise<Result<ShellStream, Refusal>>;
  /**
   * A shell of this account that got `opening` once, in the beginning: an idle one, else one in a new session. An idle one
   * gives way as soon as anybody else needs its session, and ends with its connection.
   */
  borrow(target: HostTarget, opening: string, options?: ExecOptions): Promise<Result<StandingShell, Refusal>>;
  close(): Promise<void>;
}
