import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { monotonicMs, now, sleep } from '../../../src/kernel/clock.ts';
import { CodedError, ERROR_CODES, type ErrorCode, messageOf, refusal } from '../../../src/kernel/errors.ts';
import { jitter, newOperationId, newUuid, sha256 } from '../../../src/kernel/ids.ts';
import { assertNever, err, ok } from '../../../src/kernel/result.ts';
import { Secret } from '../../../src/kernel/secret.ts';

/** What careless code prints: the value in a template, without a conversion. */
function inTemplate(value: unknown): string {
  return `${value as string}`;
}

describe('a secret', () => {
  it('is shown nowhere but where it is revealed', () => {
    const secret = new Secret('hunter2');
    const shown = [
      String(secret),
      ['', secret].join(''),
      inTemplate(secret),
      JSON.stringify({ deep: [secret] }),
      inspect(secret, { showHidden: true, depth: 9 }),
      inspect({ deep: [secret] }, { showHidden: true, depth: 9 }),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(Object.getOwnPropertyNames(secret)),
      JSON.stringify(Object.assign({}, secret)),
    ];
    for (const text of shown) expect(text).not.toContain('hunter2');
    expect(shown.slice(0, 3)).toEqual(['[secret]', '[secret]', '[secret]']);
    expect(secret.reveal()).toBe('hunter2');
  });

  it('stays one whatever it holds', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 9 }), (text) => {
        const secret = new Secret(text);
        expect([inTemplate(secret), JSON.stringify(secret), inspect(secret)]).toEqual([
          '[secret]',
          '"[secret]"',
          '[secret]',
        ]);
        expect(secret.reveal()).toBe(text);
      }),
    );
  });
});

describe('the registry of errors', () => {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];

  it.each(codes)('%s says who acts, and what comes next', (code) => {
    expect(['requester', 'approver', 'admin', 'host', 'nobody']).toContain(ERROR_CODES[code].who);
    expect(ERROR_CODES[code].next).toMatch(/^[A-Z].{8,}\.$/);
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
  });

  it('gives refusals and errors their next step, unless a better one is known', () => {
    expect(refusal('site_busy', 'Busy.')).toEqual({
      code: 'site_busy',
      message: 'Busy.',
      next: ERROR_CODES.site_busy.next,
    });
    expect(refusal('site_busy', 'Busy.', 'Wait.').next).toBe('Wait.');
    const cause = new Error('below');
    const error = new CodedError('database_down', 'Gone.', { cause });
    expect([error.code, error.message, error.next, error.cause]).toEqual([
      'database_down',
      'Gone.',
      ERROR_CODES.database_down.next,
      cause,
    ]);
    expect(new CodedError('internal', 'x', { next: 'Look.' }).next).toBe('Look.');
    expect('cause' in new CodedError('internal', 'x')).toBe(false);
  });

  it('finds a message in whatever was thrown', () => {
    expect([messageOf(new Error('a')), messageOf('b'), messageOf(undefined)]).toEqual(['a', 'b', 'undefined']);
  });
});

describe('ids', () => {
  it('of operations are eight characters that can be read out, and do not repeat', () => {
    const ids = Array.from({ length: 5_000 }, newOperationId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{8}$/);
    expect(new Set(ids).size).toBe(ids.length);
    // Every letter occurs, about equally often: 40,000 letters, 1,250 each.
    const counts = new Map<string, number>();
    for (const letter of ids.join('')) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    expect(counts.size).toBe(32);
    for (const count of counts.values()) expect(Math.abs(count - 1_250)).toBeLessThan(300);
  });

  it('of envelopes are UUIDs', () => {
    expect(newUuid()).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it('jitter stays within its limit', () => {
    const seen = new Set(Array.from({ length: 500 }, () => jitter(3)));
    expect(seen).toEqual(new Set([0, 1, 2]));
  });

  it('SHA-256 is the one everybody knows', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256(new Uint8Array([97, 98, 99]))).toBe(sha256('abc'));
  });
});

describe('the clock', () => {
  it('moves', async () => {
    const [wall, steady] = [now().getTime(), monotonicMs()];
    await sleep(5);
    expect(now().getTime()).toBeGreaterThanOrEqual(wall);
    expect(monotonicMs() - steady).toBeGreaterThanOrEqual(4);
  });

  it('wakes at once when it is told to, without an error', async () => {
    const began = monotonicMs();
    const stop = new AbortController();
    const asleep = sleep(60_000, stop.signal);
    stop.abort();
    await asleep;
    await sleep(60_000, AbortSignal.abort());
    expect(monotonicMs() - began).toBeLessThan(10_000);
  });
});

describe('a result', () => {
  it('is a value or an error', () => {
    expect([ok(1), err('no')]).toEqual([
      { ok: true, value: 1 },
      { ok: false, error: 'no' },
    ]);
  });

  it('assertNever throws with what it was given', () => {
    expect(() => assertNever('surprise' as never)).toThrow('"surprise"');
  });
});
