import { monotonicMs } from '../kernel/clock.ts';

/** What Slack allows, with Slack's numbers as defaults. Tests shorten or lift them. */
export interface WorkspaceLimits {
  /** chat.postMessage in one channel; default 1 a second after a burst of 3. */
  readonly messagesPerSecondPerChannel?: number;
  readonly messageBurst?: number;
  /** chat.postMessage in the whole workspace; default 300 a minute. */
  readonly messagesPerMinute?: number;
  /** Calls a minute of one method of the tier; half of it may come at once. Defaults 20, 50, 100. */
  readonly tier2PerMinute?: number;
  readonly tier3PerMinute?: number;
  readonly tier4PerMinute?: number;
  /** How long an app may take to acknowledge a payload; default 3,000 ms. */
  readonly ackMs?: number;
  /** How long a trigger_id lives; default 3,000 ms. */
  readonly triggerMs?: number;
  /** How long a response_url lives; default 30 minutes. */
  readonly responseUrlMs?: number;
  /** Pauses before an event that was not acknowledged is sent again; default at once, 1 min, 5 min. */
  readonly eventRetryMs?: readonly number[];
}

export const DEFAULT_LIMITS: Required<WorkspaceLimits> = {
  messagesPerSecondPerChannel: 1,
  messageBurst: 3,
  messagesPerMinute: 300,
  tier2PerMinute: 20,
  tier3PerMinute: 50,
  tier4PerMinute: 100,
  ackMs: 3000,
  triggerMs: 3000,
  responseUrlMs: 30 * 60_000,
  eventRetryMs: [0, 60_000, 300_000],
};

/** No rate limits; the deadlines stay Slack's. */
export const NO_RATE_LIMITS = {
  messagesPerSecondPerChannel: Number.POSITIVE_INFINITY,
  messagesPerMinute: Number.POSITIVE_INFINITY,
  tier2PerMinute: Number.POSITIVE_INFINITY,
  tier3PerMinute: Number.POSITIVE_INFINITY,
  tier4PerMinute: Number.POSITIVE_INFINITY,
} as const satisfies WorkspaceLimits;

export type Tier = 'tier2' | 'tier3' | 'tier4' | 'message' | 'none';

/** Token buckets: one per key, refilled at a steady rate. */
export class RateLimits {
  readonly #buckets = new Map<string, { tokens: number; at: number }>();
  readonly #limits: Required<WorkspaceLimits>;

  constructor(limits: Required<WorkspaceLimits>) {
    this.#limits = limits;
  }

  /** Takes one token; the seconds to wait (whole, at least 1) when there is none, 0 when the call may go on. */
  take(method: string, tier: Tier, channel: string): { readonly key: string; readonly retryAfterSec: number } {
    const limits = this.#limits;
    if (tier === 'none') return { key: method, retryAfterSec: 0 };
    if (tier === 'message') {
      const key = `${method} ${channel}`;
      const wait = this.#draw(key, limits.messagesPerSecondPerChannel, limits.messageBurst);
      if (wait > 0) return { key, retryAfterSec: wait };
      return {
        key: method,
        retryAfterSec: this.#draw(method, limits.messagesPerMinute / 60, limits.messagesPerMinute / 3),
      };
    }
    const perMinute = limits[`${tier}PerMinute`];
    return { key: method, retryAfterSec: this.#draw(method, perMinute / 60, Math.max(1, perMinute / 2)) };
  }

  #draw(key: string, perSecond: number, capacity: number): number {
    if (!Number.isFinite(perSecond)) return 0;
    const at = monotonicMs();
    const bucket = this.#buckets.get(key) ?? { tokens: capacity, at };
    bucket.tokens = Math.min(capacity, bucket.tokens + ((at - bucket.at) / 1000) * perSecond);
    bucket.at = at;
    this.#buckets.set(key, bucket);
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 0;
    }
    return Math.max(1, Math.ceil((1 - bucket.tokens) / perSecond));
  }
}
