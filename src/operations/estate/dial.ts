import type { HostKey } from '../../estate/host-key.ts';
import type { Host, HostDocument } from '../../estate/types.ts';
import type { Refusal } from '../../kernel/errors.ts';
import type { Result } from '../../kernel/result.ts';

/** What one fresh look at a host found. */
export interface HostCheck {
  /** From the call to the answer, in milliseconds. */
  readonly tookMs: number;
  /** `unknown`: none is pinned, or the host was never reached. */
  readonly key: 'ok' | 'changed' | 'unknown';
  /** The account it answered with; null when it let nobody in. */
  readonly login: string | null;
  /** Who it is after `sudo`; null when the host has no `sudo` in the estate, a refusal when sudo does not let us. */
  readonly sudo: Result<string, Refusal> | null;
  /** The host's clock, in seconds since 1970; null when it was not reached. */
  readonly clock: number | null;
  /** Why there is no connection; null when there is one. */
  readonly problem: Refusal | null;
}

/** Dials hosts anew, past every open connection. Each call ends within seconds, whatever the host does. */
export interface DialPort {
  /** The key that a host presents now. Nobody logs in: what is presented is not trusted yet. */
  presentedKey(host: HostDocument): Promise<Result<HostKey, Refusal>>;
  check(host: Host): Promise<HostCheck>;
}
