import { describe, expect, it } from 'vitest';
import { createHosts, targetOf } from '../../../../src/adapters/ssh/hosts.ts';
import { CodedError, ERROR_CODES } from '../../../../src/kernel/errors.ts';
import type { Jobs } from '../../../../src/shell/jobs.ts';
import { estate, hostInput } from '../../../support/builders.ts';

const its = estate(
  [
    hostInput('app1', { jump: 'gate' }),
    hostInput('gate'),
    { name: 'box', address: 'db.example.com', shell: 'none', roles: ['db'] },
  ],
  [],
);
const host = (name: string) => {
  const found = its.hosts.get(name);
  if (!found) throw new Error(`no host ${name}`);
  return found;
};
const own = { secrets: { read: () => Promise.reject(new Error('there is no secret')) }, agentSocket: undefined };
const never = (): never => {
  throw new Error('nobody may connect');
};
const jobs: Jobs = {
  run: never,
  start: never,
  follow: never,
  kill: never,
  probe: never,
  state: never,
  void: never,
  remove: never,
  strip: never,
};

describe('a host without a shell', () => {
  it('has no way to it; others have theirs, with the bastions', () => {
    expect(targetOf(its, host('box'), own)).toMatchObject({ ok: false, error: { code: 'no_shell' } });
    expect(targetOf(its, host('app1'), own)).toMatchObject({
      ok: true,
      value: { user: 'deploy', jump: { name: 'gate', key: { file: '/etc/twokey/key' } } },
    });
  });

  it('is never connected to, whatever is asked of it', async () => {
    const hosts = createHosts(jobs, () => Promise.resolve(its), own);
    const refused = { ok: false, error: { code: 'no_shell', next: ERROR_CODES.no_shell.next } };
    expect(await hosts.run(host('box'), 'true', {})).toMatchObject(refused);
    expect(await hosts.start(host('box'), { jid: 'x', body: 'true', params: {} })).toMatchObject(refused);
    expect(await hosts.kill(host('box'), 'x', 1)).toMatchObject(refused);
    expect(await hosts.remove(host('box'), 'x')).toMatchObject(refused);
    const follow = hosts.follow(host('box'), 'x', 0, new AbortController().signal)[Symbol.asyncIterator]();
    await expect(follow.next()).rejects.toThrow(CodedError);
  });
});
