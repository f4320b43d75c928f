import type { PayloadKind } from './journal.ts';

/** One payload for the app. `type` says more than the kind: "/ops", "block_actions", "app_home_opened". */
export interface Outgoing {
  readonly kind: PayloadKind;
  readonly type: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** How a delivery went: acknowledged in time (with the body of the acknowledgement), or not. */
export type Delivered =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly reason: 'no_connection' | 'timeout' | 'http_error' };

/** The way from the workspace to the app: Socket Mode, or signed requests to a URL. */
export interface AppLink {
  connected(): Promise<boolean>;
  /** Calls `listener` whenever the answer of `connected` changes. */
  onConnected(listener: (connected: boolean) => void): void;
  deliver(outgoing: Outgoing): Promise<Delivered>;
  close(): void;
}

/** Sends an event at most `1 + pauses.length` times until it is acknowledged, as Slack does. */
export async function withRetries(
  pausesMs: readonly number[],
  attempt: (number: number) => Promise<Delivered>,
  pause: (ms: number) => Promise<boolean>,
): Promise<Delivered> {
  let delivered = await attempt(0);
  for (const [index, ms] of pausesMs.entries()) {
    if (delivered.ok || !(await pause(ms))) return delivered;
    delivered = await attempt(index + 1);
  }
  return delivered;
}
