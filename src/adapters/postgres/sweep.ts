import { sleep } from '../../kernel/clock.ts';

/** How often deadlines are looked at, in milliseconds. */
export const DEADLINES_MS = 1_000;
/** How often folders on hosts are tidied, in milliseconds. */
export const LEFTOVERS_MS = 600_000;

/** Goes round, with so many milliseconds between two rounds, until the signal aborts; one sweeper that fails keeps no other from its round. */
export async function sweep(
  sweepers: readonly { round(): Promise<void> }[],
  everyMs: number,
  signal: AbortSignal,
  onProblem: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    for (const sweeper of sweepers) await sweeper.round().catch(onProblem);
    await sleep(everyMs, signal);
  }
}
