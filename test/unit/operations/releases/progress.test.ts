import { expect, it } from 'vitest';
import { type Counter, counting, megabytes, telling } from '../../../../src/operations/releases/progress.ts';

async function* pieces() {
  for (let n = 1; n <= 3; n += 1) {
    await Promise.resolve();
    yield new Uint8Array(n * 1_000_000);
  }
}

it('who waits is told how far it is, as often as was said and no more; who does not wait is told nothing', async () => {
  const heard: string[] = [];
  const counter: Counter = { bytes: 0 };
  const words = () => megabytes(counter.bytes);
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  const tell = (said: string) => {
    heard.push(said);
    if (heard.length === 2) go();
  };
  const work = async () => {
    const sizes: number[] = [];
    for await (const chunk of counting(pieces(), counter)) sizes.push(chunk.length);
    await held;
    return sizes;
  };
  expect(await telling(tell, words, work, [1, 2])).toEqual([1_000_000, 2_000_000, 3_000_000]);
  expect(heard).toEqual(['6.0 MB', '6.0 MB']);
  expect(await telling(tell, words, () => Promise.resolve('quick'), [60_000])).toBe('quick');
  await expect(telling(tell, words, () => Promise.reject(new Error('broken')), [60_000])).rejects.toThrow('broken');
  expect(heard).toHaveLength(2);
});
