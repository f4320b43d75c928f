import { afterEach, describe, expect, it, vi } from 'vitest';
import { Bucket } from '../../../../src/adapters/slack/bucket.ts';

/** A steady clock that goes only when it is told to, in milliseconds. */
function stoppedClock() {
  let at = 1_000;
  vi.spyOn(performance, 'now').mockImplementation(() => at);
  return { pass: (ms: number) => (at += ms) };
}

function taken(bucket: Bucket): number {
  let count = 0;
  while (count < 100 && bucket.tryTake()) count += 1;
  return count;
}

afterEach(() => vi.restoreAllMocks());

describe('a bucket', () => {
  it('gives its burst at once and then its rate', () => {
    const clock = stoppedClock();
    const bucket = new Bucket(2, 3);
    expect(taken(bucket)).toBe(3);
    clock.pass(499);
    expect(taken(bucket)).toBe(0);
    clock.pass(1);
    expect(taken(bucket)).toBe(1);
    clock.pass(1_000);
    expect(taken(bucket)).toBe(2);
  });

  it('leaves what is kept for others, who take it', () => {
    stoppedClock();
    const bucket = new Bucket(2, 3);
    expect([bucket.tryTake(2), bucket.tryTake(2)]).toEqual([true, false]);
    expect(taken(bucket)).toBe(2);
  });

  it('never holds more than its burst', () => {
    const clock = stoppedClock();
    const bucket = new Bucket(2, 3);
    clock.pass(3_600_000);
    expect(taken(bucket)).toBe(3);
  });

  it('keeps to its rate over a long time, however often it is asked', () => {
    const clock = stoppedClock();
    const bucket = new Bucket(0.75, 15);
    let count = 0;
    for (let ms = 0; ms < 600_000; ms += 37) {
      clock.pass(37);
      if (bucket.tryTake()) count += 1;
    }
    expect(count).toBeGreaterThanOrEqual(15 + 449);
    expect(count).toBeLessThanOrEqual(15 + 451);
  });

  it('gives nothing while it is paused, and no burst afterwards', () => {
    const clock = stoppedClock();
    const bucket = new Bucket(2, 3);
    bucket.pause(30);
    clock.pass(30_000);
    expect(taken(bucket)).toBe(0);
    clock.pass(500);
    expect(taken(bucket)).toBe(1);
  });

  it('lets somebody wait for the next one', async () => {
    const bucket = new Bucket(100, 1);
    const signal = new AbortController().signal;
    const began = performance.now();
    for (let n = 0; n < 4; n += 1) expect(await bucket.take(signal)).toBe(true);
    expect(performance.now() - began).toBeGreaterThanOrEqual(28);
  });

  it('lets go of whoever gives up waiting', async () => {
    const bucket = new Bucket(0.001, 1);
    bucket.tryTake();
    const stop = new AbortController();
    const waiting = bucket.take(stop.signal);
    stop.abort();
    expect(await waiting).toBe(false);
    expect(await bucket.take(AbortSignal.abort())).toBe(false);
  });
});
