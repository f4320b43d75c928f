import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createOpensshDriver } from '../../../../../src/adapters/ssh/openssh/driver.ts';
import { runProgram } from '../../../../../src/adapters/ssh/openssh/program.ts';
import type { HostTarget } from '../../../../../src/shell/transport.ts';
import { until } from '../../../../support/until.ts';

let dir: string;
let target: HostTarget;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'd-'));
  writeFileSync(join(dir, 'key'), 'no key at all', { mode: 0o600 });
  // Port 9 of the loopback: nobody listens there.
  target = {
    name: 'db1',
    address: '127.0.0.1',
    port: 9,
    user: 'deploy',
    hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvUz0mZWqTUP4rWJ0Y1n0hTkq9mCGyhnGrXv0nVb8aB'],
    key: { file: join(dir, 'key') },
    base: '/jobs',
  };
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true });
});

it('refuses without a place for its files, goes on once there is one again, and leaves nothing there', async () => {
  const driver = createOpensshDriver(1_000);
  const place = join(dir, 'gone');
  const refusalOf = async () => {
    const link = await driver.connect(target, { timeoutMs: 5_000 });
    return link.ok ? 'connected' : link.error.refusal;
  };
  vi.stubEnv('TMPDIR', place);
  expect(await refusalOf()).toMatchObject({
    code: 'bad_configuration',
    message: expect.stringMatching(/^ssh cannot have its files in \S+: ENOENT/),
  });
  vi.stubEnv('TMPDIR', dir);
  expect(await refusalOf()).toMatchObject({ code: 'host_unreachable' });
  vi.stubEnv('TMPDIR', mkdtempSync(join(dir, `${'long'.repeat(25)}-`)));
  expect(await refusalOf()).toMatchObject({ message: expect.stringContaining('control socket') });
  const left = readdirSync(dir, { recursive: true }).filter((name) => String(name).includes('twokey-ssh-'));
  expect(left).toEqual([]);
});

/** The processes that were told of this folder. */
function toldOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false;
    }
  });
}

it('gives up a connection that nobody has answered yet when it is disposed of, and no ssh outlives it', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  vi.stubEnv('TMPDIR', dir);
  const driver = createOpensshDriver(60_000);
  const address = silent.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const link = driver.connect({ ...target, port }, { timeoutMs: 60_000 });
  await until('ssh connects', () => toldOf(dir).length > 0);
  await driver.dispose();
  expect(toldOf(dir)).toEqual([]);
  expect(await link).toMatchObject({ ok: false, error: { refusal: { message: /Twokey is stopping$/ } } });
  expect(readdirSync(dir)).toEqual(['key']);
  silent.close();
});

it('tells a program that is not there from one that cannot be started', async () => {
  expect((await runProgram('no-such-program', [], { timeoutMs: 1_000 })).notStarted).toMatchObject({ code: 'ENOENT' });
  writeFileSync(join(dir, 'plain'), '', { mode: 0o600 });
  expect((await runProgram(join(dir, 'plain'), [], { timeoutMs: 1_000 })).notStarted).toMatchObject({ code: 'EACCES' });
});

it('goes on where this machine has no descriptor left for another program', () => {
  const program = new URL('../../../../../src/adapters/ssh/openssh/program.ts', import.meta.url).href;
  const script = `
    import { openSync } from 'node:fs';
    const { runProgram, spawnSsh } = await import('${program}');
    try { for (;;) openSync('/dev/null'); } catch {}
    const ssh = spawnSsh(['-V']);
    const { notStarted } = await runProgram('ssh', ['-V'], { timeoutMs: 1000 });
    process.stdout.write(String(ssh) + ' ' + notStarted.code);
  `;
  const few = ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script];
  const { stdout, stderr } = spawnSync('/bin/sh', few, { encoding: 'utf8' });
  expect(`${stdout}${stderr}`).toBe('null EMFILE');
});
