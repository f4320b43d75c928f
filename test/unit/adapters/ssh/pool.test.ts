import { describe, expect, it } from 'vitest';
import type { ConnectFailure, Driver } from '../../../../src/adapters/ssh/driver.ts';
import { createPool } from '../../../../src/adapters/ssh/pool.ts';
import { ok, type Result } from '../../../../src/kernel/result.ts';
import { told } from '../../../support/answers.ts';
import { hostNowhere } from '../../../support/host-nowhere.ts';
import { until } from '../../../support/until.ts';

interface Link {
  readonly n: number;
}

const target = hostNowhere('db1');

/** A driver whose connections come when the test says so; `ended` are the links that the pool has given up. */
function slowDriver() {
  const waiting: PromiseWithResolvers<Result<Link, ConnectFailure>>[] = [];
  const ended: Link[] = [];
  const driver: Driver<Link> = {
    connect() {
      const answer = Promise.withResolvers<Result<Link, ConnectFailure>>();
      waiting.push(answer);
      return answer.promise;
    },
    onEnd: () => undefined,
    open: () => Promise.reject(new Error('no session is opened here')),
    end: (link) => void ended.push(link),
    destroy: async (link) => void ended.push(link),
  };
  return { driver, waiting, ended };
}

describe('a connection that comes when nobody waits for it any more', () => {
  it('is ended when the pool was closed meanwhile', async () => {
    const { driver, waiting, ended } = slowDriver();
    const pool = createPool(driver, { idleMs: 60_000 });
    expect(told(await pool.acquire(target, { timeoutMs: 20 }))).toMatch(/^host_unreachable: .*within the time allowed/);
    await pool.close();
    waiting[0]?.resolve(ok({ n: 1 }));
    await until('the link is ended', () => ended.length === 1);
  });

  it('is ended when it was idle for too long before it was there', async () => {
    const { driver, waiting, ended } = slowDriver();
    const pool = createPool(driver, { idleMs: 1 });
    expect(told(await pool.acquire(target, { timeoutMs: 20 }))).toMatch(/^host_unreachable/);
    // A new connection is made, so the pool has forgotten the first one.
    await until('the first one is given up', async () => {
      await pool.acquire(target, { timeoutMs: 5 });
      return waiting.length > 1;
    });
    waiting[0]?.resolve(ok({ n: 1 }));
    await until('the link is ended', () => ended.length === 1);
    await pool.close();
  });
});

it('a mistake while connecting does not stay with the host', async () => {
  const { driver, waiting } = slowDriver();
  const pool = createPool(driver, { idleMs: 60_000 });
  const first = pool.acquire(target, { timeoutMs: 1_000 });
  waiting[0]?.reject(new Error('a mistake of ours'));
  await expect(first).rejects.toThrow('a mistake of ours');
  const second = pool.acquire(target, { timeoutMs: 1_000 });
  waiting[1]?.resolve(ok({ n: 2 }));
  expect(told(await second)).toBe('ok');
  await pool.close();
});
