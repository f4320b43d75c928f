import { setTimeout as delay } from 'node:timers/promises';

/** Wall-clock time of this process. For decisions use the database's time; this one is for display and for pacing. */
export function now(): Date {
  return new Date();
}

/** Milliseconds of a clock that never jumps; only differences mean anything. */
export function monotonicMs(): number {
  return performance.now();
}

/**
 * Waits `ms` milliseconds or until `signal` aborts, whichever is first; never rejects.
 */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, signal ? { signal } : {});
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}
