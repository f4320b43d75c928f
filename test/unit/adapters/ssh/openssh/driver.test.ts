import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createOpensshDriver } from '../../../../../src/adapters/ssh/openssh/driver.ts';
import type { HostTarget } from '../../../../../src/shell/transport.ts';

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
