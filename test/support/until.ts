import { monotonicMs, sleep } from '../../src/kernel/clock.ts';

/** Looks every 15 ms until `look` gives something other than null, false and undefined. Throws after `withinMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | null | false | undefined> | T | null | false | undefined,
  withinMs = 10_000,
): Promise<T> {
  const deadline = monotonicMs() + withinMs;
  for (;;) {
    const found = await look();
    if (found !== null && found !== false && found !== undefined) return found;
    if (monotonicMs() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await sleep(15);
  }
}
