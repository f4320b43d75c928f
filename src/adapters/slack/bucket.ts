import { monotonicMs, sleep } from '../../kernel/clock.ts';

/** A token bucket: at most `burst` at once, then `perSecond`. Slack's limits are per channel and per method. */
export class Bucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #at = monotonicMs();

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes a token if there is one, and `kept` more that are left for others. */
  tryTake(kept = 0): boolean {
    const at = monotonicMs();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((at - this.#at) / 1000) * this.#perSecond);
    this.#at = at;
    if (this.#tokens < 1 + kept) return false;
    this.#tokens -= 1;
    return true;
  }

  /** Waits for a token; false when the signal aborted first. */
  async take(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (this.tryTake()) return true;
      await sleep(Math.max(5, ((1 - this.#tokens) / this.#perSecond) * 1000), signal);
    }
    return false;
  }

  /** Empties the bucket so that nothing leaves it for `seconds`: what a 429 asks for. */
  pause(seconds: number): void {
    this.#tokens = -seconds * this.#perSecond;
    this.#at = monotonicMs();
  }
}
