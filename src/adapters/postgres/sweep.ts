import { sleep } from '../../kernel/clock.ts';

/** How often deadlines are looked at, in milliseconds. */
const SWEEP_MS = 1_000;

/** Goes round until the signal aborts; one sweeper that fails keeps no other from its round. */
export async function sweep(
  sweepers: readonly { round(): Promise<void> }[],
  signal: AbortSignal,
  onProblem: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    for (const sweeper of sweepers) await sweeper.round().catch(onProblem);
    await sleep(SWEEP_MS, signal);
  }
}
