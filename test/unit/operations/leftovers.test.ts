import { expect, it } from 'vitest';
import { type ErrorCode, refusal } from '../../../src/kernel/errors.ts';
import { err, ok } from '../../../src/kernel/result.ts';
import { type Leftover, removeLeftovers } from '../../../src/operations/leftovers.ts';
import type { HostPort } from '../../../src/operations/ports.ts';
import { estate, hostInput, siteInput } from '../../support/builders.ts';

/** Goes one round over these folders; hosts in `away` do not answer. Answers what was asked of whom, and what was noted. */
async function round(
  due: readonly Leftover[],
  away: readonly string[],
  signal = new AbortController().signal,
  code: ErrorCode = 'host_unreachable',
) {
  const asked: string[] = [];
  const removed: string[] = [];
  const tried: string[] = [];
  const never = (): never => {
    throw new Error('nothing else is asked of a host');
  };
  const hosts: HostPort = {
    run: never,
    start: never,
    follow: never,
    kill: never,
    remove: never,
    async strip(host, jid) {
      asked.push(`${host.name} ${jid}`);
      return away.includes(host.name) ? err(refusal(code, `${host.name} does not answer`)) : ok(true);
    },
  };
  const its = estate([hostInput('a'), hostInput('b'), hostInput('box', { shell: 'none' })], [siteInput('acme', 'a')]);
  const book = {
    due: async () => due,
    removed: async (jid: string) => void removed.push(jid),
    tried: async (jid: string) => void tried.push(jid),
  };
  await removeLeftovers({ book, hosts, estate: async () => its }, signal);
  return { asked, removed, tried };
}

it('a host that does not answer is asked once a round, and the others go on', async () => {
  const due = [
    { jid: '1', host: 'a' },
    { jid: '2', host: 'a' },
    { jid: '3', host: 'b' },
  ];
  expect(await round(due, ['a'])).toEqual({ asked: ['a 1', 'b 3'], removed: ['3'], tried: ['1', '2'] });
});

it('a folder that cannot be removed, or whose job still lives, keeps none of the others on its host', async () => {
  const due = [
    { jid: '1', host: 'a' },
    { jid: '2', host: 'a' },
  ];
  for (const code of ['operation_ended', 'precheck_failed'] as const)
    expect(await round(due, ['a'], undefined, code)).toEqual({ asked: ['a 1', 'a 2'], removed: [], tried: ['1', '2'] });
});

it('what lies on a host that the estate has not any more, or that has no shell, is not looked for again', async () => {
  const due = [
    { jid: '1', host: 'gone' },
    { jid: '2', host: 'box' },
  ];
  expect(await round(due, [])).toEqual({ asked: [], removed: ['1', '2'], tried: [] });
});

it('ends when Twokey ends', async () => {
  expect(await round([{ jid: '1', host: 'a' }], [], AbortSignal.abort())).toEqual({
    asked: [],
    removed: [],
    tried: [],
  });
});
