import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAsking } from '../../../../src/adapters/ssh/question-shell.ts';
import { ok } from '../../../../src/kernel/result.ts';
import type { StandingShell, Transport } from '../../../../src/shell/transport.ts';
import { told, unwrap } from '../../../support/answers.ts';
import { hostNowhere } from '../../../support/host-nowhere.ts';

/** What no real host does at will: a link that has died without a word, a host that prints more than it was told to. */

const target = hostNowhere();

/** A shell that answers each line written to it with `answer(word)`. */
function shell(fresh: boolean, answer: (word: string) => readonly string[]) {
  const queue: Uint8Array[] = [];
  const did: string[] = [];
  let wake: (() => void) | null = null;
  let over = false;
  const end = (how: string) => (): void => {
    did.push(how);
    over = true;
    wake?.();
  };
  const made: StandingShell = {
    fresh,
    write(text) {
      did.push(text.split(' ')[0] ?? '');
      const word = /'([^']*)'/.exec(text)?.[1] ?? '';
      queue.push(...answer(word).map((piece) => new TextEncoder().encode(piece)));
      wake?.();
    },
    async read() {
      while (!over && queue.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return over ? null : (queue.shift() ?? null);
    },
    keep: () => void did.push('keep'),
    close: end('close'),
    giveUpLink: end('give up the link'),
    closed: Promise.resolve({ code: null }),
    diagnostics: () => '',
  };
  return { made, did };
}

const silent = (): string[] => [];
const says = (text: string) => (word: string) => [`\nT2K ${word}\nO\n${text}T2K ${word} C 0\nT2K ${word} Z\n`];

function lending(...shells: readonly { readonly made: StandingShell }[]): Transport {
  const left = shells.map(({ made }) => made);
  return {
    exec: () => Promise.reject(new Error('nobody asked for it')),
    async borrow() {
      const next = left.shift();
      if (next === undefined) throw new Error('no more shells');
      return ok(next);
    },
    close: async () => undefined,
  };
}

describe('a question', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is not written to a shell that does not say that it is there; its link is given up', async () => {
    const [dead, fresh] = [shell(false, silent), shell(true, says('hello'))];
    const answer = createAsking(lending(dead, fresh))(target, 'echo hello', {});
    await vi.advanceTimersByTimeAsync(8_000);
    expect(unwrap(await answer).output.toString()).toBe('hello');
    expect([dead.did, fresh.did]).toEqual([
      ['q_here', 'give up the link'],
      ['q_ask', 'keep'],
    ]);
  });

  it('that has less time than a dead link takes to show says nothing against the link', async () => {
    const [slow, next] = [shell(false, silent), shell(false, silent)];
    const answer = createAsking(lending(slow, next))(target, 'true', {}, { timeoutMs: 500 }).catch(() => 'no more');
    await vi.advanceTimersByTimeAsync(2_000);
    await answer;
    expect(slow.did).toEqual(['q_here', 'close']);
  });

  it('once written is not asked again', async () => {
    const [broken, other] = [shell(true, silent), shell(true, says('twice'))];
    const answer = createAsking(lending(broken, other))(target, 'true', {});
    await vi.advanceTimersByTimeAsync(0);
    broken.made.close();
    expect(told(await answer)).toBe('link_lost: testhost: the link was lost');
    expect(other.did).toEqual([]);
  });

  it('keeps a mebibyte of a host that sends on past its cap', async () => {
    const flood = shell(true, (word) => [
      `\nT2K ${word}\nO\n`,
      ...Array<string>(40).fill('x'.repeat(100_000)),
      `T2K ${word} C 3\nT2K ${word} Z\n`,
    ]);
    const { code, output, truncated } = unwrap(await createAsking(lending(flood))(target, 'true', {}));
    expect([code, output.length, truncated]).toEqual([3, 1024 * 1024, true]);
  });

  it('that cannot be quoted is refused before any host hears of it', async () => {
    expect(told(await createAsking(lending())(target, 'a\0b', {}))).toMatch(/^bad_arguments/);
  });
});
