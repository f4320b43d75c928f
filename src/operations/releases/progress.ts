import { monotonicMs, sleep } from '../../kernel/clock.ts';

/** Says something to the one who asked, while they wait. */
export type Tell = (words: string) => void;

/** After how many milliseconds somebody who waits is told how far it is; seldom, because Slack lets few words follow a command. */
const MOMENTS: readonly number[] = [1_000, 15_000, 90_000];

/** Does the work; as long as it lasts, tells `words` at those moments. */
export async function telling<T>(
  tell: Tell,
  words: () => string,
  work: () => Promise<T>,
  moments: readonly number[] = MOMENTS,
): Promise<T> {
  const over = new AbortController();
  const began = monotonicMs();
  const saying = (async () => {
    for (const moment of moments) {
      await sleep(Math.max(0, moment - (monotonicMs() - began)), over.signal);
      if (over.signal.aborted) return;
      tell(words());
    }
  })();
  try {
    return await work();
  } finally {
    over.abort();
    await saying;
  }
}

/** How many bytes have passed. */
export interface Counter {
  bytes: number;
}

/** Passes bytes on and counts them. */
export async function* counting(bytes: AsyncIterable<Uint8Array>, counter: Counter): AsyncGenerator<Uint8Array> {
  for await (const chunk of bytes) {
    counter.bytes += chunk.length;
    yield chunk;
  }
}

/** `12 MB`, for people. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
