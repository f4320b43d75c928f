import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import type { Driver } from '../../../../src/adapters/ssh/driver.ts';
import { createPooledTransport } from '../../../../src/adapters/ssh/pooled-transport.ts';
import { shellStream } from '../../../../src/adapters/ssh/stream.ts';
import { ok } from '../../../../src/kernel/result.ts';
import { unwrap } from '../../../support/answers.ts';
import { hostNowhere } from '../../../support/host-nowhere.ts';
import { until } from '../../../support/until.ts';

const target = hostNowhere();

/** Counts what is open; no host could be asked that as exactly. */
function counting() {
  const seen = { links: 0, sessions: 0, most: 0 };
  const driver: Driver<object> = {
    async connect() {
      seen.links += 1;
      return ok({});
    },
    onEnd: () => undefined,
    async open() {
      seen.sessions += 1;
      seen.most = Math.max(seen.most, seen.sessions);
      const [stdout, stderr] = [new PassThrough(), new PassThrough()];
      return ok({
        begin(done) {
          let ended = (_code: number | null): void => undefined;
          const close = (): void => {
            seen.sessions -= 1;
            ended(null);
          };
          return shellStream({ stdout, stderr, onEnd: (listener) => (ended = listener), close }, done);
        },
        send: () => undefined,
      });
    },
    end: () => undefined,
    destroy: async () => undefined,
  };
  return { seen, transport: createPooledTransport(driver, {}) };
}

it('an idle shell takes no session from anybody: the fifth follower gets its place, on the same connection', async () => {
  const { seen, transport } = counting();
  unwrap(await transport.borrow(target, '')).keep();
  for (let n = 1; n <= 4; n += 1) unwrap(await transport.exec(target, ''));
  expect(seen).toMatchObject({ links: 1, sessions: 5 });

  unwrap(await transport.exec(target, ''));
  expect(seen).toMatchObject({ links: 1, sessions: 5, most: 5 });
  unwrap(await transport.exec(target, ''));
  expect(seen).toMatchObject({ links: 2, sessions: 6 });
});

it('a shell is lent to one at a time, and one of an account stays on each connection', async () => {
  const { seen, transport } = counting();
  const [first, second] = [unwrap(await transport.borrow(target, '')), unwrap(await transport.borrow(target, ''))];
  expect([first.fresh, second.fresh]).toEqual([true, true]);
  first.keep();
  second.keep();
  await until('the second has gone', () => seen.sessions === 1);

  const sudo = unwrap(await transport.borrow({ ...target, sudo: 'app' }, ''));
  const again = unwrap(await transport.borrow(target, ''));
  expect([sudo.fresh, again.fresh]).toEqual([true, false]);
  sudo.keep();
  again.keep();
  expect(seen).toMatchObject({ links: 1, sessions: 2 });
});

it('a link that was given up is lent to nobody', async () => {
  const { seen, transport } = counting();
  unwrap(await transport.borrow(target, '')).giveUpLink();
  expect(unwrap(await transport.borrow(target, '')).fresh).toBe(true);
  expect(seen.links).toBe(2);
});
